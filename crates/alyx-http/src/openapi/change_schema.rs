//! JSON Schema of what a write takes for one field: its value, and in an update an operator in its place.

use alyx_schema::{Field, FieldType, JsonShape, document::operators};
use serde_json::{Map, Value as Json, json};

use super::field_schema;

/// What a create takes for the field.
pub(super) fn of_value(field: &Field) -> Json {
    let mut schema = field_schema::of_field(field);
    if field.field_type == FieldType::Json && field.json_shape.is_none() {
        // Such a key is that of an operator, or a slip in one.
        schema["propertyNames"] = json!({"pattern": "^([^$]|$)"});
    }
    schema
}

/// What an update takes for the field.
pub(super) fn of_change(field: &Field) -> Json {
    let operators: Map<String, Json> =
        operators(field).iter().map(|name| ((*name).to_owned(), operand(name, field))).collect();
    if operators.is_empty() {
        return of_value(field);
    }
    let operator = json!({
        "type": "object",
        "description": "An operator, which makes the new value out of the stored one.",
        "properties": operators,
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
    });
    json!({"anyOf": [of_value(field), operator]})
}

fn operand(name: &str, field: &Field) -> Json {
    match (name, field.field_type) {
        ("$pull", _) => item(field),
        (_, FieldType::Json) => json!({"anyOf": [item(field), {
            "type": "object",
            "properties": {"$each": {"type": "array", "items": any_item(field)}},
            "required": ["$each"],
            "additionalProperties": false,
        }]}),
        _ => field_schema::of_type(field.value_type),
    }
}

/// An item that stands alone and cannot be taken for something else.
fn item(field: &Field) -> Json {
    let mut item = any_item(field);
    if item.get("type").is_none() {
        item["propertyNames"] = json!({"pattern": "^([^$]|$)"});
    }
    item
}

fn any_item(field: &Field) -> Json {
    match &field.json_shape {
        Some(JsonShape::Items(item_type)) => field_schema::of_type(*item_type),
        _ => json!({}),
    }
}
