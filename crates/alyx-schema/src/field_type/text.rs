//! `text`: text meant to be long.

use super::{Definition, Reading, as_written};

pub(super) const DEFINITION: Definition = Definition {
    name: "text",
    summary: "Text meant to be long; limits are optional.",
    expected: "a text",
    options: &["unique", "index", "references", "onDelete", "minLength", "maxLength", "format", "pattern", "enum"],
    generated: None,
    reading: Reading::Text(as_written),
};
