//! Whether the documents that are stored meet what a migration asks of them.

use alyx_schema::{Collection, Field, FieldName, FieldType, Value, migration::accept};
use base64::Engine;
use serde_json::Value as Json;
use sqlx::{Row, SqliteConnection, TypeInfo, ValueRef, sqlite::SqliteRow};

use super::{
    Error, FailingRow, FailingRows, Result,
    session::{Session, bound},
};
use crate::sql::{Bind, quote};

/// Documents read at a time.
const PAGE: usize = 1000;
/// Failing documents that are named.
const EXAMPLES: usize = 5;

/// Where the values to check are: a table, its key column and its value column.
pub(super) struct Source<'a> {
    pub(super) table: &'a str,
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

/// What fails, as it is found.
pub(super) struct Failures {
    rows: FailingRows,
}

impl Failures {
    pub(super) fn new(migration: &str, collection: &Collection, field: &str) -> Self {
        let (migration, collection) = (migration.to_owned(), collection.name.as_str().to_owned());
        let (count, examples) = (0, Vec::new());
        Self { rows: FailingRows { migration, collection, field: field.to_owned(), count, examples } }
    }

    fn add(&mut self, id: String, reason: impl Into<String>) {
        self.rows.count += 1;
        if self.rows.examples.len() < EXAMPLES {
            self.rows.examples.push(FailingRow { id, reason: reason.into() });
        }
    }

    /// An error if anything fails.
    pub(super) fn finish(self) -> Result<()> {
        if self.rows.count == 0 { Ok(()) } else { Err(Error::FailingRows(Box::new(self.rows))) }
    }
}

impl Session<'_> {
    /// Checks each value against the field and puts it into canonical form; gives the number of values that were not.
    pub(super) async fn check_values(
        &mut self,
        source: &Source<'_>,
        field: &Field,
        failures: &mut Failures,
    ) -> Result<u64> {
        let (table, key, value) = (quote(source.table), quote(source.key), quote(source.value));
        let update = format!("UPDATE {table} SET {value} = ? WHERE {key} = ?");
        let (mut last, mut changed): (Option<Bind>, u64) = (None, 0);
        loop {
            let after = if last.is_some() { format!("WHERE {key} > ?") } else { String::new() };
            let page = format!("SELECT {key}, {value} FROM {table} {after} ORDER BY {key} LIMIT {PAGE}");
            let rows = self.rows(page, last.clone().into_iter().collect()).await?;
            for row in &rows {
                let (key, stored) = (cell(row, 0), cell(row, 1));
                match accept(field, &json(field, &stored)).map(Bind::from) {
                    Ok(canonical) if canonical == stored => {}
                    Ok(canonical) => changed += self.repeat(update.clone(), vec![canonical, key.clone()]).await?,
                    Err(reason) => failures.add(shown(&key), format!("{} {reason}", shown(&stored))),
                }
                last = Some(key);
            }
            if rows.len() < PAGE {
                return Ok(changed);
            }
        }
    }

    /// Names the rows of a query of two columns: key and value.
    pub(super) async fn failing(&mut self, sql: String, reason: &str, failures: &mut Failures) -> Result<()> {
        let count = self.number(format!("SELECT count(*) FROM ({sql})"), Vec::new()).await?;
        let rows = self.rows(format!("{sql} LIMIT {EXAMPLES}"), Vec::new()).await?;
        for row in &rows {
            failures.add(shown(&cell(row, 0)), format!("{} {reason}", shown(&cell(row, 1))));
        }
        failures.rows.count += u64::try_from(count).unwrap_or(0).saturating_sub(rows.len() as u64);
        Ok(())
    }

    /// Names the documents whose values in these fields another document has too; null is equal to nothing.
    pub(super) async fn check_unique(
        &mut self,
        collection: &Collection,
        fields: &[FieldName],
        failures: &mut Failures,
    ) -> Result<()> {
        let table = quote(collection.name.as_str());
        let key = quote(collection.primary_field().name.as_str());
        let columns: Vec<_> = fields.iter().map(|name| quote(name.as_str())).collect();
        let present: Vec<_> = columns.iter().map(|column| format!("{column} IS NOT NULL")).collect();
        let (list, present, first) = (columns.join(", "), present.join(" AND "), &columns[0]);
        let repeated = format!("SELECT {list} FROM {table} WHERE {present} GROUP BY {list} HAVING count(*) > 1");
        let sql = format!("SELECT {key}, {first} FROM {table} WHERE ({list}) IN ({repeated}) ORDER BY {key}");
        self.failing(sql, "is not the only one", failures).await
    }

    /// Names the documents that refer to one that does not exist.
    pub(super) async fn check_reference(
        &mut self,
        collection: &Collection,
        field: &Field,
        failures: &mut Failures,
    ) -> Result<()> {
        let Some(reference) = &field.references else { return Ok(()) };
        let (table, column) = (quote(collection.name.as_str()), quote(field.name.as_str()));
        let key = quote(collection.primary_field().name.as_str());
        let (other, there) = (quote(reference.collection.as_str()), quote(reference.field.as_str()));
        let sql = format!(
            "SELECT {key}, {column} FROM {table} AS here WHERE {column} IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM {other} AS there WHERE there.{there} = here.{column}) ORDER BY {key}"
        );
        self.failing(sql, &format!("does not exist in {}", reference.collection), failures).await
    }
}

