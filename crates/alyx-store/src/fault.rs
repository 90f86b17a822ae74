//! What a driver's error means to the caller of the store.

use std::time::Duration;

use alyx_schema::{Collection, FieldName};

use crate::Error;

/// SQLite's primary result codes that matter here.
mod code {
    pub(super) const CONSTRAINT: i32 = 19;
    pub(super) const BUSY: i32 = 5;
    /// Somebody else has written since the transaction's moment.
    pub(super) const BUSY_SNAPSHOT: i32 = 517;
    pub(super) const INTERRUPT: i32 = 9;
    pub(super) const TOO_BIG: i32 = 18;
    /// A fault of the statement alone, after which the transaction still stands: a general error, text
    /// or blob too big, constraint, type mismatch.
    pub(super) const OF_THE_STATEMENT: [i32; 4] = [1, TOO_BIG, CONSTRAINT, 20];
}

/// Why a statement failed.
#[derive(Debug)]
pub(crate) struct Fault {
    code: i32,
    message: String,
    source: sqlx::Error,
}

/// What a violated constraint asks of the caller.
pub(crate) enum Violation {
    /// These columns are taken.
    Unique(Vec<FieldName>),
    /// A foreign key, SQLite does not say which.
    ForeignKey,
    /// The document is too long.
    TooBig,
    /// Any other fault.
    Other,
}

impl From<sqlx::Error> for Fault {
    fn from(source: sqlx::Error) -> Self {
        let (code, message) = match source.as_database_error() {
            Some(error) => {
                let code = error.code().and_then(|code| code.parse().ok()).unwrap_or_default();
                (code, error.message().to_owned())
            }
            None => (-1, source.to_string()),
        };
        Self { code, message, source }
    }
}

impl Fault {
    /// Whether only this statement failed, and the transaction around it can go on.
    pub(crate) fn is_of_the_statement(&self) -> bool {
        code::OF_THE_STATEMENT.contains(&(self.code & 0xff))
    }

    /// Whether another process held the database for too long.
    pub(crate) fn is_busy(&self) -> bool {
        self.code & 0xff == code::BUSY
    }

    /// Whether the transaction cannot write since others did after its moment.
    pub(crate) fn is_stale(&self) -> bool {
        self.code == code::BUSY_SNAPSHOT
    }

    pub(crate) fn violation(&self) -> Violation {
        if self.code & 0xff == code::TOO_BIG {
            return Violation::TooBig;
        }
        if self.code & 0xff != code::CONSTRAINT {
            return Violation::Other;
        }
        if let Some(columns) = self.message.strip_prefix("UNIQUE constraint failed: ") {
            return Violation::Unique(columns.split(", ").map(column_name).collect());
        }
        if self.message.starts_with("FOREIGN KEY constraint failed") {
            return Violation::ForeignKey;
        }
        Violation::Other
    }

    pub(crate) fn into_error(self, doing: &'static str) -> Error {
        Error::Database { doing, source: Box::new(self.source) }
    }
}

/// `posts.slug` is the column `slug`; names have no dots.
fn column_name(qualified: &str) -> FieldName {
    FieldName::new(qualified.rsplit('.').next().unwrap_or(qualified))
}

/// What a failed read means.
pub(crate) fn of_read(error: sqlx::Error, limit: Option<Duration>) -> Error {
    let fault = Fault::from(error);
    match limit {
        Some(limit) if fault.code & 0xff == code::INTERRUPT => Error::TooSlow { seconds: limit.as_secs() },
        _ if fault.code & 0xff == code::TOO_BIG => Error::AnswerTooLarge,
        _ => fault.into_error("reading"),
    }
}

/// The foreign keys of a collection, for telling which of them failed.
pub(crate) fn foreign_keys(collection: &Collection) -> impl Iterator<Item = (usize, &alyx_schema::Reference)> {
    collection
        .fields
        .iter()
        .enumerate()
        .filter_map(|(index, field)| field.references.as_ref().map(|reference| (index, reference)))
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (SQLite code {})", self.message, self.code)
    }
}
