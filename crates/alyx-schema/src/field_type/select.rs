//! `select`: one of `values:`; the list itself is checked with the other limits.

use super::{Definition, Reading, as_written};

pub(super) const DEFINITION: Definition = Definition {
    name: "select",
    summary: "One of the texts under `values:`.",
    expected: "a text",
    options: &["unique", "index", "values"],
    generated: None,
    reading: Reading::Text(as_written),
};