/// A cell in its storage class.
pub(crate) fn cell(row: &SqliteRow, index: usize) -> Bind {
    let Ok(raw) = row.try_get_raw(index) else { return Bind::Null };
    if raw.is_null() {
        return Bind::Null;
    }
    let read = match raw.type_info().name() {
        "INTEGER" => row.try_get(index).map(Bind::Integer),
        "REAL" => row.try_get(index).map(Bind::Real),
        "BLOB" => row.try_get(index).map(|bytes| Bind::from(Value::Blob(bytes))),
        _ => row.try_get::<String, _>(index).map(bound),
    };
    read.unwrap_or(Bind::Null)
}

/// A stored value as it would stand in a request.
pub(crate) fn json(field: &Field, stored: &Bind) -> Json {
    match (field.value_type, stored) {
        // A test is never stored.
        (_, Bind::Null | Bind::Test(_)) => Json::Null,
        (FieldType::Bool, Bind::Integer(flag @ (0 | 1))) => Json::Bool(*flag == 1),
        (FieldType::Json, Bind::Text(text)) => serde_json::from_str(text).unwrap_or(Json::Null),
        (_, Bind::Integer(number)) => Json::from(*number),
        (_, Bind::Real(number)) => Json::from(*number),
        (_, Bind::Text(text)) => Json::from(text.as_str()),
        (_, Bind::Blob(bytes)) => Json::from(base64::engine::general_purpose::STANDARD.encode(bytes.as_slice())),
    }
}

/// A value for a message, cut where it is long.
pub(crate) fn shown(value: &Bind) -> String {
    match value {
        Bind::Null | Bind::Test(_) => "null".to_owned(),
        Bind::Integer(number) => number.to_string(),
        Bind::Real(number) => number.to_string(),
        Bind::Blob(bytes) => format!("{} bytes", bytes.len()),
        Bind::Text(text) if text.chars().count() > 60 => format!("{}…", text.chars().take(60).collect::<String>()),
        Bind::Text(text) => text.to_string(),
    }
}

/// Primary keys of rows by their numbers, for messages.
pub(super) async fn key_of(connection: &mut SqliteConnection, collection: &Collection, rowid: i64) -> Option<String> {
    let (table, key) = (quote(collection.name.as_str()), quote(collection.primary_field().name.as_str()));
    let mut session = Session::new(connection);
    let rows =
        session.rows(format!("SELECT {key} FROM {table} WHERE rowid = ?"), vec![Bind::Integer(rowid)]).await.ok()?;
    rows.first().map(|row| shown(&cell(row, 0)))
}
