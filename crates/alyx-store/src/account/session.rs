//! Sessions: one sign-in on one device, kept alive by its refresh token.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;

use super::{
    Account, AccountId, SessionId,
    cells::{Cells, optional, text, time},
};
use crate::{
    Result, Store, Transaction,
    sql::{Bind, Sql},
};

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub last_used_at: Timestamp,
    /// When it ends unless it is refreshed.
    pub expires_at: Timestamp,
    /// What the client called itself.
    pub user_agent: Option<String>,
    /// The address that the client had last.
    pub ip_address: Option<String>,
}

/// A session to be made; shows no hash.
#[derive(Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// Its first refresh token.
    pub rotation: Rotation,
    /// What makes its refresh tokens its own.
    pub nonce: String,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The client's address.
    pub ip_address: Option<String>,
}

/// The refresh token that is good from now on; shows no hash.
#[derive(Clone)]
pub struct Rotation {
    /// How many came before it.
    pub generation: i64,
    /// Its hash.
    pub refresh_token_hash: String,
    /// The key that it was derived from.
    pub key_id: String,
    /// Rotations of the last seconds, as JSON.
    pub recent_rotations: String,
    /// The time now.
    pub at: Timestamp,
    /// When the session ends unless it is refreshed.
    pub expires_at: Timestamp,
}

/// A session and its account, as every request needs to know it.
#[derive(Clone, Debug)]
pub struct SessionState {
    /// The session.
    pub id: SessionId,
    /// The account.
    pub account: Account,
}

/// A session as a refresh needs to know it; shows no hash.
#[derive(Clone)]
pub struct RefreshState {
    /// The account.
    pub account: Account,
    /// How many refresh tokens came before the one that is good.
    pub generation: i64,
    /// The hash of the one that is good.
    pub refresh_token_hash: String,
    /// The key that it was derived from.
    pub key_id: String,
    /// What makes this session's refresh tokens its own.
    pub nonce: String,
    /// Rotations of the last seconds, as JSON.
    pub recent_rotations: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

macro_rules! show_nothing {
    ($($name:ident),+) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })+
    };
}
show_nothing!(NewSession, Rotation, RefreshState);

const STATE: &str = r#"SELECT s."id", u."id", u."email", u."role", u."verified", u."banned", u."metadata", u."created_at",
    u."updated_at", u."last_sign_in_at", u."password_hash" FROM "_alyx_sessions" AS s
    JOIN "_alyx_users" AS u ON u."id" = s."user_id" WHERE s."id" = ?"#;
const FOR_REFRESH: &str = r#"SELECT s."generation", s."refresh_token_hash", s."key_id", s."nonce", s."recent_rotations", s."expires_at",
    u."id", u."email", u."role", u."verified", u."banned", u."metadata", u."created_at", u."updated_at", u."last_sign_in_at",
    u."password_hash" FROM "_alyx_sessions" AS s JOIN "_alyx_users" AS u ON u."id" = s."user_id" WHERE s."id" = ?"#;
const OF_ACCOUNT: &str = r#"SELECT "id", "created_at", "last_used_at", "expires_at", "user_agent", "ip_address" FROM "_alyx_sessions"
    WHERE "user_id" = ? AND "expires_at" > ? ORDER BY "created_at" DESC, "id" DESC LIMIT 1000"#;
const ADDRESSES: &str = r#"SELECT DISTINCT s."ip_address" FROM "_alyx_sessions" AS s JOIN "_alyx_users" AS u ON u."id" = s."user_id"
    WHERE u."email" = ? AND s."ip_address" IS NOT NULL LIMIT 1000"#;
const INSERT: &str = r#"INSERT INTO "_alyx_sessions" ("id", "user_id", "refresh_token_hash", "generation", "key_id", "nonce", "rotated_at",
    "created_at", "last_used_at", "expires_at", "user_agent", "ip_address") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?7, ?8, ?9, ?10)"#;
const ROTATE: &str = r#"UPDATE "_alyx_sessions" SET "refresh_token_hash" = ?2, "generation" = ?3, "key_id" = ?4, "recent_rotations" = ?5,
    "rotated_at" = ?6, "last_used_at" = ?6, "expires_at" = ?7, "ip_address" = coalesce(?8, "ip_address") WHERE "id" = ?1"#;
