//! `string`: text, usually short and often limited in length.

use super::{Definition, Reading, as_written};

pub(super) const DEFINITION: Definition = Definition {
    name: "string",
    summary: "Text, usually one line; limits are optional.",
    expected: "a text",
    options: &[
        "primary",
        "unique",
        "index",
        "references",
        "onDelete",
        "minLength",
        "maxLength",
        "format",
        "pattern",
        "enum",
    ],
    generated: None,
    reading: Reading::Text(as_written),
};
