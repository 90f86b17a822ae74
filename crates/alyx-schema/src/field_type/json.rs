//! `json`: any JSON, kept canonical: object keys sorted, integral floats within 2^53 as integers.

use serde_json::{Map, Number, Value as Json};

use super::{Definition, Reading, Wrong, int};
use crate::Value;

/// Deepest nesting of arrays and objects.
pub(crate) const MAX_DEPTH: usize = 64;

pub(super) const DEFINITION: Definition = Definition {
    name: "json",
    summary: "Any JSON; `items:` or `schema:` says what it looks like.",
    expected: "JSON",
    options: &["items", "schema"],
    generated: None,
    reading: Reading::Other { json, text },
};

fn json(json: &Json) -> Option<Result<Value, Wrong>> {
    Some(canonical(json, MAX_DEPTH).map(Value::Json))
}

fn text(text: &str) -> Option<Result<Value, Wrong>> {
    match serde_json::from_str(text).ok()? {
        Json::Null => Some(Ok(Value::Null)),
        value => json(&value),
    }
}

/// The canonical form of `json`, of which at most `depth` levels may be arrays and objects.
pub(crate) fn canonical(json: &Json, depth: usize) -> Result<Json, Wrong> {
    match json {
        Json::Null | Json::Bool(_) => Ok(json.clone()),
        Json::Number(number) => Ok(Json::Number(canonical_number(number))),
        Json::String(text) => printable(text).map(|text| Json::String(text.to_owned())),
        Json::Array(items) => {
            let depth = deeper(depth)?;
            items.iter().map(|item| canonical(item, depth)).collect()
        }
        Json::Object(entries) => object(entries, deeper(depth)?).map(Json::Object),
    }
}

/// Keys are inserted in order, which holds whether the map sorts them by itself or keeps insertion order.
fn object(entries: &Map<String, Json>, depth: usize) -> Result<Map<String, Json>, Wrong> {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_unstable_by_key(|(key, _)| *key);
    sorted.into_iter().map(|(key, value)| Ok((printable(key)?.to_owned(), canonical(value, depth)?))).collect()
}

fn canonical_number(number: &Number) -> Number {
    if number.is_i64() {
        return number.clone();
    }
    // What is left is a float or larger than any i64: to everyone who reads JSON, a float.
    let Some(float) = number.as_f64() else { return number.clone() };
    match int::whole(float) {
        Some(int) => int.into(),
        None => Number::from_f64(float).unwrap_or_else(|| number.clone()),
    }
}

fn deeper(depth: usize) -> Result<usize, Wrong> {
    depth
        .checked_sub(1)
        .ok_or_else(|| Wrong::new("DEPTH", format!("must not be nested deeper than {MAX_DEPTH} levels")))
}

fn printable(text: &str) -> Result<&str, Wrong> {
    if text.contains('\0') { Err(Wrong::new("FORMAT", "must not contain the character U+0000")) } else { Ok(text) }
}