const END: &str = r#"DELETE FROM "_alyx_sessions" WHERE "id" = ? AND "user_id" = ?"#;
const END_ALL: &str = r#"DELETE FROM "_alyx_sessions" WHERE "user_id" = ?"#;
/// Deletes sessions that ended by themselves.
pub(super) const EXPIRED: &str = r#"DELETE FROM "_alyx_sessions" WHERE "id" IN
    (SELECT "id" FROM "_alyx_sessions" WHERE "expires_at" < ? LIMIT 500)"#;

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] =
    &[STATE, FOR_REFRESH, OF_ACCOUNT, ADDRESSES, INSERT, ROTATE, END, END_ALL, EXPIRED];

fn session(row: &SqliteRow) -> Result<Session> {
    let cells = Cells(row);
    Ok(Session {
        id: SessionId::new(&cells.text(0)),
        created_at: cells.time(1)?,
        last_used_at: cells.time(2)?,
        expires_at: cells.time(3)?,
        user_agent: cells.optional_text(4),
        ip_address: cells.optional_text(5),
    })
}

impl Store {
    /// A session that has not ended, with its account.
    pub async fn session_state(&self, id: &SessionId) -> Result<Option<SessionState>> {
        let row = self.readers().one(STATE, vec![text(id.as_str())]).await?;
        let state = |row: &SqliteRow| {
            let cells = Cells(row);
            Ok(SessionState { id: SessionId::new(&cells.text(0)), account: Account::from_cells(&cells, 1)? })
        };
        row.as_ref().map(state).transpose()
    }

    /// The sessions of an account that have not ended, newest first.
    pub async fn sessions(&self, account: &AccountId, at: Timestamp) -> Result<Vec<Session>> {
        let sql = Sql::fixed(OF_ACCOUNT, vec![text(account.as_str()), time(at)]);
        self.readers().all(sql).await?.iter().map(session).collect()
    }

    /// The addresses that sessions of the account with this e-mail address have.
    pub async fn session_addresses(&self, email: &str) -> Result<Vec<String>> {
        let rows = self.readers().all(Sql::fixed(ADDRESSES, vec![text(email)])).await?;
        Ok(rows.iter().map(|row| Cells(row).text(0)).collect())
    }
}

impl Transaction<'_> {
    /// Begins a session.
    pub async fn insert_session(&mut self, new: &NewSession) -> Result<()> {
        let rotation = &new.rotation;
        let binds = vec![
            text(new.id.as_str()),
            text(new.account.as_str()),
            text(&rotation.refresh_token_hash),
            Bind::Integer(rotation.generation),
            text(&rotation.key_id),
            text(&new.nonce),
            time(rotation.at),
            time(rotation.expires_at),
            optional(new.user_agent.as_deref()),
            optional(new.ip_address.as_deref()),
        ];
        self.run(INSERT, binds).await.map(drop)
    }

    /// A session as a refresh needs to know it.
    pub async fn refresh_state(&mut self, id: &SessionId) -> Result<Option<RefreshState>> {
        let Some(row) = self.row(FOR_REFRESH, vec![text(id.as_str())]).await? else { return Ok(None) };
        let cells = Cells(&row);
        Ok(Some(RefreshState {
            generation: cells.number(0),
            refresh_token_hash: cells.text(1),
            key_id: cells.text(2),
            nonce: cells.text(3),
            recent_rotations: cells.text(4),
            expires_at: cells.time(5)?,
            account: Account::from_cells(&cells, 6)?,
        }))
    }

    /// Puts the next refresh token in the place of the one that was good.
    pub async fn rotate_session(&mut self, id: &SessionId, next: &Rotation, ip_address: Option<&str>) -> Result<()> {
        let binds = vec![
            text(id.as_str()),
            text(&next.refresh_token_hash),
            Bind::Integer(next.generation),
            text(&next.key_id),
            text(&next.recent_rotations),
            time(next.at),
            time(next.expires_at),
            optional(ip_address),
        ];
        self.run(ROTATE, binds).await.map(drop)
    }

    /// Ends a session of the account; whether it had that session.
    pub async fn end_session(&mut self, account: &AccountId, id: &SessionId) -> Result<bool> {
        Ok(self.run(END, vec![text(id.as_str()), text(account.as_str())]).await? > 0)
    }

    /// Ends all sessions of the account; how many there were.
    pub async fn end_sessions(&mut self, account: &AccountId) -> Result<u64> {
        self.run(END_ALL, vec![text(account.as_str())]).await
    }
}
