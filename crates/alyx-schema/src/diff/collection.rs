//! Collections.
use crate::Schema;
use super::SchemaChange;
pub(super) fn diff(_: &Schema, _: &Schema) -> Vec<SchemaChange> { Vec::new() }
