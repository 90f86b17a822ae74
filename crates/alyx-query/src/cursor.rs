//! Cursors as clients see them: opaque text that continues one order and no other.

use alyx_schema::{Collection, Field, FieldType, Order, Storage, Value};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value as Json;

use crate::{Cursor, ErrorCode, FieldRef, QueryError, SortKey};

impl Cursor {
    /// The text for clients: base64url, without padding, of JSON.
    ///
    /// `sort` is the order of the query that the place belongs to.
    #[must_use]
    pub fn encode(&self, collection: &Collection, sort: &[SortKey]) -> String {
        let mut parts = vec![Json::String(fingerprint(collection, sort))];
        parts.extend(self.values.iter().map(to_json));
        URL_SAFE_NO_PAD.encode(Json::Array(parts).to_string())
    }

    /// Reads a cursor for this order; one of another order or collection, and a damaged one, is refused.
    pub fn decode(text: &str, collection: &Collection, sort: &[SortKey]) -> Result<Self, QueryError> {
        let refused = |message: &str| QueryError::new("cursor", ErrorCode::InvalidCursor, text, message);
        let damaged = || refused("this cursor is damaged");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| damaged())?;
        let Ok(Json::Array(parts)) = serde_json::from_slice(&bytes) else { return Err(damaged()) };
        let Some((Json::String(mark), values)) = parts.split_first() else { return Err(damaged()) };
        if *mark != fingerprint(collection, sort) {
            return Err(refused("this cursor belongs to a query with another sort or collection"));
        }
        if values.len() != sort.len() {
            return Err(damaged());
        }
        let read = |(key, json): (&SortKey, &Json)| from_json(key.field.field(collection), json);
        let values: Option<Vec<_>> = sort.iter().zip(values).map(read).collect();
        values.map(|values| Self { values }).ok_or_else(damaged)
    }
}

/// Floats and bytes go as text, since JSON numbers need not survive a round trip to the last bit.
fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Int(number) => Json::from(*number),
        Value::Float(number) => Json::String(number.to_string()),
        Value::Text(text) => Json::String(text.clone()),
        Value::Blob(bytes) => Json::String(URL_SAFE_NO_PAD.encode(bytes)),
        Value::Json(json) => Json::String(json.to_string()),
    }
}

fn from_json(field: &Field, json: &Json) -> Option<Value> {
    if json.is_null() {
        return (!field.primary).then_some(Value::Null);
    }
    Some(match (field.value_type, field.value_type.storage()) {
        (FieldType::Bool, _) => Value::Bool(json.as_bool()?),
        (FieldType::Json, _) => Value::Json(serde_json::from_str(json.as_str()?).ok()?),
        (_, Storage::Integer) => Value::Int(json.as_i64()?),
        (_, Storage::Real) => Value::Float(json.as_str()?.parse().ok().filter(|number: &f64| number.is_finite())?),
        (_, Storage::Text) => Value::Text(json.as_str().filter(|text| !text.contains('\0'))?.to_owned()),
        (_, Storage::Blob) => Value::Blob(URL_SAFE_NO_PAD.decode(json.as_str()?).ok()?),
    })
}

/// What ties a cursor to its collection and order: FNV-1a over names, directions and types.
fn fingerprint(collection: &Collection, sort: &[SortKey]) -> String {
    let mut hash = hashed(0xcbf2_9ce4_8422_2325, collection.name.as_str());
    for SortKey { field, order } in sort {
        let direction = match order {
            Order::Ascending => "+",
            Order::Descending => "-",
        };
        hash = hashed(hashed(hash, direction), field.name.as_str());
        hash = hashed(hash, field_type(collection, field).name());
    }
    format!("{hash:016x}")
}

fn field_type(collection: &Collection, field: &FieldRef) -> FieldType {
    field.field(collection).value_type
}

fn hashed(hash: u64, text: &str) -> u64 {
    // The byte at the end keeps neighbouring words apart.
    text.bytes().chain([0]).fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
