//! What a request of several statements sees of the writing connection.

use sqlx::{SqliteConnection, sqlite::SqliteRow};

use crate::{
    Error, Result, connection,
    fault::{Fault, Violation},
    sql::{Bind, Sql},
};

/// The writing connection inside one request's savepoint.
///
/// What it can do with accounts is in [`crate::account`].
pub struct Transaction<'c> {
    connection: &'c mut SqliteConnection,
}

impl<'c> Transaction<'c> {
    pub(crate) fn new(connection: &'c mut SqliteConnection) -> Self {
        Self { connection }
    }

    /// Runs statements separated by `;` that take no values; none may begin or end a transaction.
    pub async fn script(&mut self, script: &str) -> Result<()> {
        connection::execute_script(self.connection, script).await.map_err(Error::database("running a script"))
    }

    /// Runs a statement and gives the number of rows it changed.
    pub(crate) async fn run(&mut self, text: &'static str, binds: Vec<Bind>) -> Result<u64> {
        let done = connection::statement(text, binds).execute(&mut *self.connection).await;
        done.map(|done| done.rows_affected()).map_err(|error| explain(error.into()))
    }

    /// Runs a statement made for a collection, with what its failure tells.
    pub(crate) async fn run_sql(&mut self, sql: Sql) -> Result<u64, Fault> {
        let done = connection::statement(sql.text, sql.binds).execute(&mut *self.connection).await;
        done.map(|done| done.rows_affected()).map_err(Fault::from)
    }

    /// The statement's first row.
    pub(crate) async fn row(&mut self, text: &'static str, binds: Vec<Bind>) -> Result<Option<SqliteRow>> {
        connection::statement(text, binds)
            .fetch_optional(&mut *self.connection)
            .await
            .map_err(|error| explain(error.into()))
    }

    /// The first row of a text made for a collection, which may have several statements.
    pub(crate) async fn first_row(&mut self, sql: Sql) -> Result<Option<SqliteRow>, Fault> {
        let row = connection::statement(sql.text, sql.binds).fetch_optional(&mut *self.connection).await;
        row.map_err(Fault::from)
    }

    /// Whether a query made for a collection finds anything.
    pub(crate) async fn finds(&mut self, sql: Sql) -> Result<bool> {
        let found = connection::statement(sql.text, sql.binds).fetch_optional(&mut *self.connection).await;
        found.map(|row| row.is_some()).map_err(Error::database("reading"))
    }
}

fn explain(fault: Fault) -> Error {
    match fault.violation() {
        Violation::Unique(fields) => Error::Taken { fields },
        Violation::TooBig => Error::DocumentTooLarge,
        Violation::ForeignKey | Violation::Other => fault.into_error("writing"),
    }
}
