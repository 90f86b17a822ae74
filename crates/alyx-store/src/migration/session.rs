//! The connection that migrations run on, with errors that say what was being done.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Error, Result};
use crate::{connection::statement, sql::Bind};

/// A connection and what is being done with it, for messages.
pub(crate) struct Session<'a> {
    pub(crate) connection: &'a mut SqliteConnection,
    doing: String,
}

impl<'a> Session<'a> {
    pub(crate) fn new(connection: &'a mut SqliteConnection) -> Self {
        Self { connection, doing: "reading the history of migrations".to_owned() }
    }

    /// Says what comes next, for messages.
    pub(crate) fn doing(&mut self, what: impl Into<String>) {
        self.doing = what.into();
    }

    fn failed(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::Database { doing: self.doing.clone(), source: source.into() }
    }

    /// Runs one statement and gives the number of rows it changed.
    pub(crate) async fn run(&mut self, sql: impl Into<String>, binds: Vec<Bind>) -> Result<u64> {
        match statement(sql.into(), binds).persistent(false).execute(&mut *self.connection).await {
            Ok(done) => Ok(done.rows_affected()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Runs a statement that comes again and again, and so is kept prepared.
    pub(crate) async fn repeat(&mut self, sql: String, binds: Vec<Bind>) -> Result<u64> {
        match statement(sql, binds).execute(&mut *self.connection).await {
            Ok(done) => Ok(done.rows_affected()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Runs several statements.
    pub(crate) async fn script(&mut self, sql: &str) -> Result<u64> {
        let script = statement(sql.to_owned(), Vec::new()).persistent(false);
        match script.execute(&mut *self.connection).await {
            Ok(done) => Ok(done.rows_affected()),
            Err(error) => Err(self.failed(error)),
        }
    }

    pub(crate) async fn rows(&mut self, sql: impl Into<String>, binds: Vec<Bind>) -> Result<Vec<SqliteRow>> {
        match statement(sql.into(), binds).persistent(false).fetch_all(&mut *self.connection).await {
            Ok(rows) => Ok(rows),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// The first column of each row, as text.
    pub(crate) async fn texts(&mut self, sql: impl Into<String>, binds: Vec<Bind>) -> Result<Vec<String>> {
        let rows = self.rows(sql, binds).await?;
        rows.iter().map(|row| row.try_get::<String, _>(0).map_err(|error| self.failed(error))).collect()
    }

    /// The first column of the first row.
    pub(crate) async fn number(&mut self, sql: impl Into<String>, binds: Vec<Bind>) -> Result<i64> {
        let rows = self.rows(sql, binds).await?;
        let first = rows.first().map(|row| row.try_get::<Option<i64>, _>(0));
        match first.transpose() {
            Ok(number) => Ok(number.flatten().unwrap_or(0)),
            Err(error) => Err(self.failed(error)),
        }
    }

    pub(crate) fn column<'r, T>(&self, row: &'r SqliteRow, index: usize) -> Result<T>
    where
        T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        row.try_get(index).map_err(|error| self.failed(error))
    }
}

/// A text to bind.
pub(crate) fn bound(text: impl Into<String>) -> Bind {
    Bind::from(alyx_schema::Value::Text(text.into()))
}
