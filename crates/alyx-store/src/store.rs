//! The store: what the layers above call.

mod change;
mod explain;
mod history;
mod list;
mod page;
mod past;
mod plan;
mod read;
mod search;
mod snapshot;
mod within;
mod write;

use std::{
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

pub use crate::sql::Past;
use alyx_query::Cursor;
pub use alyx_query::Projection;
use alyx_schema::Schema;
pub use explain::Explanation;
pub use history::Contents;
pub use snapshot::{News, Place, Snapshot, Window};
use sqlx::SqliteConnection;
use tokio::sync::watch;

use crate::{
    Database, Result, StoreOptions,
    counts::Counts,
    feed::FeedReaders,
    readers::Readers,
    session::{Connections, Shared},
    write_queue::{CommitSizes, WriteQueue},
};

pub(crate) use page::api_value;

/// Time between two looks whether a store that was replaced is still in use.
const RETIRED_LOOK: Duration = Duration::from_millis(5);

/// An open database with its schema. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    /// The transaction inside of which it works.
    session: Option<Arc<Shared>>,
}

/// A store that may have been closed; for those who only follow it, and should not keep it open.
#[derive(Clone)]
pub struct WeakStore {
    inner: Weak<Inner>,
}

impl WeakStore {
    /// The store, if anybody still holds it.
    #[must_use]
    pub fn upgrade(&self) -> Option<Store> {
        self.inner.upgrade().map(|inner| Store { inner, session: None })
    }
}

struct Inner {
    schema: Arc<Schema>,
    readers: Readers,
    queue: WriteQueue,
    connections: Connections,
    plans: plan::Plans,
    counts: Counts,
    searches: search::Searches,
    feed_readers: Arc<FeedReaders>,
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
    /// The feed's position once it was committed: its own change is there or before.
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
    /// Writes by the size of their commit.
    pub commit_sizes: CommitSizes,
    /// The last position of the feed.
    pub feed_position: i64,
    /// Rows written to the feed that its slowest reader has not seen.
    pub feed_lag: i64,
    /// Totals that were answered without counting.
    pub counts_reused: u64,
    /// Transactions that are open.
    pub transactions: u64,
}

impl Store {
    /// Opens the database whose tables already fit `schema` (see `migration`).
    pub async fn open(options: StoreOptions, schema: Arc<Schema>) -> Result<Self> {
        Database::open(&options).await?.into_store(schema).await
    }

    pub(crate) async fn start(options: StoreOptions, writer: SqliteConnection, schema: Arc<Schema>) -> Result<Self> {
        let readers = Readers::open(&options).await?;
        let queue = WriteQueue::start(writer, &options).await?;
        let connections = Connections::new(&options);
        let plans = plan::Plans::new(&schema);
        let (counts, searches, feed_readers) = (Counts::default(), search::Searches::default(), Arc::default());
        let inner = Inner { schema, readers, queue, connections, plans, counts, searches, feed_readers };
        Ok(Self { inner: Arc::new(inner), session: None })
    }

    pub(crate) fn feed_readers(&self) -> &Arc<FeedReaders> {
        &self.inner.feed_readers
    }

    pub(crate) fn readers(&self) -> &Readers {
        &self.inner.readers
    }

    /// A handle that does not keep it open.
    #[must_use]
    pub fn downgrade(&self) -> WeakStore {
        WeakStore { inner: Arc::downgrade(&self.inner) }
    }

    /// The schema served.
    #[must_use]
    pub fn schema(&self) -> Arc<Schema> {
        self.inner.schema.clone()
    }

    /// The last committed position; wakes on each commit.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<i64> {
        self.inner.queue.commits().clone()
    }

    /// Where commits ended between two positions, both left out, as far as they are remembered.
    #[must_use]
    pub fn commits_between(&self, after: i64, before: i64) -> Vec<i64> {
        self.inner.queue.recent().between(after, before)
    }

    /// How far the changes of accounts have come, whoever made them; wakes on each.
    #[must_use]
    pub fn account_changes_made(&self) -> &watch::Receiver<i64> {
        self.inner.queue.accounts()
    }

    /// Figures for metrics.
    #[must_use]
    pub fn stats(&self) -> StoreStats {
        let queue = &self.inner.queue;
        let feed_position = *queue.commits().borrow();
        StoreStats {
            queue_depth: queue.depth(),
            commits: queue.counters().commits.load(Ordering::Relaxed),
            writes: queue.counters().writes.load(Ordering::Relaxed),
            commit_sizes: queue.counters().commit_sizes(),
            feed_position,
            feed_lag: self.inner.feed_readers.lag(feed_position),
            counts_reused: self.inner.counts.reused(),
            transactions: u64::try_from(self.inner.connections.in_use()).unwrap_or_default(),
        }
    }

    /// Whether the database answers: used by `/health/ready`.
    pub async fn ping(&self) -> Result<()> {
        self.inner.readers.one("SELECT 1".to_owned(), Vec::new()).await.map(drop)
    }

    /// Closes it once no request holds it any more, or when this much time has passed.
    ///
    /// For a store that another one has replaced: requests under way finish with the one they have.
    pub async fn retire(self, patience: Duration) {
        let deadline = tokio::time::Instant::now() + patience;
        while Arc::strong_count(&self.inner) > 1 && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(RETIRED_LOOK).await;
        }
        self.close().await;
    }

    /// Finishes the writes that were accepted, ends transactions and closes every connection.
    pub async fn close(&self) {
        self.inner.connections.close().await;
        self.inner.readers.close().await;
        self.inner.queue.close().await;
    }
}
