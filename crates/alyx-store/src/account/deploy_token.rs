//! Deploy tokens: for machines that deploy.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;

use super::cells::{Cells, optional, text, time};
use crate::{Result, Store, Transaction, sql::Sql};

/// A deploy token, without what opens anything.
#[derive(Clone, Debug, PartialEq)]
pub struct DeployToken {
    /// Its name.
    pub name: String,
    /// How it begins, so that it can be recognised.
    pub prefix: String,
    /// What it may do.
    pub permissions: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// When it is good no longer, if that is so.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// A deploy token and its hash; shows no hash.
#[derive(Clone)]
pub struct StoredDeployToken {
    /// The token.
    pub token: DeployToken,
    /// The hash of the whole of it.
    pub hash: String,
}

/// A deploy token to be made; shows no hash.
#[derive(Clone)]
pub struct NewDeployToken {
    /// Its name.
    pub name: String,
    /// How it begins.
    pub prefix: String,
    /// The hash of the whole of it.
    pub hash: String,
    /// What it may do.
    pub permissions: Vec<String>,
    /// Who makes it.
    pub created_by: String,
    /// The time now.
    pub at: Timestamp,
    /// When it is good no longer, if that is so.
    pub expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for StoredDeployToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredDeployToken").field("token", &self.token).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for NewDeployToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewDeployToken").field("name", &self.name).finish_non_exhaustive()
    }
}

const BY_PREFIX: &str = r#"SELECT "name", "prefix", "permissions", "created_at", "created_by", "expires_at", "last_used_at", "hash"
    FROM "_alyx_tokens" WHERE "prefix" = ?"#;
const LIST: &str = r#"SELECT "name", "prefix", "permissions", "created_at", "created_by", "expires_at", "last_used_at"
    FROM "_alyx_tokens" ORDER BY "name" LIMIT 10000"#;
const INSERT: &str = r#"INSERT INTO "_alyx_tokens" ("name", "prefix", "hash", "permissions", "created_at", "created_by", "expires_at")
    VALUES (?, ?, ?, ?, ?, ?, ?)"#;
const DELETE: &str = r#"DELETE FROM "_alyx_tokens" WHERE "name" = ?"#;
const USED: &str = r#"UPDATE "_alyx_tokens" SET "last_used_at" = ? WHERE "name" = ?"#;

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[BY_PREFIX, LIST, INSERT, DELETE, USED];

fn deploy_token(row: &SqliteRow) -> Result<DeployToken> {
    let cells = Cells(row);
    Ok(DeployToken {
        name: cells.text(0),
        prefix: cells.text(1),
        permissions: cells.json(2)?,
        created_at: cells.time(3)?,
        created_by: cells.text(4),
        expires_at: cells.optional_time(5)?,
        last_used_at: cells.optional_time(6)?,
    })
}

impl Store {
    /// The deploy token that begins so.
    pub async fn deploy_token(&self, prefix: &str) -> Result<Option<StoredDeployToken>> {
        let Some(row) = self.readers().one(BY_PREFIX, vec![text(prefix)]).await? else { return Ok(None) };
        Ok(Some(StoredDeployToken { token: deploy_token(&row)?, hash: Cells(&row).text(7) }))
    }

    /// All deploy tokens, by name.
    pub async fn deploy_tokens(&self) -> Result<Vec<DeployToken>> {
        self.readers().all(Sql::fixed(LIST, Vec::new())).await?.iter().map(deploy_token).collect()
    }
}

impl Transaction<'_> {
    /// Keeps a deploy token; a taken name is [`crate::Error::Taken`].
    pub async fn insert_deploy_token(&mut self, new: &NewDeployToken) -> Result<()> {
        let permissions = serde_json::Value::from(new.permissions.clone()).to_string();
        let binds = vec![
            text(&new.name),
            text(&new.prefix),
            text(&new.hash),
            text(permissions),
            time(new.at),
            text(&new.created_by),
            new.expires_at.map_or_else(|| optional(None::<String>), time),
        ];
        self.run(INSERT, binds).await.map(drop)
    }

    /// Makes a deploy token worthless; whether there was one.
    pub async fn delete_deploy_token(&mut self, name: &str) -> Result<bool> {
        Ok(self.run(DELETE, vec![text(name)]).await? > 0)
    }

    /// Notes that a deploy token was used.
    pub async fn note_deploy_token_use(&mut self, name: &str, at: Timestamp) -> Result<()> {
        self.run(USED, vec![time(at), text(name)]).await.map(drop)
    }
}
