//! What a served database says of itself: its data model, how that came about, how much is in it.

use alyx_schema::CollectionName;

use super::Store;
use crate::{
    Result, connection,
    migration::AppliedMigration,
    sql::{Sql, quote},
};

const SCHEMA: &str = r#"SELECT "text", "hash" FROM "_alyx_schema" WHERE "id" = 1"#;
const HISTORY: &str =
    r#"SELECT "version", "name", "applied_at", "kind", "changes" FROM "_alyx_migrations" ORDER BY "id""#;
const ACCOUNTS: &str = r#"SELECT (SELECT count(*) FROM "_alyx_users"), (SELECT count(*) FROM "_alyx_sessions")"#;

/// How much is in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Collections with their documents, in the schema's order.
    pub collections: Vec<(CollectionName, u64)>,
    /// Accounts.
    pub accounts: u64,
    /// Sessions, those that have ended and are not yet cleared away included.
    pub sessions: u64,
}

impl Store {
    /// The text of the schema that is served, and its hash; `None` where it was never kept.
    ///
    /// # Errors
    /// The database fails.
    pub async fn schema_text(&self) -> Result<Option<(String, String)>> {
        let row = self.readers().one(SCHEMA, Vec::new()).await?;
        Ok(row.map(|row| (text(&row, 0), text(&row, 1))))
    }

    /// What was done to the data model, oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn history(&self) -> Result<Vec<AppliedMigration>> {
        let rows = self.readers().all(Sql::fixed(HISTORY, Vec::new())).await?;
        let entry = |row| AppliedMigration {
            version: connection::integer(row, 0).and_then(|version| u32::try_from(version).ok()),
            name: text(row, 1),
            applied_at: text(row, 2),
            kind: AppliedMigration::kind_of(&text(row, 3)),
            changes: serde_json::from_str(&text(row, 4)).unwrap_or_default(),
        };
        Ok(rows.iter().map(entry).collect())
    }

    /// How much is in it.
    ///
    /// # Errors
    /// The database fails, or takes longer to count than a read may.
    pub async fn contents(&self) -> Result<Contents> {
        let mut collections = Vec::new();
        for name in self.inner.schema.collections.keys() {
            let text = format!("SELECT count(*) FROM {}", quote(name.as_str()));
            let row = self.readers().one(text, Vec::new()).await?;
            collections.push((name.clone(), row.map_or(0, |row| count(&row, 0))));
        }
        let row = self.readers().one(ACCOUNTS, Vec::new()).await?;
        let (accounts, sessions) = row.map_or((0, 0), |row| (count(&row, 0), count(&row, 1)));
        Ok(Contents { collections, accounts, sessions })
    }
}

fn text(row: &sqlx::sqlite::SqliteRow, column: usize) -> String {
    connection::text(row, column).unwrap_or_default().to_owned()
}

fn count(row: &sqlx::sqlite::SqliteRow, column: usize) -> u64 {
    connection::integer(row, column).and_then(|count| u64::try_from(count).ok()).unwrap_or_default()
}
