//! Reading a page of documents.

use alyx_query::{Cursor, Query, Visible};
use alyx_schema::{FieldType, Value};

use super::{
    List, Store,
    read::{finish, is_never},
};
use crate::{
    Result, connection, render,
    sql::{self, DocumentView, KEYS_MARK, ListParts, ROW_MARK},
};

impl Store {
    /// Documents that match the query and that the caller may read, with total and next page, from one snapshot.
    pub async fn list(&self, query: &Query, visible: &dyn Visible) -> Result<List> {
        let readable = visible.readable(&query.collection);
        if is_never(&readable) || is_never(&query.predicate) {
            return Ok(List { docs: b"[]".to_vec(), total: query.total.then_some(0), next_cursor: None });
        }
        let view = DocumentView { fields: query.fields.as_deref(), expand: &query.expand, visible };
        let parts = ListParts { query, readable: &readable, view, position: false, total: query.total };
        let sql = sql::list(&parts);
        let row = self.inner.readers.one(sql.text, sql.binds).await?;
        let (text, total) = match &row {
            Some(row) => (connection::borrowed(row, 0), connection::integer(row, 2)),
            None => (&[][..], None),
        };
        let page = Page::read(text, query, sql::has_markers(&query.collection, &view));
        let total = total.and_then(|total| u64::try_from(total).ok());
        Ok(List { docs: page.docs, total, next_cursor: page.next })
    }
}

/// The documents of a page as one JSON array, and where the next page starts.
struct Page {
    docs: Vec<u8>,
    next: Option<Cursor>,
}

impl Page {
    fn read(text: &[u8], query: &Query, marked: bool) -> Self {
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
    let keys: Vec<serde_json::Value> = serde_json::from_slice(&render::unmark(keys)).ok()?;
    let fields = query.sort.iter().map(|key| key.field.field(&query.collection).value_type);
    Some(Cursor { values: keys.into_iter().zip(fields).map(|(key, field_type)| value(key, field_type)).collect() })
}

/// A value of a field from its JSON as the API shows it.
fn value(json: serde_json::Value, field_type: FieldType) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        json if field_type == FieldType::Json => Value::Json(json),
        serde_json::Value::Bool(flag) => Value::Bool(flag),
        serde_json::Value::Number(number) if field_type == FieldType::Float => {
            Value::Float(number.as_f64().unwrap_or_default())
        }
        serde_json::Value::Number(number) => Value::Int(number.as_i64().unwrap_or_default()),
        serde_json::Value::String(text) if field_type == FieldType::Blob => Value::Blob(render::from_base64(&text)),
        serde_json::Value::String(text) => Value::Text(text),
        other => Value::Json(other),
    }
}
