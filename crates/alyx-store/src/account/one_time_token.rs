//! Tokens that are good once: links in mail, the set-up link, codes.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::{
    AccountId,
    cells::{Cells, object, optional, text, time},
};
use crate::{Result, Store, Transaction};

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewOneTimeToken {
    /// Its hash.
    pub hash: String,
    /// What it is for; it is good for nothing else.
    pub purpose: &'static str,
    /// Whose it is, if it is an account's.
    pub account: Option<AccountId>,
    /// What is to be known when it is used.
    pub data: Map<String, Json>,
    /// The time now.
    pub at: Timestamp,
    /// When it is good no longer.
    pub expires_at: Timestamp,
}

/// A token that was used and is gone.
#[derive(Clone, Debug)]
pub struct OneTimeToken {
    /// Whose it was, if it was an account's.
    pub account: Option<AccountId>,
    /// What was to be known when it is used.
    pub data: Map<String, Json>,
}

const INSERT: &str = r#"INSERT INTO "_alyx_one_time_tokens" ("hash", "purpose", "user_id", "data", "created_at", "expires_at")
    VALUES (?, ?, ?, ?, ?, ?)"#;
const TAKE: &str = r#"DELETE FROM "_alyx_one_time_tokens" WHERE "hash" = ? AND "purpose" = ? AND "expires_at" > ?
    RETURNING "user_id", "data""#;
const IS_GOOD: &str =
    r#"SELECT 1 FROM "_alyx_one_time_tokens" WHERE "hash" = ? AND "purpose" = ? AND "expires_at" > ?"#;
const DROP: &str = r#"DELETE FROM "_alyx_one_time_tokens" WHERE "user_id" IS ? AND "purpose" = ?"#;
const DROP_ALL: &str = r#"DELETE FROM "_alyx_one_time_tokens" WHERE "user_id" = ?"#;
/// Deletes tokens that nobody used in time.
pub(super) const EXPIRED: &str = r#"DELETE FROM "_alyx_one_time_tokens" WHERE "hash" IN
    (SELECT "hash" FROM "_alyx_one_time_tokens" WHERE "expires_at" < ? LIMIT 500)"#;

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[INSERT, TAKE, IS_GOOD, DROP, DROP_ALL, EXPIRED];

impl Store {
    /// Whether a token would be good now; using it may still fail, if somebody else is quicker.
    pub async fn is_one_time_token(&self, hash: &str, purpose: &'static str, at: Timestamp) -> Result<bool> {
        let found = self.readers().one(IS_GOOD, vec![text(hash), text(purpose), time(at)]).await?;
        Ok(found.is_some())
    }
}

impl Transaction<'_> {
    /// Keeps a token's hash.
    pub async fn insert_one_time_token(&mut self, new: &NewOneTimeToken) -> Result<()> {
        let binds = vec![
            text(&new.hash),
            text(new.purpose),
            optional(new.account.as_ref().map(AccountId::as_str)),
            object(&new.data),
            time(new.at),
            time(new.expires_at),
        ];
        self.run(INSERT, binds).await.map(drop)
    }

    /// Uses up a token; nothing where there is none that is good.
    pub async fn take_one_time_token(
        &mut self,
        hash: &str,
        purpose: &'static str,
        at: Timestamp,
    ) -> Result<Option<OneTimeToken>> {
        let Some(row) = self.row(TAKE, vec![text(hash), text(purpose), time(at)]).await? else { return Ok(None) };
        let cells = Cells(&row);
        let account = cells.optional_text(0).map(|id| AccountId::new(&id));
        Ok(Some(OneTimeToken { account, data: cells.json(1)? }))
    }

    /// Makes the account's tokens for a purpose worthless; `None` means those of no account.
    pub async fn drop_one_time_tokens(&mut self, account: Option<&AccountId>, purpose: &'static str) -> Result<()> {
        let binds = vec![optional(account.map(AccountId::as_str)), text(purpose)];
        self.run(DROP, binds).await.map(drop)
    }

    /// Makes all of the account's tokens worthless.
    pub async fn drop_all_one_time_tokens(&mut self, account: &AccountId) -> Result<()> {
        self.run(DROP_ALL, vec![text(account.as_str())]).await.map(drop)
    }
}
