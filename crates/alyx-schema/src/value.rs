//! A field's value in memory, in the form in which it is stored.

use crate::{Collection, FieldName};

/// One value of a document, in its storage form.
///
/// Timestamps, dates, ids, e-mails and the like are `Text` in canonical form (timestamps RFC 3339
/// UTC with milliseconds, so that text order is time order). `Json` holds canonical JSON: object
/// keys sorted, integral floats as integers, so that equal JSON is equal text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// `bool`.
    Bool(bool),
    /// `int`.
    Int(i64),
    /// `float`: finite, and never `-0.0`.
    Float(f64),
    /// Every textual type.
    Text(String),
    /// `blob`: raw bytes (base64 only in JSON).
    Blob(Vec<u8>),
    /// `json`: canonical JSON.
    Json(serde_json::Value),
}

impl Value {
    /// Whether this is [`Value::Null`].
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// A whole document: one value a field, in the order of [`Collection::fields`].
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Values by field index.
    pub values: Vec<Value>,
}

impl Document {
    /// The value of the named field, if the collection has it.
    #[must_use]
    pub fn value(&self, collection: &Collection, field: &FieldName) -> Option<&Value> {
        self.values.get(collection.field_index(field.as_str())?)
    }
}
