//! `relation`: a document of another collection; its values are read as the type of that one's primary field.

use super::{Definition, Reading, as_written};

pub(super) const DEFINITION: Definition = Definition {
    name: "relation",
    summary: "The primary key of a document in `collection:`; a real foreign key.",
    expected: "the primary key of a document",
    options: &["unique", "index", "collection", "onDelete"],
    generated: None,
    reading: Reading::Text(as_written),
};
