//! The pattern of `filter=field:operator:value`: which operators a field takes, and how values look.

use alyx_query::Operator;
use alyx_schema::{Collection, Field, FieldType, JsonShape};

use super::collection_schemas::visible;

/// Any text; U+0000 is in no value.
const TEXT: &str = r"[^\x00]*";
const DAY: &str = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])";
const TIME: &str = r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?Z";

/// A regular expression for the filters that a collection takes.
pub(super) fn of_collection(collection: &Collection) -> String {
    let alternatives: Vec<_> = visible(collection).map(of_field).collect();
    format!("^(?:{})$", alternatives.join("|"))
}

fn of_field(field: &Field) -> String {
    let taken = Operator::TEXT.into_iter().filter(|operator| operator.is_for(field.value_type));
    let operators: Vec<_> = taken.map(|operator| format!("{}{}", operator.name(), operand(operator, field))).collect();
    format!("{}:(?:{})", field.name, operators.join("|"))
}

fn operand(operator: Operator, field: &Field) -> String {
    match operator {
        Operator::IsNull | Operator::NotNull => "(?::(?:true|false))?".to_owned(),
        Operator::Like => r":[^%\x00]{0,40}(?:%[^%\x00]{0,40}){0,16}".to_owned(),
        Operator::Contains => format!(":{}", item(field)),
        Operator::In | Operator::NotIn => {
            let value = value(field.value_type);
            format!(":{value}(?:,{value}){{0,99}}")
        }
        Operator::Eq | Operator::Ne | Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte => {
            format!(":{}", value(field.value_type))
        }
    }
}

fn item(field: &Field) -> String {
    match field.json_shape {
        Some(JsonShape::Items(items @ (FieldType::Int | FieldType::Float | FieldType::Bool))) => value(items),
        _ => r"[^\x00]{0,1000}".to_owned(),
    }
}

fn value(field_type: FieldType) -> String {
    match field_type {
        FieldType::Uuid => "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        FieldType::Id => "[a-z0-9]{15}",
        FieldType::Int => "-?(?:0|[1-9][0-9]{0,17})",
        FieldType::Float => r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?",
        FieldType::Bool => "(?:true|false)",
        FieldType::Timestamp => return format!("{DAY}{TIME}"),
        FieldType::Date => DAY,
        FieldType::Email => r"[a-z0-9]{1,40}@[a-z0-9]{1,40}\.[a-z]{2,10}",
        FieldType::Url => r"https?://[a-z0-9]{1,40}\.[a-z]{2,10}(?:/[a-zA-Z0-9]{0,40})?",
        FieldType::Json => r#"(?:[0-9]{1,15}|true|false|"[a-zA-Z0-9 ]*")"#,
        FieldType::Blob => "(?:[A-Za-z0-9+/]{4})*",
        FieldType::String | FieldType::Text | FieldType::Select | FieldType::Richtext | FieldType::Relation => TEXT,
    }
    .to_owned()
}
