//! All documents out of a database and into one, as JSON or YAML, a document at a time.

mod dump;
mod json;
mod seed;
mod seed_account;
mod yaml;

use std::io;

pub use dump::{Dumped, dump};
pub use seed::{Failure, Seed, Seeded, seed, seed_from};
pub use seed_account::PasswordHasher;

use crate::migration;

/// The format of a dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One object: collections, each a list of documents.
    Json,
    /// The same as YAML.
    Yaml,
}

impl Format {
    /// The format that a file's name tells: `.json`, `.yaml` or `.yml`.
    #[must_use]
    pub fn of(path: &std::path::Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }
}

/// How many documents of which collection are done.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// The collection.
    pub collection: &'a str,
    /// Documents done.
    pub done: u64,
    /// Documents in all, where that is known.
    pub total: Option<u64>,
}

/// Hears how far a transfer is.
pub type Progress<'a> = dyn FnMut(Event<'_>) + Send + 'a;

/// The result of a transfer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a transfer failed; a seed that fails changes nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Documents cannot be stored; every one that was found is named, up to a limit.
    #[error("{}", seed::describe(.failures, *.count))]
    Refused {
        /// The first of them.
        failures: Vec<Failure>,
        /// How many there are.
        count: u64,
    },
    /// The text is not of the format.
    #[error("{0}")]
    Syntax(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] migration::Error),
    /// Reading or writing failed.
    #[error("the file could not be read or written")]
    Io(#[from] io::Error),
}
