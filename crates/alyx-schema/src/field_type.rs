//! The table of field types: one file a type, from which the parser, the reading of values, the
//! reference of options and the editor's JSON Schema all come.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::{FieldType, Format, Storage, Value};

pub(crate) mod blob;
mod bool;
mod date;
mod email;
mod float;
mod id;
mod int;
pub(crate) mod json;
mod relation;
pub(crate) mod richtext;
mod select;
mod string;
mod text;
mod timestamp;
mod url;
mod uuid;

/// What a type is called, takes and reads.
pub(crate) struct Definition {
    /// Its name in the schema.
    pub(crate) name: &'static str,
    /// One sentence for editors.
    pub(crate) summary: &'static str,
    /// What a value must be, for messages: `must be {expected}`.
    pub(crate) expected: &'static str,
    /// Options besides [`COMMON_OPTIONS`].
    pub(crate) options: &'static [&'static str],
    /// The word that `default:` takes besides a literal.
    pub(crate) generated: Option<&'static str>,
    /// How a value is read.
    pub(crate) reading: Reading,
}

/// Options that every type takes.
pub(crate) const COMMON_OPTIONS: &[&str] = &["type", "nullable", "default", "internal", "read", "write", "validate"];

/// How a value is read from JSON and from text.
pub(crate) enum Reading {
    /// A JSON string, brought into canonical form.
    Text(fn(&str) -> Result<String, Wrong>),
    /// Anything else.
    Other {
        /// From JSON that is not null.
        json: fn(&Json) -> Option<Result<Value, Wrong>>,
        /// From the text of a query parameter.
        text: fn(&str) -> Option<Result<Value, Wrong>>,
    },
}

/// Why a value is not one of the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Stable word.
    pub(crate) code: &'static str,
    /// What it must be.
    pub(crate) message: Cow<'static, str>,
}

impl Wrong {
    pub(crate) fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// The JSON type fits and the text does not.
    fn format(definition: &Definition) -> Self {
        Self::new("FORMAT", format!("must be {}", definition.expected))
    }
}

impl FieldType {
    /// Every type, in the order of the reference.
    pub const ALL: [Self; 16] = [
        Self::Uuid,
        Self::Id,
        Self::String,
        Self::Text,
        Self::Int,
        Self::Float,
        Self::Bool,
        Self::Timestamp,
        Self::Date,
        Self::Email,
        Self::Url,
        Self::Select,
        Self::Richtext,
        Self::Relation,
        Self::Json,
        Self::Blob,
    ];

    /// The type of this name in a schema.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field_type| field_type.name() == name)
    }

    /// Its name in a schema.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// Whether its values are plain text to a reader: every type stored as text but `json`.
    #[must_use]
    pub fn is_textual(self) -> bool {
        self.storage() == Storage::Text && self != Self::Json
    }

    /// Whether the type takes the option of this name.
    pub(crate) fn takes(self, option: &str) -> bool {
        COMMON_OPTIONS.contains(&option) || self.definition().options.contains(&option)
    }

    pub(crate) fn definition(self) -> &'static Definition {
        match self {
            Self::Uuid => &uuid::DEFINITION,
            Self::Id => &id::DEFINITION,
            Self::String => &string::DEFINITION,
            Self::Text => &text::DEFINITION,
            Self::Int => &int::DEFINITION,
            Self::Float => &float::DEFINITION,
            Self::Bool => &bool::DEFINITION,
            Self::Timestamp => &timestamp::DEFINITION,
            Self::Date => &date::DEFINITION,
            Self::Email => &email::DEFINITION,
            Self::Url => &url::DEFINITION,
            Self::Select => &select::DEFINITION,
            Self::Richtext => &richtext::DEFINITION,
            Self::Relation => &relation::DEFINITION,
            Self::Json => &json::DEFINITION,
            Self::Blob => &blob::DEFINITION,
        }
    }

    /// Reads JSON as a value of this type; null is null.
    pub(crate) fn read_json(self, json: &Json) -> Result<Value, Wrong> {
        if json.is_null() {
            return Ok(Value::Null);
        }
        let definition = self.definition();
        let read = match definition.reading {
            Reading::Text(canonical) => json.as_str().map(|text| read_text(text, canonical)),
            Reading::Other { json: read, .. } => read(json),
        };
        read.unwrap_or_else(|| Err(Wrong::new("TYPE", format!("must be {}", definition.expected))))
    }

    /// Reads the text of a query parameter as a value of this type.
    pub(crate) fn read_text(self, text: &str) -> Result<Value, Wrong> {
        let definition = self.definition();
        let read = match definition.reading {
            Reading::Text(canonical) => Some(read_text(text, canonical)),
            Reading::Other { text: read, .. } => read(text),
        };
        read.unwrap_or_else(|| Err(Wrong::new("TYPE", format!("must be {}", definition.expected))))
    }
}

fn read_text(text: &str, canonical: fn(&str) -> Result<String, Wrong>) -> Result<Value, Wrong> {
    if text.contains('\0') {
        return Err(Wrong::new("FORMAT", "must not contain the character U+0000"));
    }
    canonical(text).map(Value::Text)
}

/// Text that is stored as it is.
fn as_written(text: &str) -> Result<String, Wrong> {
    Ok(text.to_owned())
}

/// Whether `text` has the named format.
pub(crate) fn has_format(text: &str, format: Format) -> bool {
    let canonical = match format {
        Format::Email => email::canonical,
        Format::Url => url::canonical,
        Format::Uuid => uuid::canonical,
    };
    canonical(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_found_by_its_name() {
        for field_type in FieldType::ALL {
            assert_eq!(FieldType::from_name(field_type.name()), Some(field_type));
        }
    }

    #[test]
    fn ids_are_textual_and_json_is_not() {
        assert!(FieldType::Id.is_textual());
        assert!(!FieldType::Json.is_textual());
        assert!(!FieldType::Int.is_textual());
    }
}
