//! Values from JSON and from stored documents.

use alyx_schema::Value as Stored;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value as Json;

use super::{Key, Map, Value};
use crate::{
    error::{Error, Result},
    shape::{Item, Shape},
    time::Timestamp,
};

/// JSON as a value: whole numbers are ints, all others doubles.
pub(crate) fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => from_float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::string(text.as_str()),
        Json::Array(items) => Value::list(items.iter().map(from_json).collect()),
        Json::Object(entries) => {
            let mut map = Map::default();
            for (key, value) in entries {
                // The keys of a JSON object are all different.
                let _ = map.insert(Key::String(key.as_str().into()), from_json(value));
            }
            Value::map(map)
        }
    }
}

fn from_float(number: f64) -> Value {
    whole(number).map_or(Value::Double(number), Value::Int)
}

/// The integer that a float exactly is, up to where floats tell integers apart (2^53).
#[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
pub(crate) fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

/// A stored value as a rule sees it.
pub(crate) fn from_stored(shape: Shape, stored: &Stored) -> Result<Value> {
    match (shape, stored) {
        (_, Stored::Null) => Ok(Value::Null),
        (Shape::Item(item), stored) => match stored {
            Stored::Bool(flag) => Ok(Value::Bool(*flag)),
            Stored::Int(number) => Ok(Value::Int(*number)),
            Stored::Float(number) => Ok(Value::Double(*number)),
            Stored::Text(text) if item == Item::Timestamp => stored_time(text),
            Stored::Text(text) => Ok(Value::string(text.as_str())),
            Stored::Blob(bytes) => Ok(Value::bytes(bytes.as_slice())),
            Stored::Json(json) => element(item, json),
            Stored::Null => Ok(Value::Null),
        },
        (Shape::Json, Stored::Json(json)) => Ok(from_json(json)),
        (Shape::List(item), Stored::Json(Json::Array(items))) => {
            items.iter().map(|json| element(item, json)).collect::<Result<_>>().map(Value::list)
        }
        _ => Err(Error::Stored),
    }
}

/// An item of a JSON array whose items are of a type.
fn element(item: Item, json: &Json) -> Result<Value> {
    match (item, json) {
        (Item::Timestamp, Json::String(text)) => stored_time(text),
        (Item::Bytes, Json::String(text)) => STANDARD.decode(text).map(Value::bytes).map_err(|_| Error::Stored),
        (Item::Double, Json::Number(number)) => number.as_f64().map(Value::Double).ok_or(Error::Stored),
        _ => Ok(from_json(json)),
    }
}

fn stored_time(text: &str) -> Result<Value> {
    Timestamp::parse(text).map(Value::Timestamp).ok_or(Error::Stored)
}
