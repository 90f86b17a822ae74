//! How far what is told of commits has come: the change feed, and the changes of accounts.

use sqlx::{SqliteConnection, sqlite::SqliteRow};

use crate::connection;

/// Both in one row; the newest of each is found without a scan.
pub(super) const POSITIONS: &str = r#"SELECT (SELECT coalesce(max("id"), 0) FROM "_alyx_changes"),
(SELECT coalesce(max("id"), 0) FROM "_alyx_account_changes")"#;

/// The newest rows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Positions {
    /// Of the change feed.
    pub(crate) feed: i64,
    /// Of the changes of accounts.
    pub(crate) accounts: i64,
}

impl Positions {
    pub(super) fn from_row(row: &SqliteRow) -> Self {
        let number = |column| connection::integer(row, column).unwrap_or_default();
        Self { feed: number(0), accounts: number(1) }
    }

    /// Asks the database.
    pub(crate) async fn read(connection: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        connection::statement(POSITIONS, Vec::new()).fetch_one(connection).await.map(|row| Self::from_row(&row))
    }
}
