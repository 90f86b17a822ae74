//! The text that a list statement answers with, as documents and a cursor.

use alyx_query::{Cursor, Query};
use alyx_schema::{FieldType, Value};
use serde_json::Value as Json;

use super::read::finish;
use crate::{render, sql::ROW_MARK};

/// The documents of a page as one JSON array, and where the next page starts.
pub(super) struct Page {
    pub(super) docs: Vec<u8>,
    pub(super) next: Option<Cursor>,
}

impl Page {
    /// Reads the documents, one more of which than the page holds says that another page follows.
    pub(super) fn read(text: &[u8], keys: Option<&[u8]>, query: &Query, marked: bool) -> Self {
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let marks = text.iter().filter(|byte| **byte == ROW_MARK).count();
        let mut text = text;
        let mut next = None;
        if marks >= limit {
            text = &text[..last_mark(text).unwrap_or_default()];
            let start = last_mark(text).map_or(0, |mark| mark + 1);
            next = match keys {
                Some(keys) => cursor_of_keys(keys.split(|byte| *byte == ROW_MARK).nth(limit - 1), query),
                None => cursor_of_document(&finish(text[start..].to_vec(), marked), query),
            };
        }
        let mut docs = Vec::with_capacity(text.len() + 2);
        docs.push(b'[');
        docs.extend_from_slice(text);
        docs.push(b']');
        // Without a way out of the loop the compiler looks at many bytes at once.
        for byte in &mut docs {
            *byte = if *byte == ROW_MARK { b',' } else { *byte };
        }
        Self { docs: finish(docs, marked), next }
    }
}

/// The documents of a page one by one, at most `limit` of them.
pub(super) fn documents(text: &[u8], limit: u32, marked: bool) -> Vec<Vec<u8>> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let parts = text.split(|byte| *byte == ROW_MARK).filter(|part| !part.is_empty());
    parts.take(limit).map(|part| finish(part.to_vec(), marked)).collect()
}

fn last_mark(text: &[u8]) -> Option<usize> {
    text.iter().rposition(|byte| *byte == ROW_MARK)
}

fn cursor_of_document(json: &[u8], query: &Query) -> Option<Cursor> {
    let mut document: serde_json::Map<String, Json> = serde_json::from_slice(json).ok()?;
    let values = query.sort.iter().map(|key| {
        let json = document.remove(key.field.name.as_str()).unwrap_or_default();
        api_value(json, key.field.field(&query.collection).value_type)
    });
    Some(Cursor { values: values.collect() })
}

fn cursor_of_keys(keys: Option<&[u8]>, query: &Query) -> Option<Cursor> {
    let keys: Vec<Json> = serde_json::from_slice(&render::unmark(keys?)).ok()?;
    let values =
        query.sort.iter().zip(keys).map(|(key, json)| api_value(json, key.field.field(&query.collection).value_type));
    Some(Cursor { values: values.collect() })
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
