//! How a database is opened.

use std::{num::NonZeroU32, path::PathBuf, time::Duration};

/// Settings of one database.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The database file, usually `alyx_data/alyx.db`.
    pub path: PathBuf,
    /// How hard a commit is pushed to the disk.
    pub synchronous: Synchronous,
    /// Page cache in bytes, shared out over all connections (the default is 64 MB).
    pub cache_bytes: u64,
    /// Read-only connections.
    pub readers: usize,
    /// Longest time that one read may take.
    pub read_timeout: Option<Duration>,
    /// How often another process's writes are looked for.
    pub poll_interval: Duration,
    /// How long rows of the change feed are kept.
    pub feed_retention: Option<Duration>,
    /// How many rows of the change feed are kept at most; an eighth more may be there before they are cleared away.
    pub feed_rows: Option<NonZeroU32>,
    /// Most transactions that are open at the same time.
    pub transactions: usize,
}

/// SQLite's `synchronous`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// No waiting at all: a power cut can corrupt.
    Off,
    /// Safe against crashes of the process; a power cut may lose the last commits.
    #[default]
    Normal,
    /// Every commit reaches the disk before it is acknowledged.
    Full,
}

impl StoreOptions {
    /// The defaults for a database at `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            synchronous: Synchronous::default(),
            cache_bytes: 64 * 1000 * 1000,
            readers: 4,
            read_timeout: Some(Duration::from_secs(10)),
            poll_interval: Duration::from_millis(50),
            feed_retention: Some(Duration::from_secs(7 * 24 * 3600)),
            feed_rows: NonZeroU32::new(1_000_000),
            transactions: 64,
        }
    }
}
