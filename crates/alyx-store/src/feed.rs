//! The durable change feed, written by triggers in the same transaction as the change.

mod reader;

use alyx_schema::{Collection, CollectionName, Field, FieldType, Value};
use sqlx::sqlite::SqliteRow;

use crate::{Error, Result, connection, render, sql::Sql, store::Store};

pub use reader::FeedReader;
pub(crate) use reader::FeedReaders;

/// One change of one document.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Position in the feed; rises by commit order.
    pub position: i64,
    /// The collection.
    pub collection: CollectionName,
    /// What happened.
    pub operation: Operation,
    /// The document's primary key as text.
    pub document_id: String,
    /// For an update the old values of the fields that changed, for a delete the whole old document;
    /// as stored: flags as 0 and 1, JSON as text, bytes as hex, floats as digits (see [`old_value`]).
    pub before: serde_json::Map<String, serde_json::Value>,
}

/// What happened to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// It was made.
    Insert,
    /// Some of its fields changed.
    Update,
    /// It is gone.
    Delete,
}

impl Store {
    /// Changes after a position, oldest first.
    pub async fn changes(&self, after: i64, limit: u32) -> Result<Vec<Change>> {
        let mut sql = Sql::new();
        sql.push(r#"SELECT "id","collection","operation","doc_id","before" FROM "_alyx_changes" WHERE "id" > "#);
        sql.bind(after).push(&format!(r#" ORDER BY "id" LIMIT {limit}"#));
        let rows = self.readers().all(sql).await?;
        rows.iter().map(Change::from_row).collect()
    }
}

impl Change {
    /// Reads columns id, collection, operation, doc_id and before.
    pub(crate) fn from_row(row: &SqliteRow) -> Result<Self> {
        let text = |column| connection::text(row, column).unwrap_or_default();
        let before = match connection::text(row, 4) {
            Some(json) => serde_json::from_str(json).map_err(Error::database("reading the feed"))?,
            None => serde_json::Map::new(),
        };
        Ok(Self {
            position: connection::integer(row, 0).unwrap_or_default(),
            collection: CollectionName::new(text(1)),
            operation: match text(2) {
                "INSERT" => Operation::Insert,
                "UPDATE" => Operation::Update,
                _ => Operation::Delete,
            },
            document_id: text(3).to_owned(),
            before,
        })
    }

    /// The old value of a field, if this change kept one.
    #[must_use]
    pub fn old_value(&self, collection: &Collection, field: &str) -> Option<Value> {
        Some(old_value(self.before.get(field)?, collection.field(field)?))
    }
}

/// A value of the feed's `before` as the value it was.
#[must_use]
pub fn old_value(stored: &serde_json::Value, field: &Field) -> Value {
    match (field.value_type, stored) {
        (_, serde_json::Value::Null) => Value::Null,
        (FieldType::Bool, number) => Value::Bool(number.as_i64() == Some(1)),
        (FieldType::Int, number) => Value::Int(number.as_i64().unwrap_or_default()),
        (FieldType::Float, text) => Value::Float(text.as_str().and_then(render::read_float).unwrap_or_default()),
        (FieldType::Blob, text) => Value::Blob(render::from_hex(text.as_str().unwrap_or_default().as_bytes())),
        (FieldType::Json, text) => {
            Value::Json(serde_json::from_str(text.as_str().unwrap_or_default()).unwrap_or_default())
        }
        (_, text) => Value::Text(text.as_str().unwrap_or_default().to_owned()),
    }
}
