//! The JSON Schema of a `json` field, compiled once. It can refer to nothing outside itself.

use std::{fmt, ops::Deref, sync::Arc};

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value as Json;

/// Most faults reported for one value.
const MAX_FAULTS: usize = 20;

/// Longest message, in characters.
const MAX_MESSAGE: usize = 300;

/// A JSON Schema (draft 2020-12) as written, with its validator; equal when written alike.
#[derive(Clone)]
pub struct JsonSchema {
    source: Arc<Json>,
    validator: Arc<Validator>,
}

/// Why a JSON Schema is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JsonSchemaError(String);

impl JsonSchema {
    /// Compiles the schema; a `$ref` to anything outside it is refused.
    ///
    /// # Errors
    /// It is no valid JSON Schema.
    pub fn parse(source: Json) -> Result<Self, JsonSchemaError> {
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_pattern_options(PatternOptions::regex())
            .should_validate_formats(true)
            .offline()
            .build(&source)
            .map_err(|error| JsonSchemaError(error.to_string()))?;
        Ok(Self { source: Arc::new(source), validator: Arc::new(validator) })
    }

    /// The schema as written.
    #[must_use]
    pub fn source(&self) -> &Json {
        &self.source
    }

    /// What is wrong with `value`, each with its place in it; empty when nothing is.
    #[must_use]
    pub fn faults(&self, value: &Json) -> Vec<String> {
        if self.validator.is_valid(value) {
            return Vec::new();
        }
        let described = self.validator.iter_errors(value).take(MAX_FAULTS).map(|error| {
            // Masked: the message must not repeat the value, which may be megabytes.
            let path = error.instance_path().to_string();
            let told = if path.is_empty() { error.masked().to_string() } else { format!("{path}: {}", error.masked()) };
            told.chars().take(MAX_MESSAGE).collect()
        });
        described.collect()
    }
}

impl Deref for JsonSchema {
    type Target = Json;

    fn deref(&self) -> &Json {
        &self.source
    }
}

impl PartialEq for JsonSchema {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Debug for JsonSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)
    }
}

impl serde::Serialize for JsonSchema {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.source.serialize(serializer)
    }
}
