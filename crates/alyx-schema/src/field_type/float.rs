//! `float`: a finite 64-bit float, never `-0.0`.

use serde_json::Value as Json;

use super::{Definition, Reading, Wrong};
use crate::Value;

pub(super) const DEFINITION: Definition = Definition {
    name: "float",
    summary: "A number with a fraction, 64 bits, never infinite.",
    expected: "a number",
    options: &["unique", "index", "min", "max", "enum"],
    generated: None,
    reading: Reading::Other { json, text },
};

fn json(json: &Json) -> Option<Result<Value, Wrong>> {
    Some(Ok(Value::Float(finite(json.as_f64()?)?)))
}

fn text(text: &str) -> Option<Result<Value, Wrong>> {
    Some(Ok(Value::Float(finite(text.parse().ok()?)?)))
}

fn finite(float: f64) -> Option<f64> {
    // Adding a positive zero turns -0.0 into 0.0 and changes nothing else.
    float.is_finite().then_some(float + 0.0)
}
