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
        /// Transactions over several calls, and batches.
        transactions: Transactions,
    }
}

section! {
    /// Transactions over several calls, and batches. Variables: `ALYX_DATABASE_TRANSACTIONS_` and the key in capitals.
    Transactions {
        /// How long a transaction may keep others from writing, from its first change on; then it is rolled back.
        lease: Duration = "1s",
        /// How long nothing may be heard of a transaction; then it is rolled back.
        idle_timeout: Duration = "30s",
        /// Longest time for one transaction, used or not: what it sees must be kept all that time.
        max_duration: Limit<Duration> = "5m",
        /// Transactions that are open at the same time.
        max_open: NonZeroU32 = "64",
        /// Those of them that belong to one caller: an account, a token, or without these an address.
        max_per_caller: Limit<u32> = "16",
        /// Operations of one batch.
        max_operations: Limit<u32> = "1000",
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
