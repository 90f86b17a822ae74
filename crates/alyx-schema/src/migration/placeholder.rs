//! A value that a suggested migration can give to documents which have none; a person should choose a better one.

use serde_json::{Value as Json, json};

use super::Fill;
use crate::{Field, FieldType, Schema, Value};

/// A fill that meets the field's own limits as far as can be known.
pub(super) fn fill(schema: &Schema, field: &Field) -> Fill {
    if field.unique || field.references.is_some() {
        return Fill::Sql(expression(schema, field));
    }
    match field.value_type {
        FieldType::Uuid | FieldType::Id | FieldType::Timestamp | FieldType::Date => {
            Fill::Sql(expression(schema, field))
        }
        _ => Fill::Value(value(field)),
    }
}

/// A SQL expression for such a value; a unique field gets another one in each row.
pub(super) fn expression(_: &Schema, field: &Field) -> String {
    if let Some(reference) = &field.references {
        return format!("(SELECT \"{}\" FROM \"{}\" LIMIT 1)", reference.field, reference.collection);
    }
    match (field.value_type, field.unique) {
        (FieldType::Uuid, _) => "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))".to_owned(),
        (FieldType::Id, _) => "substr(lower(hex(randomblob(8))), 1, 15)".to_owned(),
        (FieldType::Timestamp, _) => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')".to_owned(),
        (FieldType::Date, _) => "date('now')".to_owned(),
        (FieldType::Int, true) => "rowid".to_owned(),
        (FieldType::Float, true) => "CAST(rowid AS REAL)".to_owned(),
        (FieldType::Email, true) => "lower(hex(randomblob(8))) || '@example.com'".to_owned(),
        (FieldType::Url, true) => "'https://example.com/' || lower(hex(randomblob(8)))".to_owned(),
        (FieldType::Blob, true) => "randomblob(16)".to_owned(),
        (FieldType::Blob, false) => "x''".to_owned(),
        (FieldType::Json, _) => format!("'{}'", value(field).to_string().replace('\'', "''")),
        (_, true) => "lower(hex(randomblob(8)))".to_owned(),
        _ => match value(field) {
            Json::String(text) => format!("'{}'", text.replace('\'', "''")),
            Json::Bool(value) => i32::from(value).to_string(),
            other => other.to_string(),
        },
    }
}

fn value(field: &Field) -> Json {
    let limits = &field.constraints;
    if let Some(first) = limits.allowed.as_ref().and_then(|allowed| allowed.first()) {
        return match first {
            Value::Bool(value) => json!(value),
            Value::Int(value) => json!(value),
            Value::Float(value) => json!(value),
            Value::Text(value) => json!(value),
            Value::Json(value) => value.clone(),
            Value::Null | Value::Blob(_) => Json::Null,
        };
    }
    match (field.value_type, limits.format) {
        (FieldType::Email, _) | (_, Some(crate::Format::Email)) => json!("nobody@example.com"),
        (FieldType::Url, _) | (_, Some(crate::Format::Url)) => json!("https://example.com/"),
        (_, Some(crate::Format::Uuid)) => json!("00000000-0000-4000-8000-000000000000"),
        (FieldType::Int, _) => json!(bounded(limits).ceil() as i64),
        (FieldType::Float, _) => json!(bounded(limits)),
        (FieldType::Bool, _) => json!(false),
        (FieldType::Json, _) => match field.json_shape {
            Some(crate::JsonShape::Items(_)) => json!([]),
            _ => json!({}),
        },
        _ => json!("-".repeat(usize::try_from(limits.min_length.unwrap_or(0)).unwrap_or(0).min(1000))),
    }
}

/// Zero, or the number nearest to it that is allowed.
fn bounded(limits: &crate::Constraints) -> f64 {
    let number = limits.min.map_or(0.0, |min| min.max(0.0));
    limits.max.map_or(number, |max| number.min(max))
}
