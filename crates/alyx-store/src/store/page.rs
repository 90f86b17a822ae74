//! The text that a list statement answers with, as documents and a cursor.

use alyx_query::{Cursor, Query};
use alyx_schema::{FieldType, Value};
use serde_json::Value as Json;

use super::read::finish;
use crate::{
    render,
    sql::{KEYS_MARK, ROW_MARK},
};

/// The documents of a page as one JSON array, and where the next page starts.
pub(super) struct Page {
    pub(super) docs: Vec<u8>,
    pub(super) next: Option<Cursor>,
}

impl Page {
    pub(super) fn read(text: &[u8], query: &Query, marked: bool) -> Self {
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let mut docs = Vec::with_capacity(text.len() + 2);
        docs.push(b'[');
        let mut last = &[][..];
        let mut next = None;
        let rows = text.split(|byte| *byte == ROW_MARK).filter(|row| !row.is_empty());
        for (index, row) in rows.enumerate() {
            if index == limit {
                next = cursor(last, query);
                break;
            }
            let end = row.iter().rposition(|byte| *byte == KEYS_MARK).unwrap_or(row.len());
            if index > 0 {
                docs.push(b',');
            }
            docs.extend_from_slice(&row[..end]);
            last = row.get(end + 1..).unwrap_or_default();
        }
        docs.push(b']');
        Self { docs: finish(docs, marked), next }
    }
}

/// The sort keys of a document, as the database wrote them, as a place to go on from.
fn cursor(keys: &[u8], query: &Query) -> Option<Cursor> {
    let keys: Vec<Json> = serde_json::from_slice(&render::unmark(keys)).ok()?;
    let fields = query.sort.iter().map(|key| key.field.field(&query.collection).value_type);
    Some(Cursor { values: keys.into_iter().zip(fields).map(|(key, field_type)| api_value(key, field_type)).collect() })
}

/// A value of a field from its JSON as the API shows it.
pub(crate) fn api_value(json: Json, field_type: FieldType) -> Value {
    match json {
        Json::Null => Value::Null,
        json if field_type == FieldType::Json => Value::Json(json),
        Json::Bool(flag) => Value::Bool(flag),
        Json::Number(number) if field_type == FieldType::Float => Value::Float(number.as_f64().unwrap_or_default()),
        Json::Number(number) => Value::Int(number.as_i64().unwrap_or_default()),
        Json::String(text) if field_type == FieldType::Blob => Value::Blob(render::from_base64(&text)),
        Json::String(text) => Value::Text(text),
        other => Value::Json(other),
    }
}
