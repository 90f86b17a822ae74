//! Settings as the store wants them.

use std::path::Path;

use alyx_config::{Config, section::Synchronous as Wanted};
use alyx_store::{StoreOptions, Synchronous};

/// How the database of a project is opened.
pub(crate) fn store_options(config: &Config, project: &Path) -> StoreOptions {
    StoreOptions {
        synchronous: match config.database.synchronous {
            Wanted::Off => Synchronous::Off,
            Wanted::Normal => Synchronous::Normal,
            Wanted::Full => Synchronous::Full,
        },
        cache_bytes: config.database.cache.bytes(),
        readers: config.database.readers.get() as usize,
        read_timeout: config.database.read_timeout.value(),
        poll_interval: config.realtime.poll_interval,
        feed_retention: config.realtime.retention.value(),
        feed_rows: config.realtime.retention_rows.value(),
        transactions: config.database.transactions.max_open.get() as usize,
        ..StoreOptions::new(config.database_file(project))
    }
}
