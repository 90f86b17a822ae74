//! JSON Schema of the JSON filter: conditions of one collection's fields, and how they combine.

use alyx_query::{Operator, limits::{MAX_IN_VALUES, MAX_PATTERN}};
use alyx_schema::{Collection, Field, FieldType};
use serde_json::{Map, Value as Json, json};

use super::{collection_schemas::visible, field_schema, reference};

/// A condition on documents of the collection.
pub(super) fn condition(collection: &Collection) -> Json {
    let nested = reference(&format!("{}.where", collection.name));
    let mut properties: Map<String, Json> =
        visible(collection).map(|field| (field.name.to_string(), of_field(field))).collect();
    properties.insert("$and".to_owned(), json!({"type": "array", "items": nested}));
    properties.insert("$or".to_owned(), json!({"type": "array", "items": nested}));
    properties.insert("$not".to_owned(), nested);
    json!({
        "type": "object",
        "description": "All keys must hold. At most 32 levels and 200 conditions.",
        "properties": properties,
        "additionalProperties": false,
    })
}

/// A value alone, which is `$eq`, or operators that must all hold.
fn of_field(field: &Field) -> Json {
    let scalar = match field.value_type {
        FieldType::Json => json!({"type": ["string", "number", "boolean", "null"]}),
        other => field_schema::or_null(field_schema::of_type(other)),
    };
    let taken = Operator::JSON.into_iter().filter(|operator| operator.is_for(field.value_type));
    let operators: Map<String, Json> =
        taken.map(|operator| (format!("${}", operator.name()), operand(operator, field))).collect();
    let operators = json!({
        "type": "object",
        "properties": operators,
        "additionalProperties": false,
        "minProperties": 1,
    });
    json!({"anyOf": [scalar, operators]})
}

fn operand(operator: Operator, field: &Field) -> Json {
    let value = field_schema::or_null(field_schema::of_type(field.value_type));
    match operator {
        Operator::IsNull | Operator::NotNull => json!({"type": "boolean"}),
        Operator::In | Operator::NotIn => json!({"type": "array", "items": value, "maxItems": MAX_IN_VALUES}),
        Operator::Contains if field.value_type == FieldType::Json => {
            json!({"type": ["string", "number", "boolean", "null"]})
        }
        Operator::Like | Operator::Contains => json!({"type": ["string", "null"], "maxLength": MAX_PATTERN}),
        Operator::Eq | Operator::Ne | Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte => value,
    }
}
