//! What a request of several statements sees of the writing connection.

use sqlx::{SqliteConnection, sqlite::SqliteRow};

use crate::{connection, fault::Fault, sql::Sql};

/// The writing connection inside one request's savepoint.
pub struct Transaction<'c> {
    connection: &'c mut SqliteConnection,
}

impl<'c> Transaction<'c> {
    pub(super) fn new(connection: &'c mut SqliteConnection) -> Self {
        Self { connection }
    }

    /// The connection itself; never begin or end a transaction on it.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        self.connection
    }

    /// Runs a statement; the rows it changed.
    pub(crate) async fn execute(&mut self, sql: Sql) -> Result<u64, Fault> {
        let done = connection::statement(sql.text, sql.binds).execute(&mut *self.connection).await?;
        Ok(done.rows_affected())
    }

    /// Runs a statement; its first row.
    pub(crate) async fn one(&mut self, sql: Sql) -> Result<Option<SqliteRow>, Fault> {
        Ok(connection::statement(sql.text, sql.binds).fetch_optional(&mut *self.connection).await?)
    }
}
