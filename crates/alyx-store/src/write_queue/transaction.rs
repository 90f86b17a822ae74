//! What a request of several statements sees of the writing connection.

use sqlx::SqliteConnection;

use crate::{Error, Result, connection};

/// The writing connection inside one request's savepoint.
pub struct Transaction<'c> {
    connection: &'c mut SqliteConnection,
}

impl<'c> Transaction<'c> {
    pub(super) fn new(connection: &'c mut SqliteConnection) -> Self {
        Self { connection }
    }

    /// Runs statements separated by `;` that take no values; none may begin or end a transaction.
    pub async fn script(&mut self, script: &str) -> Result<()> {
        connection::execute_script(self.connection, script).await.map_err(Error::database("running a script"))
    }
}
