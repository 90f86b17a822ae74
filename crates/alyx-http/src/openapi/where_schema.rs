//! JSON Schema of the JSON filter: conditions of one collection's fields, and how they combine.

use std::collections::HashSet;

use alyx_query::{
    Operator,
    limits::{MAX_IN_VALUES, MAX_PATTERN, MAX_WILDCARDS},
};
use alyx_schema::{Collection, FieldType, Schema};
use serde_json::{Map, Value as Json, json};

use super::{collection_schemas::visible, field_schema, reference};

/// A condition on documents of the collection.
pub(super) fn condition(collection: &Collection) -> Json {
    let nested = reference(&format!("{}.where", collection.name));
    let mut properties: Map<String, Json> =
        visible(collection).map(|field| (field.name.to_string(), reference(&name_of(field.value_type)))).collect();
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

/// Conditions of single values, one schema for each type that the collections have.
pub(super) fn types(schema: &Schema) -> Map<String, Json> {
    let fields = schema.collections.values().flat_map(|collection| visible(collection));
    let types: HashSet<FieldType> = fields.map(|field| field.value_type).collect();
    types.into_iter().map(|value_type| (name_of(value_type), of_type(value_type))).collect()
}

fn name_of(value_type: FieldType) -> String {
    format!("alyx.where.{}", value_type.name())
}

/// A value alone, which is `$eq`, or operators that must all hold.
fn of_type(value_type: FieldType) -> Json {
    let scalar = match value_type {
        FieldType::Json => json!({"type": ["string", "number", "boolean", "null"]}),
        other => field_schema::or_null(field_schema::of_type(other)),
    };
    let taken = Operator::JSON.into_iter().filter(|operator| operator.is_for(value_type));
    let operators: Map<String, Json> =
        taken.map(|operator| (format!("${}", operator.name()), operand(operator, value_type))).collect();
    let operators = json!({
        "type": "object",
        "properties": operators,
        "additionalProperties": false,
        "minProperties": 1,
    });
    json!({"anyOf": [scalar, operators]})
}

fn operand(operator: Operator, value_type: FieldType) -> Json {
    let value = field_schema::or_null(field_schema::of_type(value_type));
    match operator {
        Operator::IsNull | Operator::NotNull => json!({"type": "boolean"}),
        Operator::In | Operator::NotIn => json!({"type": "array", "items": value, "maxItems": MAX_IN_VALUES}),
        Operator::Contains if value_type == FieldType::Json => {
            json!({"type": ["string", "number", "boolean", "null"]})
        }
        Operator::Like => json!({
            "type": ["string", "null"],
            "maxLength": MAX_PATTERN,
            "pattern": format!("^[^%]*(%[^%]*){{0,{MAX_WILDCARDS}}}$"),
        }),
        Operator::Contains => json!({"type": ["string", "null"]}),
        Operator::Eq | Operator::Ne | Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte => value,
    }
}
