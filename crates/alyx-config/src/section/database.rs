//! `database`: the file and how it is used.

use std::{num::NonZeroU32, path::PathBuf, time::Duration};

use crate::{
    table::section,
    value::{ByteSize, Limit, choice},
};

section! {
    /// The database. Variables: `ALYX_DATABASE_` and the key in capitals.
    Database {
        /// The database file. Unset: `alyx.db` in the data folder.
        path: Option<PathBuf>,
        /// How hard a commit is pushed to the disk: `normal` survives any crash of the process, but a power cut may lose the last moments; `full` survives that too; `off` may corrupt.
        synchronous: Synchronous = "normal",
        /// Page cache in all, shared out over the connections.
        cache: ByteSize = "64MB",
        /// Connections that read at the same time.
        readers: NonZeroU32 = "4",
        /// Longest time that one read may take.
        read_timeout: Limit<Duration> = "10s",
    }
}

choice! {
    /// SQLite's `synchronous`.
    Synchronous {
        /// No waiting: a power cut can corrupt.
        Off = "off",
        /// Safe against crashes of the process.
        Normal = "normal",
        /// Every commit reaches the disk before it is acknowledged.
        Full = "full",
    }
}
