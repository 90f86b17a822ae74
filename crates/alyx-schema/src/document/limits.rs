//! One value against its field: type, null, limits.

use serde_json::Value as Json;

use super::FieldFault;
use crate::{
    Constraints, Field, FieldType, JsonShape, Value,
    field_type::{Wrong, has_format, json, richtext},
};

/// Most allowed values listed in a message.
const MAX_LISTED: usize = 20;

/// The value to store, or faults; sanitised where the type asks for it.
pub(crate) fn accept(field: &Field, json: &Json, faults: &mut Vec<FieldFault>) -> Option<Value> {
    if json.is_null() {
        if !field.nullable {
            push(field, faults, "REQUIRED", "must not be null".to_owned());
        }
        return Some(Value::Null);
    }
    match read(field, json) {
        Ok(value) => {
            check(field, &value, faults);
            Some(value)
        }
        Err(Wrong { code, message }) => {
            push(field, faults, code, message.into_owned());
            None
        }
    }
}

fn read(field: &Field, json: &Json) -> Result<Value, Wrong> {
    match (field.value_type.read_json(json)?, &field.json_shape) {
        (Value::Text(html), _) if field.value_type == FieldType::Richtext => richtext::sanitise(&html).map(Value::Text),
        (Value::Json(list), Some(JsonShape::Items(item_type))) => items(list, *item_type),
        (value, _) => Ok(value),
    }
}

/// Each item in the canonical form of its type.
fn items(list: Json, item_type: FieldType) -> Result<Value, Wrong> {
    let Json::Array(list) = list else { return Err(Wrong::new("ITEMS", "must be a list")) };
    let mut items = Vec::with_capacity(list.len());
    for (index, json) in list.iter().enumerate() {
        match item(json, item_type) {
            Ok(value) => items.push(value),
            Err(Wrong { message, .. }) => {
                return Err(Wrong::new("ITEMS", format!("has a wrong item {index}: it {message}")));
            }
        }
    }
    Ok(Value::Json(Json::Array(items)))
}

/// An item in the canonical form of its type.
pub(super) fn item(json: &Json, item_type: FieldType) -> Result<Json, Wrong> {
    match json::canonical(&item_type.read_json(json)?.to_json(), 1)? {
        Json::Null => Err(Wrong::new("ITEMS", "must not be null")),
        value => Ok(value),
    }
}

/// An item of a list whose items may be anything, in canonical form.
pub(super) fn any_item(json: &Json) -> Result<Json, Wrong> {
    json::canonical(json, json::MAX_DEPTH - 1)
}

fn check(field: &Field, value: &Value, faults: &mut Vec<FieldFault>) {
    match value {
        Value::Text(text) => check_text(field, text, faults),
        Value::Blob(bytes) => check_length(field, bytes.len(), "bytes", faults),
        Value::Int(number) => check_range(field, as_float(*number), faults),
        Value::Float(number) => check_range(field, *number, faults),
        Value::Json(json) => check_shape(field, json, faults),
        Value::Null | Value::Bool(_) => {}
    }
    check_allowed(field, value, faults);
}

fn check_text(field: &Field, text: &str, faults: &mut Vec<FieldFault>) {
    let Constraints { min_length, max_length, format, pattern, .. } = &field.constraints;
    if min_length.is_some() || max_length.is_some() {
        check_length(field, text.chars().count(), "characters", faults);
    }
    if let Some(format) = format.filter(|format| !has_format(text, *format)) {
        let expected = FieldType::from_name(format.name()).map_or("", |known| known.definition().expected);
        push(field, faults, "FORMAT", format!("must be {expected}"));
    }
    if let Some(pattern) = pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
        push(field, faults, "PATTERN", format!("must match the pattern {}", pattern.as_str()));
    }
}

fn check_length(field: &Field, length: usize, unit: &str, faults: &mut Vec<FieldFault>) {
    let length = length as u64;
    let Constraints { min_length, max_length, .. } = field.constraints;
    if let Some(least) = min_length.filter(|least| length < *least) {
        push(field, faults, "MIN_LENGTH", format!("must have at least {least} {unit}, not {length}"));
    }
    if let Some(most) = max_length.filter(|most| length > *most) {
        push(field, faults, "MAX_LENGTH", format!("must have at most {most} {unit}, not {length}"));
    }
}

/// Bounds of an int lie within 2^53, so that rounding a larger number never carries it across one.
#[expect(clippy::cast_precision_loss, reason = "explained above")]
fn as_float(number: i64) -> f64 {
    number as f64
}

fn check_range(field: &Field, number: f64, faults: &mut Vec<FieldFault>) {
    let Constraints { min, max, .. } = field.constraints;
    if let Some(least) = min.filter(|least| number < *least) {
        push(field, faults, "MIN", format!("must be at least {least}"));
    }
    if let Some(most) = max.filter(|most| number > *most) {
        push(field, faults, "MAX", format!("must be at most {most}"));
    }
}

fn check_shape(field: &Field, json: &Json, faults: &mut Vec<FieldFault>) {
    if let Some(JsonShape::Schema(schema)) = &field.json_shape {
        for fault in schema.faults(json) {
            push(field, faults, "SCHEMA", format!("does not meet its JSON Schema: {fault}"));
        }
    }
}

fn check_allowed(field: &Field, value: &Value, faults: &mut Vec<FieldFault>) {
    let Some(allowed) = field.constraints.allowed.as_ref().filter(|allowed| !allowed.contains(value)) else { return };
    let words: Vec<_> = allowed.iter().take(MAX_LISTED).map(|value| value.to_json().to_string()).collect();
    let more = allowed.len().checked_sub(MAX_LISTED).filter(|more| *more > 0);
    let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
    push(field, faults, "ENUM", format!("must be one of {}{more}", words.join(", ")));
}

fn push(field: &Field, faults: &mut Vec<FieldFault>, code: &'static str, message: String) {
    faults.push(FieldFault::new(field.name.as_str(), code, message));
}
