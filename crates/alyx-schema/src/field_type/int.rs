//! `int`: a 64-bit signed integer.

use serde_json::Value as Json;

use super::{Definition, Reading, Wrong};
use crate::Value;

/// Up to here every integer is a float of its own (2^53).
const EXACT: f64 = 9_007_199_254_740_992.0;

pub(super) const DEFINITION: Definition = Definition {
    name: "int",
    summary: "A whole number of 64 bits.",
    expected: "a whole number",
    options: &["primary", "unique", "index", "references", "onDelete", "min", "max", "enum"],
    generated: None,
    reading: Reading::Other { json, text },
};

fn json(json: &Json) -> Option<Result<Value, Wrong>> {
    let Json::Number(number) = json else { return None };
    if let Some(int) = number.as_i64() {
        return Some(Ok(Value::Int(int)));
    }
    let float = number.as_f64()?;
    if float.fract() != 0.0 {
        return None;
    }
    Some(whole(float).map(Value::Int).ok_or_else(out_of_range))
}

fn text(text: &str) -> Option<Result<Value, Wrong>> {
    if let Ok(int) = text.parse() {
        return Some(Ok(Value::Int(int)));
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let too_large = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    too_large.then(|| Err(out_of_range()))
}

fn out_of_range() -> Wrong {
    Wrong::new("RANGE", "must be a whole number of 64 bits, -9223372036854775808 to 9223372036854775807")
}

/// A float as the integer that it exactly is.
#[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53, so the cast is exact")]
pub(super) fn whole(float: f64) -> Option<i64> {
    (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i64)
}
