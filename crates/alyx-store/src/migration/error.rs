//! Why a migration did not happen, in words that are enough to go on with.

use std::fmt;

use alyx_schema::{Diagnostic, SchemaChange, Span};

/// The result of a migration.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a migration did not happen; the database is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The schema changed in a way that needs a migration file.
    #[error("{0}")]
    UnsafeChanges(Box<Refusal>),
    /// A file was edited after it was applied.
    #[error(
        "migrations/{file} was changed after it was applied on {applied_at}\n  an applied migration never runs again, so the edit would be lost\n  \
         put the old text back and write what is new into another file, or roll it back with `alyx-cli migrate rollback`"
    )]
    Edited {
        /// The file.
        file: String,
        /// When it was applied.
        applied_at: String,
    },
    /// A migration that was applied has no file any more.
    #[error(
        "migration {version:03}_{name} was applied on {applied_at}, but its file is gone\n  \
         put migrations/{version:03}_{name}.yaml back, or roll it back with `alyx-cli migrate rollback`"
    )]
    MissingFile {
        /// Its number.
        version: u32,
        /// Its name.
        name: String,
        /// When it was applied.
        applied_at: String,
    },
    /// An operation does not fit the data model.
    #[error("{file}:{}:{}: {reason}", .span.line, .span.column)]
    Operation {
        /// The file.
        file: String,
        /// The operation's place.
        span: Span,
        /// What is wrong with it.
        reason: String,
    },
    /// Documents that are stored cannot be what the migration wants them to be.
    #[error("{0}")]
    FailingRows(Box<FailingRows>),
    /// After the migration a document would refer to one that does not exist.
    #[error("after {migration}, {} of {collection} would refer to a document that does not exist, such as {}", documents(*.count), .examples.join(", "))]
    BrokenReferences {
        /// The migration.
        migration: String,
        /// The collection that refers.
        collection: String,
        /// How many documents.
        count: u64,
        /// Primary keys of some of them.
        examples: Vec<String>,
    },
    /// The tables are not what the schema says.
    #[error(
        "after {migration}, the table of {collection} is not what the schema says: {difference}\n  change tables with operations, and use `sql` for data"
    )]
    Structure {
        /// The migration.
        migration: String,
        /// The collection.
        collection: String,
        /// What differs.
        difference: String,
    },
    /// A migration cannot be rolled back.
    #[error("{migration} cannot be rolled back: {reason}")]
    NoWayBack {
        /// The migration.
        migration: String,
        /// Why not.
        reason: String,
    },
    /// There are not so many migrations to roll back.
    #[error("{asked} migrations were to be rolled back and there are {applied}")]
    TooFew {
        /// How many were asked for.
        asked: usize,
        /// How many there are.
        applied: usize,
    },
    /// The schema that is kept in the database cannot be read.
    #[error("the schema kept in the database cannot be read: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    StoredSchema(Vec<Diagnostic>),
    /// Another process is migrating or writing.
    #[error("another process holds the database; try again when it is done")]
    Locked,
    /// The database itself failed.
    #[error("{doing}: {source}")]
    Database {
        /// What was being done.
        doing: String,
        /// The driver's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file could not be written or removed.
    #[error("{doing}: {source}")]
    File {
        /// What was being done.
        doing: String,
        /// The system's error.
        source: std::io::Error,
    },
}

impl From<crate::Error> for Error {
    fn from(error: crate::Error) -> Self {
        Self::Database { doing: "the database could not be opened".to_owned(), source: Box::new(error) }
    }
}

/// Changes that need a migration file, and the file that would make them.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The changes.
    pub changes: Vec<SchemaChange>,
    /// What pending files had nothing to do, and why: perhaps a slip in a name.
    pub notes: Vec<String>,
    /// The file's name and text; none where no operation can make the change.
    pub file: Option<(String, String)>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "the schema changed in a way that could lose or break stored documents, so it needs a migration file"
        )?;
        for change in &self.changes {
            writeln!(f, "  - {change}")?;
        }
        for note in &self.notes {
            writeln!(f, "  note: {note}")?;
        }
        match &self.file {
            Some((name, text)) => {
                write!(
                    f,
                    "this file would do it; read it, change what is not meant, and save it as migrations/{name}\n\n{text}"
                )
            }
            None => write!(f, "no operation can do this; undo the change in schema.yaml"),
        }
    }
}

/// Stored documents that cannot be what a migration wants.
#[derive(Clone, Debug, serde::Serialize)]
pub struct FailingRows {
    /// The migration.
    pub migration: String,
    /// The collection.
    pub collection: String,
    /// The field, or the fields of an index.
    pub field: String,
    /// How many documents.
    pub count: u64,
    /// The first of them.
    pub examples: Vec<FailingRow>,
}

/// One such document.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FailingRow {
    /// Its primary key.
    pub id: String,
    /// What is wrong with its value.
    pub reason: String,
}

impl fmt::Display for FailingRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { migration, collection, field, .. } = self;
        write!(f, "{migration}: {} of {collection} cannot keep {field}", documents(self.count))?;
        for row in &self.examples {
            write!(f, "\n  {}: {}", row.id, row.reason)?;
        }
        if self.count > self.examples.len() as u64 {
            write!(f, "\n  and {} more", self.count - self.examples.len() as u64)?;
        }
        Ok(())
    }
}

fn documents(number: u64) -> String {
    format!("{number} {}", if number == 1 { "document" } else { "documents" })
}
