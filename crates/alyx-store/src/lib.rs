//! Documents in SQLite: tables, migrations, reads, the write queue and the change feed.
//!
//! The only crate that knows SQL. It knows nothing of HTTP, accounts or rules: what a caller may
//! see comes in as an [`alyx_query::Visible`].

mod error;
mod feed;
mod options;
mod store;
mod system;

pub use error::{Error, Result};
pub use feed::{Change, Operation};
pub use options::{StoreOptions, Synchronous};
pub use store::{List, Projection, Store, StoreStats, Written};
pub use system::{SystemClock, SystemIds};
