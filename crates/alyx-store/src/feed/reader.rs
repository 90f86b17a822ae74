//! Following the feed: each change once, in order, as soon as it is committed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;

use super::Change;
use crate::{Error, Result, Store};

/// Where the feed's readers are, for the metric that says how far the slowest is behind.
#[derive(Debug, Default)]
pub(crate) struct FeedReaders(Mutex<Places>);

#[derive(Debug, Default)]
struct Places {
    next: u64,
    by_reader: HashMap<u64, i64>,
}

impl FeedReaders {
    /// How many rows the slowest reader has not seen.
    pub(crate) fn lag(&self, last: i64) -> i64 {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.by_reader.values().map(|seen| last - seen).max().unwrap_or_default().max(0)
    }

    fn add(&self, seen: i64) -> u64 {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.next += 1;
        let reader = places.next;
        places.by_reader.insert(reader, seen);
        reader
    }

    fn set(&self, reader: u64, seen: Option<i64>) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match seen {
            Some(seen) => places.by_reader.insert(reader, seen),
            None => places.by_reader.remove(&reader),
        };
    }
}

/// One reader of the feed.
pub struct FeedReader {
    store: Store,
    commits: watch::Receiver<i64>,
    seen: i64,
    readers: Arc<FeedReaders>,
    number: u64,
}

impl Store {
    /// Follows the feed from behind a position.
    #[must_use]
    pub fn feed_reader(&self, after: i64) -> FeedReader {
        let readers = self.feed_readers().clone();
        let number = readers.add(after);
        FeedReader { store: self.clone(), commits: self.commits(), seen: after, readers, number }
    }
}

impl FeedReader {
    /// The next changes, at least one; waits for a commit where there is none yet.
    pub async fn next(&mut self, limit: u32) -> Result<Vec<Change>> {
        loop {
            let seen = self.seen;
            self.commits.wait_for(|last| *last > seen).await.map_err(|_| Error::Closed)?;
            let changes = self.store.changes(self.seen, limit.max(1)).await?;
            if let Some(last) = changes.last() {
                self.seen = last.position;
                self.readers.set(self.number, Some(self.seen));
                return Ok(changes);
            }
        }
    }

    /// The last position it has seen.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.seen
    }
}

impl Drop for FeedReader {
    fn drop(&mut self) {
        self.readers.set(self.number, None);
    }
}
