//! Values and items as a query writes them, read with the type of the field they are compared with.

use alyx_schema::{Field, FieldType, JsonShape, Value};
use serde_json::Value as Json;

/// Reads text as a value of the field.
pub(crate) fn from_text(field: &Field, text: &str) -> Result<Value, String> {
    Value::from_text(field, text).map_err(|fault| fault.message)
}

/// Reads JSON as a value of the field; null is null.
pub(crate) fn from_json(field: &Field, json: &Json) -> Result<Value, String> {
    Value::from_json(field, json).map_err(|fault| fault.message)
}

/// An item to look for in the arrays of a JSON field: a scalar in canonical form, of the type that
/// `items:` declares.
pub(crate) fn item(field: &Field, item: &Json) -> Result<Json, String> {
    let expected = match field.json_shape {
        Some(JsonShape::Items(items)) => items,
        _ => FieldType::Json,
    };
    if !is_item(expected, item) {
        return Err(match expected {
            FieldType::Json => "must be null, true, false, a number or a string".to_owned(),
            other => format!("must be of type {}, which the items have", other.name()),
        });
    }
    match from_json(field, item)? {
        Value::Json(item) => Ok(item),
        _ => Ok(Json::Null),
    }
}

fn is_item(expected: FieldType, item: &Json) -> bool {
    match (expected, item) {
        (_, Json::Array(_) | Json::Object(_)) => false,
        (_, Json::Null) | (FieldType::Json, _) => true,
        (FieldType::Bool, _) => item.is_boolean(),
        (FieldType::Int | FieldType::Float, _) => item.is_number(),
        _ => item.is_string(),
    }
}
