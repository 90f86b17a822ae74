//! JSON Schema of one field's values.

use alyx_schema::{Constraints, Field, FieldType, Format, JsonShape, Value};
use serde_json::{Value as Json, json};

/// Values that the field can hold, with its limits.
pub(super) fn of_field(field: &Field) -> Json {
    let mut schema = match &field.json_shape {
        Some(shape) => of_shape(shape),
        None => of_type(field.value_type),
    };
    add_constraints(&field.constraints, field.value_type, &mut schema);
    if let Some(reference) = &field.references {
        schema["description"] = format!("A document of {}: its {}.", reference.collection, reference.field).into();
    }
    if field.nullable { or_null(schema) } else { schema }
}

/// Values of the type, without any limits.
pub(super) fn of_type(field_type: FieldType) -> Json {
    match field_type {
        FieldType::Uuid => json!({"type": "string", "format": "uuid"}),
        FieldType::Id => json!({"type": "string", "pattern": "^[a-z0-9]{15}$"}),
        FieldType::Int => json!({"type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX}),
        FieldType::Float => json!({"type": "number", "format": "double"}),
        FieldType::Bool => json!({"type": "boolean"}),
        FieldType::Timestamp => json!({"type": "string", "format": "date-time"}),
        FieldType::Date => json!({"type": "string", "format": "date"}),
        FieldType::Email => json!({"type": "string", "format": "email"}),
        FieldType::Url => json!({"type": "string", "format": "uri", "pattern": "^[hH][tT][tT][pP][sS]?://"}),
        FieldType::Json => json!({}),
        FieldType::Blob => json!({"type": "string", "format": "byte", "contentEncoding": "base64"}),
        FieldType::Richtext => json!({"type": "string", "contentMediaType": "text/html"}),
        FieldType::String | FieldType::Text | FieldType::Select | FieldType::Relation => json!({"type": "string"}),
    }
}

/// The same values, and null.
pub(super) fn or_null(mut schema: Json) -> Json {
    if let Some(values) = schema.get_mut("enum").and_then(Json::as_array_mut) {
        values.push(Json::Null);
    }
    match schema.get("type").and_then(Json::as_str) {
        Some(only) => {
            schema["type"] = json!([only, "null"]);
            schema
        }
        // No type says any value, so null is among them.
        None if schema.as_object().is_some_and(|map| map.keys().all(|key| key == "description")) => schema,
        None => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}

fn of_shape(shape: &JsonShape) -> Json {
    match shape {
        JsonShape::Items(items) => json!({"type": "array", "items": of_type(*items)}),
        JsonShape::Schema(schema) if stands_alone(schema.source()) => schema.source().clone(),
        JsonShape::Schema(_) => json!({"description": "Checked against the JSON Schema in the project's schema."}),
    }
}

/// Whether a schema means the same inside another document.
fn stands_alone(schema: &Json) -> bool {
    const BOUND: [&str; 5] = ["$ref", "$dynamicRef", "$id", "$anchor", "$schema"];
    match schema {
        Json::Object(map) => map.iter().all(|(key, value)| !BOUND.contains(&key.as_str()) && stands_alone(value)),
        Json::Array(items) => items.iter().all(stands_alone),
        _ => true,
    }
}

fn add_constraints(constraints: &Constraints, field_type: FieldType, schema: &mut Json) {
    let Constraints { min_length, max_length, min, max, format, pattern, allowed } = constraints;
    // Lengths of bytes are not lengths of their base64.
    if field_type != FieldType::Blob {
        put(schema, "minLength", *min_length);
        put(schema, "maxLength", *max_length);
    }
    let is_whole = field_type == FieldType::Int;
    put(schema, "minimum", min.map(|bound| number(bound, is_whole)));
    put(schema, "maximum", max.map(|bound| number(bound, is_whole)));
    put(schema, "pattern", pattern.as_ref().map(|pattern| pattern.as_str()));
    put(
        schema,
        "format",
        format.map(|format| match format {
            Format::Email => "email",
            Format::Url => "uri",
            Format::Uuid => "uuid",
        }),
    );
    put(schema, "enum", allowed.as_ref().map(|values| values.iter().map(Value::to_json).collect::<Vec<_>>()));
}

fn put(schema: &mut Json, key: &str, value: Option<impl Into<Json>>) {
    if let Some(value) = value {
        schema[key] = value.into();
    }
}

#[expect(clippy::cast_possible_truncation, reason = "bounds of an int lie within 2^53")]
fn number(bound: f64, is_whole: bool) -> Json {
    if is_whole { json!(bound as i64) } else { json!(bound) }
}
