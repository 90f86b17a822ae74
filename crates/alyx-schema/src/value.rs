//! A field's value in memory, in the form in which it is stored.

use serde_json::Value as Json;

use crate::{
    Collection, Field, FieldName,
    document::FieldFault,
    field_type::{Wrong, blob},
};

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

    /// Reads JSON with the field's type, as in a `where`; limits such as `maxLength` are not looked at.
    ///
    /// # Errors
    /// The JSON is no value of the type.
    pub fn from_json(field: &Field, json: &Json) -> Result<Self, FieldFault> {
        field.value_type.read_json(json).map_err(|wrong| fault(field, wrong))
    }

    /// Reads a text with the field's type, as in a REST filter; limits such as `maxLength` are not looked at.
    ///
    /// # Errors
    /// The text is no value of the type.
    pub fn from_text(field: &Field, text: &str) -> Result<Self, FieldFault> {
        field.value_type.read_text(text).map_err(|wrong| fault(field, wrong))
    }

    /// The value as clients see it; bytes are base64.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::from(*value),
            Self::Int(value) => Json::from(*value),
            Self::Float(value) => Json::from(*value),
            Self::Text(value) => Json::from(value.as_str()),
            Self::Blob(bytes) => Json::from(blob::encode(bytes)),
            Self::Json(value) => value.clone(),
        }
    }
}

fn fault(field: &Field, Wrong { code, message }: Wrong) -> FieldFault {
    FieldFault { field: field.name.as_str().to_owned(), code, message: message.into_owned() }
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
