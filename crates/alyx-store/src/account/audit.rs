//! The audit log: who did what an administrator may do. The database itself refuses to change it.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use sqlx::sqlite::SqliteRow;

use super::cells::{Cells, object, optional, text, time};
use crate::{
    Result, Store, Transaction,
    sql::{Bind, Sql},
};

/// What kind of caller acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// An account.
    Account,
    /// The bearer of the administrator's token.
    AdminToken,
    /// A deploy token.
    DeployToken,
    /// A command on the machine itself.
    Cli,
    /// The set-up link.
    Setup,
    /// Alyx by itself.
    System,
}

impl ActorKind {
    const ALL: [(Self, &str); 6] = [
        (Self::Account, "account"),
        (Self::AdminToken, "admin_token"),
        (Self::DeployToken, "deploy_token"),
        (Self::Cli, "cli"),
        (Self::Setup, "setup"),
        (Self::System, "system"),
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("system", |(_, word)| word)
    }

    fn of(word: &str) -> Self {
        Self::ALL.iter().find(|(_, each)| *each == word).map_or(Self::System, |(kind, _)| *kind)
    }
}

/// Who acted.
#[derive(Clone, Debug, PartialEq)]
pub struct Actor {
    /// What kind of caller.
    pub kind: ActorKind,
    /// The account's id.
    pub id: Option<String>,
    /// The account's address, or the token's name.
    pub name: Option<String>,
}

impl Actor {
    /// An actor that needs no name.
    #[must_use]
    pub fn unnamed(kind: ActorKind) -> Self {
        Self { kind, id: None, name: None }
    }
}

/// An act to be noted.
#[derive(Clone, Debug)]
pub struct NewAuditEntry {
    /// The time now.
    pub at: Timestamp,
    /// Who acts.
    pub actor: Actor,
    /// What is done: `account.role_changed`.
    pub action: &'static str,
    /// What it is done to: an account's id, a token's name.
    pub target: Option<String>,
    /// More about it; never a secret.
    pub details: Map<String, Json>,
    /// The caller's address.
    pub ip: Option<String>,
    /// The request that asked for it.
    pub request_id: Option<String>,
}

/// An act that was noted.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Its place in the log.
    pub id: i64,
    /// When it was.
    pub at: Timestamp,
    /// Who acted.
    pub actor: Actor,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub target: Option<String>,
    /// More about it.
    pub details: Map<String, Json>,
    /// The caller's address.
    pub ip: Option<String>,
    /// The request that asked for it.
    pub request_id: Option<String>,
}

/// Which entries are read, newest first.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Only those before this place.
    pub before: Option<i64>,
    /// Only those of this action.
    pub action: Option<String>,
    /// Only those done to this.
    pub target: Option<String>,
    /// At most so many.
    pub limit: u32,
    /// So many are passed over.
    pub offset: u32,
}

const LIST: &str = r#"SELECT "id", "at", "actor_kind", "actor_id", "actor_name", "action", "target", "details", "ip", "request_id"
    FROM "_alyx_audit" WHERE (?1 IS NULL OR "id" < ?1) AND (?2 IS NULL OR "action" = ?2) AND (?3 IS NULL OR "target" = ?3)
    ORDER BY "id" DESC LIMIT ?4 OFFSET ?5"#;
const INSERT: &str = r#"INSERT INTO "_alyx_audit"
    ("at", "actor_kind", "actor_id", "actor_name", "action", "target", "details", "ip", "request_id") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"#;

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[LIST, INSERT];

fn entry(row: &SqliteRow) -> Result<AuditEntry> {
    let cells = Cells(row);
    Ok(AuditEntry {
        id: cells.number(0),
        at: cells.time(1)?,
        actor: Actor { kind: ActorKind::of(&cells.text(2)), id: cells.optional_text(3), name: cells.optional_text(4) },
        action: cells.text(5),
        target: cells.optional_text(6),
        details: cells.json(7)?,
        ip: cells.optional_text(8),
        request_id: cells.optional_text(9),
    })
}

impl Store {
    /// Entries of the audit log, newest first.
    pub async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>> {
        let binds = vec![
            query.before.map_or(Bind::Null, Bind::Integer),
            optional(query.action.as_deref()),
            optional(query.target.as_deref()),
            Bind::Integer(query.limit.into()),
            Bind::Integer(query.offset.into()),
        ];
        self.readers().all(Sql::fixed(LIST, binds)).await?.iter().map(entry).collect()
    }
}

impl Transaction<'_> {
    /// Notes an act, in the transaction of the act.
    pub async fn insert_audit_entry(&mut self, new: &NewAuditEntry) -> Result<()> {
        let binds = vec![
            time(new.at),
            text(new.actor.kind.as_str()),
            optional(new.actor.id.as_deref()),
            optional(new.actor.name.as_deref()),
            text(new.action),
            optional(new.target.as_deref()),
            object(&new.details),
            optional(new.ip.as_deref()),
            optional(new.request_id.as_deref()),
        ];
        self.run(INSERT, binds).await.map(drop)
    }
}
