//! Documents in SQLite: tables, migrations, reads, the write queue and the change feed.
//!
//! The only crate that knows SQL. It knows nothing of HTTP or rules, and decides nothing about accounts, which it
//! keeps: what a caller may see comes in as an [`alyx_query::Visible`].
//!
//! ```
//! use std::sync::Arc;
//!
//! use alyx_query::{Everything, Predicate};
//! use alyx_schema::{Value, parse_schema};
//! use alyx_store::{Database, Projection, StoreOptions};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?; let path = folder.path().join("alyx.db");
//! let text = "version: 1\ncollections: {notes: {fields: {id: {type: int, primary: true}}}}";
//! let schema = Arc::new(parse_schema("schema.yaml", text).map_err(|faults| format!("{faults:?}"))?);
//! let mut database = Database::open(&StoreOptions::new(path)).await?;
//! database.create_collections(&schema).await?;
//! let store = database.into_store(schema.clone()).await?;
//! let notes = schema.collection("notes").ok_or("it is in the schema")?;
//! store.create(notes, alyx_schema::Document { values: vec![Value::Int(7)] }, &Predicate::TRUE, &Everything).await?;
//! let found = store.get(notes, &Value::Int(7), &Projection::default(), &Everything).await?;
//! assert_eq!(found.as_deref(), Some(&br#"{"id":7}"#[..]));
//! # store.close().await;
//! # Ok(())
//! # }
//! ```

pub mod account;
mod advise;
pub mod backup;
mod connection;
mod counts;
mod database;
mod error;
pub mod execution;
mod fault;
mod feed;
pub mod migration;
mod options;
mod readers;
mod render;
pub mod session;
mod sql;
mod store;
mod system;
pub mod transfer;
mod write_queue;

pub use advise::{Advice, AdvisedIndex};
pub use counts::DocumentHistory;
pub use database::Database;
pub use error::{Error, Result};
pub use feed::{Change, FeedReader, Operation, old_value};
pub use options::{StoreOptions, Synchronous};
pub use store::{Contents, Explanation, List, Projection, Store, StoreStats, WeakStore, Written};
pub use store::{News, Past, Place, Snapshot, Window};
pub use system::{SystemClock, SystemIds};
pub use write_queue::{CommitSizes, Transaction};
