//! `blob`: bytes, base64 in JSON.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value as Json;

use super::{Definition, Reading, Wrong};
use crate::Value;

pub(super) const DEFINITION: Definition = Definition {
    name: "blob",
    summary: "Bytes; base64 in JSON.",
    expected: "bytes in base64",
    options: &["minLength", "maxLength"],
    generated: None,
    reading: Reading::Other { json, text },
};

fn json(json: &Json) -> Option<Result<Value, Wrong>> {
    text(json.as_str()?)
}

fn text(text: &str) -> Option<Result<Value, Wrong>> {
    Some(STANDARD.decode(text).map(Value::Blob).map_err(|_| Wrong::format(&DEFINITION)))
}

/// Bytes as they are sent.
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
