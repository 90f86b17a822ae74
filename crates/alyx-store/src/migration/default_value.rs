//! What documents that are already stored get for a new field.

use alyx_schema::{DefaultValue, Field, FieldType};

use super::{journal::now, table::text};
use crate::sql::ddl::literal_value;

/// SQL for the value of a new field in a row that exists already; none where that is null.
pub(super) fn expression(field: &Field) -> Option<String> {
    match field.default.as_ref() {
        Some(DefaultValue::Auto) => Some(generated(field)),
        Some(DefaultValue::Now) => Some(moment(field)),
        Some(DefaultValue::Literal(value)) => Some(literal_value(value)),
        None if field.on_update_now && !field.nullable => Some(moment(field)),
        None => None,
    }
}

fn moment(field: &Field) -> String {
    let now = now();
    text(if field.value_type == FieldType::Date { &now[..10] } else { &now })
}

/// Another identifier in each row: random, and for UUIDs of version 7 with the time in front.
fn generated(field: &Field) -> String {
    if field.value_type == FieldType::Id {
        return "substr(lower(hex(randomblob(8))), 1, 15)".to_owned();
    }
    let version_7 = uuid::Uuid::now_v7().to_string();
    format!(
        "{} || lower(substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) \
         || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))",
        text(&version_7[..15])
    )
}
