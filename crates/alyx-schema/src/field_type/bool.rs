//! `bool`: `true` or `false`.

use serde_json::Value as Json;

use super::{Definition, Reading, Wrong};
use crate::Value;

pub(super) const DEFINITION: Definition = Definition {
    name: "bool",
    summary: "`true` or `false`.",
    expected: "true or false",
    options: &["unique", "index"],
    generated: None,
    reading: Reading::Other { json, text },
};

fn json(json: &Json) -> Option<Result<Value, Wrong>> {
    json.as_bool().map(Value::Bool).map(Ok)
}

fn text(text: &str) -> Option<Result<Value, Wrong>> {
    text.parse().ok().map(Value::Bool).map(Ok)
}
