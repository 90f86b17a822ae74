//! The store: what the layers above call.

use std::sync::Arc;

use alyx_query::{Cursor, Expand, FieldRef, Predicate, Query, Visible};
use alyx_schema::{Collection, Document, Schema, Value};
use tokio::sync::watch;

use crate::{Change, Result, StoreOptions};

/// An open database with its schema. Cheap to clone.
#[derive(Clone)]
pub struct Store {}

/// What of a document goes into an answer.
#[derive(Clone, Debug, Default)]
pub struct Projection {
    /// Only these fields and the primary key; `None` is all that are not internal.
    pub fields: Option<Vec<FieldRef>>,
    /// Relations to embed.
    pub expand: Vec<Expand>,
}

/// The answer to a list query, read at one moment.
#[derive(Clone, Debug)]
pub struct List {
    /// The documents as the bytes of a JSON array.
    pub docs: Vec<u8>,
    /// How many there are in all, if asked for.
    pub total: Option<u64>,
    /// Where the next page starts; `None` on the last.
    pub next_cursor: Option<Cursor>,
}

/// The outcome of a write.
#[derive(Clone, Debug)]
pub struct Written {
    /// The document after the write as JSON text, or its primary key alone where the caller may not read it.
    pub json: Vec<u8>,
    /// Its place in the feed.
    pub position: i64,
}

/// Figures for metrics.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreStats {
    /// Writes waiting now.
    pub queue_depth: u64,
    /// Commits made.
    pub commits: u64,
    /// Writes made; over `commits` it is the mean size of a commit.
    pub writes: u64,
    /// The last position of the feed.
    pub feed_position: i64,
    /// Rows written to the feed that its slowest reader has not seen.
    pub feed_lag: i64,
}

impl Store {
    /// Opens the database whose tables already fit `schema` (see `migration`).
    pub async fn open(options: StoreOptions, schema: Arc<Schema>) -> Result<Self> {
        let _ = (options, schema);
        todo!()
    }

    /// The schema served.
    pub fn schema(&self) -> Arc<Schema> {
        todo!()
    }

    /// Documents that match the query and that the caller may read, with total and next page, from one snapshot.
    pub async fn list(&self, query: &Query, visible: &dyn Visible) -> Result<List> {
        let _ = (query, visible);
        todo!()
    }

    /// One document as JSON text; `None` where it is absent or not readable.
    pub async fn get(
        &self,
        collection: &Arc<Collection>,
        id: &Value,
        projection: &Projection,
        visible: &dyn Visible,
    ) -> Result<Option<Vec<u8>>> {
        let _ = (collection, id, projection, visible);
        todo!()
    }

    /// Stores a new document; every value is already checked.
    pub async fn create(
        &self,
        collection: &Arc<Collection>,
        document: Document,
        visible: &dyn Visible,
    ) -> Result<Written> {
        let _ = (collection, document, visible);
        todo!()
    }

    /// Sets fields of the document that meets `guard`; `None` where there is none.
    pub async fn update(
        &self,
        collection: &Arc<Collection>,
        id: &Value,
        changes: Vec<(FieldRef, Value)>,
        guard: &Predicate,
        visible: &dyn Visible,
    ) -> Result<Option<Written>> {
        let _ = (collection, id, changes, guard, visible);
        todo!()
    }

    /// Deletes the document that meets `guard`; whether there was one.
    pub async fn delete(&self, collection: &Arc<Collection>, id: &Value, guard: &Predicate) -> Result<bool> {
        let _ = (collection, id, guard);
        todo!()
    }

    /// Changes after a position, oldest first.
    pub async fn changes(&self, after: i64, limit: u32) -> Result<Vec<Change>> {
        let _ = (after, limit);
        todo!()
    }

    /// The last committed position; wakes on each commit.
    pub fn commits(&self) -> watch::Receiver<i64> {
        todo!()
    }

    /// Figures for metrics.
    pub fn stats(&self) -> StoreStats {
        todo!()
    }

    /// Whether the database answers: used by `/health/ready`.
    pub async fn ping(&self) -> Result<()> {
        todo!()
    }

    /// Finishes the writes that were accepted and closes every connection.
    pub async fn close(&self) {
        todo!()
    }
}
