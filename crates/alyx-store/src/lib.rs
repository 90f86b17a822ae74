//! Documents in SQLite: tables, migrations, reads, the write queue and the change feed.
//!
//! The only crate that knows SQL. It knows nothing of HTTP, accounts or rules: what a caller may
//! see comes in as an [`alyx_query::Visible`].

mod advise;
mod advise;
pub mod backup;
mod connection;
mod counts;
mod database;
mod error;
mod fault;
mod feed;
pub mod migration;
mod options;
mod readers;
mod render;
mod sql;
mod store;
mod system;
pub mod transfer;
mod write_queue;

pub use advise::{Advice, AdvisedIndex};
pub use advise::Advice;
pub use database::Database;
pub use error::{Error, Result};
pub use feed::{Change, Operation, old_value};
pub use options::{StoreOptions, Synchronous};
pub use store::{List, Projection, Store, StoreStats, Written};
pub use system::{SystemClock, SystemIds};
pub use write_queue::Transaction;
