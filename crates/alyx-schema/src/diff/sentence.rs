//! A change in words.
use super::SchemaChange;
pub(super) fn sentence(_: &SchemaChange) -> String { String::new() }
