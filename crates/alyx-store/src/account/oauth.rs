//! Accounts at other providers, and sign-ins that are on their way through one.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use sqlx::sqlite::SqliteRow;

use super::{
    AccountId,
    cells::{Cells, object, optional, text, time},
};
use crate::{Result, Store, Transaction, sql::Sql};

/// An account at another provider that an account here is linked to.
#[derive(Clone, Debug, PartialEq)]
pub struct OAuthAccount {
    /// Its id here.
    pub id: String,
    /// The account here.
    pub account: AccountId,
    /// The provider.
    pub provider: String,
    /// Who the provider was then.
    pub issuer: String,
    /// What the provider calls it.
    pub provider_user_id: String,
    /// The address that it had there.
    pub email: Option<String>,
    /// When it was linked.
    pub created_at: Timestamp,
}

/// A sign-in that starts.
#[derive(Clone, Debug)]
pub struct NewOAuthState {
    /// The hash of what comes back with the browser.
    pub hash: String,
    /// The provider.
    pub provider: String,
    /// What is to be known when it comes back.
    pub data: Map<String, Json>,
    /// The time now.
    pub at: Timestamp,
    /// When it is too late to come back.
    pub expires_at: Timestamp,
}

/// A sign-in that came back, and cannot again.
#[derive(Clone, Debug)]
pub struct OAuthState {
    /// The provider.
    pub provider: String,
    /// What was to be known.
    pub data: Map<String, Json>,
}

const BY_PROVIDER: &str = r#"SELECT "id", "user_id", "provider", "issuer", "provider_user_id", "email", "created_at"
    FROM "_alyx_oauth_accounts" WHERE "provider" = ? AND "issuer" = ? AND "provider_user_id" = ?"#;
const OF_ACCOUNT: &str = r#"SELECT "id", "user_id", "provider", "issuer", "provider_user_id", "email", "created_at"
    FROM "_alyx_oauth_accounts" WHERE "user_id" = ? ORDER BY "created_at", "id" LIMIT 1000"#;
const INSERT: &str = r#"INSERT INTO "_alyx_oauth_accounts" ("id", "user_id", "provider", "issuer", "provider_user_id", "email", "created_at")
    VALUES (?, ?, ?, ?, ?, ?, ?)"#;
const USED: &str =
    r#"UPDATE "_alyx_oauth_accounts" SET "last_used_at" = ?2, "email" = coalesce(?3, "email") WHERE "id" = ?1"#;
const DELETE_ALL: &str = r#"DELETE FROM "_alyx_oauth_accounts" WHERE "user_id" = ?"#;
const INSERT_STATE: &str = r#"INSERT INTO "_alyx_oauth_states" ("hash", "provider", "data", "created_at", "expires_at")
    VALUES (?, ?, ?, ?, ?)"#;
const TAKE_STATE: &str =
    r#"DELETE FROM "_alyx_oauth_states" WHERE "hash" = ? AND "expires_at" > ? RETURNING "provider", "data""#;
/// Deletes sign-ins that never came back.
pub(super) const EXPIRED: &str = r#"DELETE FROM "_alyx_oauth_states" WHERE "hash" IN
    (SELECT "hash" FROM "_alyx_oauth_states" WHERE "expires_at" < ? LIMIT 500)"#;

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] =
    &[BY_PROVIDER, OF_ACCOUNT, INSERT, USED, DELETE_ALL, INSERT_STATE, TAKE_STATE, EXPIRED];

fn oauth_account(row: &SqliteRow) -> Result<OAuthAccount> {
    let cells = Cells(row);
    Ok(OAuthAccount {
        id: cells.text(0),
        account: AccountId::new(&cells.text(1)),
        provider: cells.text(2),
        issuer: cells.text(3),
        provider_user_id: cells.text(4),
        email: cells.optional_text(5),
        created_at: cells.time(6)?,
    })
}

impl Store {
    /// What an account is linked to.
    pub async fn oauth_accounts(&self, account: &AccountId) -> Result<Vec<OAuthAccount>> {
        let rows = self.readers().all(Sql::fixed(OF_ACCOUNT, vec![text(account.as_str())])).await?;
        rows.iter().map(oauth_account).collect()
    }
}

impl Transaction<'_> {
    /// What the provider's account is linked to, if it is.
    pub async fn oauth_account(
        &mut self,
        (provider, issuer): (&str, &str),
        provider_user_id: &str,
    ) -> Result<Option<OAuthAccount>> {
        let row = self.row(BY_PROVIDER, vec![text(provider), text(issuer), text(provider_user_id)]).await?;
        row.as_ref().map(oauth_account).transpose()
    }

    /// Links an account; a provider's account that is linked already is [`crate::Error::Taken`].
    pub async fn insert_oauth_account(&mut self, new: &OAuthAccount) -> Result<()> {
        let binds = vec![
            text(&new.id),
            text(new.account.as_str()),
            text(&new.provider),
            text(&new.issuer),
            text(&new.provider_user_id),
            optional(new.email.as_deref()),
            time(new.created_at),
        ];
        self.run(INSERT, binds).await.map(drop)
    }

    /// Notes that somebody signed in by it, and the address that it has now.
    pub async fn note_oauth_sign_in(&mut self, id: &str, at: Timestamp, email: Option<&str>) -> Result<()> {
        self.run(USED, vec![text(id), time(at), optional(email)]).await.map(drop)
    }

    /// Undoes all links of an account.
    pub async fn delete_oauth_accounts(&mut self, account: &AccountId) -> Result<u64> {
        self.run(DELETE_ALL, vec![text(account.as_str())]).await
    }

    /// Keeps a sign-in that starts.
    pub async fn insert_oauth_state(&mut self, new: &NewOAuthState) -> Result<()> {
        let binds = vec![text(&new.hash), text(&new.provider), object(&new.data), time(new.at), time(new.expires_at)];
        self.run(INSERT_STATE, binds).await.map(drop)
    }

    /// Takes a sign-in that came back; nothing where there is none or it is too late.
    pub async fn take_oauth_state(&mut self, hash: &str, at: Timestamp) -> Result<Option<OAuthState>> {
        let Some(row) = self.row(TAKE_STATE, vec![text(hash), time(at)]).await? else { return Ok(None) };
        let cells = Cells(&row);
        Ok(Some(OAuthState { provider: cells.text(0), data: cells.json(1)? }))
    }
}
