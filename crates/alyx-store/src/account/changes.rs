//! Which accounts and sessions are not what they were: written by triggers in the transaction of the change, so
//! that nothing that changes an account, in this process or another, can forget to tell.

use sqlx::sqlite::SqliteRow;

use super::{AccountId, SessionId, cells::Cells};
use crate::{
    Result, Store,
    sql::{Bind, Sql},
};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountChangeKind {
    /// The account's address, role, state or metadata changed.
    Changed,
    /// The account is gone.
    Deleted,
    /// A session ended.
    SignedOut,
}

/// One change of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountChange {
    /// Its place; rises by commit order.
    pub position: i64,
    /// What happened.
    pub kind: AccountChangeKind,
    /// To which account.
    pub account: AccountId,
    /// The session that ended.
    pub session: Option<SessionId>,
}

/// Changes after a position.
#[derive(Clone, Debug)]
pub struct AccountChanges {
    /// The changes, oldest first.
    pub changes: Vec<AccountChange>,
    /// Whether every change since the position is among them or still to be read; older ones are trimmed.
    pub complete: bool,
}

const AFTER: &str = r#"SELECT "id", "kind", "user_id", "session_id", (SELECT min("id") FROM "_alyx_account_changes")
    FROM "_alyx_account_changes" WHERE "id" > ? ORDER BY "id" LIMIT ?"#;
/// Deletes old rows, never the newest.
pub(crate) const TRIM: &str = r#"DELETE FROM "_alyx_account_changes" WHERE "id" < (SELECT min("id") FROM "_alyx_account_changes") + ?
    AND "id" < (SELECT max("id") FROM "_alyx_account_changes") AND "timestamp" < ?"#;

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[AFTER, TRIM];

fn change(row: &SqliteRow) -> AccountChange {
    let cells = Cells(row);
    AccountChange {
        position: cells.number(0),
        kind: match cells.text(1).as_str() {
            "deleted" => AccountChangeKind::Deleted,
            "signed_out" => AccountChangeKind::SignedOut,
            _ => AccountChangeKind::Changed,
        },
        account: AccountId::new(&cells.text(2)),
        session: cells.optional_text(3).map(|id| SessionId::new(&id)),
    }
}

impl Store {
    /// Changes of accounts after a position, oldest first.
    pub async fn account_changes(&self, after: i64, limit: u32) -> Result<AccountChanges> {
        let binds = vec![Bind::Integer(after), Bind::Integer(limit.into())];
        let rows = self.readers().all(Sql::fixed(AFTER, binds)).await?;
        let oldest = rows.first().map_or(0, |row| Cells(row).number(4));
        Ok(AccountChanges { changes: rows.iter().map(change).collect(), complete: oldest <= after + 1 })
    }
}
