//! Tells those whose rights depend on documents when such documents have changed.

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use alyx_schema::CollectionName;
use alyx_store::{Store, WeakStore};
use tokio::sync::watch;

use crate::{Error, Result};

/// Commits that come closer together than this are one change.
const PAUSE: Duration = Duration::from_millis(400);

/// Looks out for changes of some collections of a store. Cheap to clone; it does not keep the store open.
#[derive(Clone)]
pub struct Lookout(Arc<Inner>);

struct Inner {
    store: WeakStore,
    collections: BTreeSet<CollectionName>,
    changes: watch::Sender<u64>,
    /// Begins with the first who asks.
    follows: OnceLock<()>,
}

impl Lookout {
    /// A lookout for changes of these collections.
    #[must_use]
    pub fn new(store: &Store, collections: BTreeSet<CollectionName>) -> Self {
        let (store, changes) = (store.downgrade(), watch::Sender::default());
        Self(Arc::new(Inner { store, collections, changes, follows: OnceLock::new() }))
    }

    /// Wakes after each change from now on, and soon; several close together may be one.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        let changes = self.0.changes.subscribe();
        if let Some(store) = self.0.store.upgrade().filter(|_| !self.0.collections.is_empty()) {
            self.0.follows.get_or_init(|| {
                let mut commits = store.commits();
                let seen = *commits.borrow_and_update();
                drop(tokio::spawn(follow(Arc::downgrade(&self.0), commits, seen)));
            });
        }
        changes
    }
}

/// Follows the store until it is closed or nobody holds the lookout any more.
async fn follow(lookout: Weak<Inner>, mut commits: watch::Receiver<i64>, mut seen: i64) {
    while commits.changed().await.is_ok() {
        let Some(inner) = lookout.upgrade() else { return };
        let position = *commits.borrow_and_update();
        if inner.changes.receiver_count() == 0 {
            // Who begins to ask after this reads what is there now.
            seen = position;
            continue;
        }
        match inner.look(seen).await {
            Ok((position, has_changed)) => {
                seen = position;
                if has_changed {
                    inner.tell();
                }
            }
            Err(Error::Replaced) => return,
            // What cannot be known counts as changed: whoever asks again finds out.
            Err(error) => {
                tracing::warn!(%error, "changes that rules of channels look at are not known; trying again");
                inner.tell();
                commits.mark_changed();
            }
        }
        drop(inner);
        tokio::time::sleep(PAUSE).await;
    }
}

impl Inner {
    fn tell(&self) {
        self.changes.send_modify(|times| *times += 1);
    }

    async fn look(&self, seen: i64) -> Result<(i64, bool)> {
        let store = self.store.upgrade().ok_or(Error::Replaced)?;
        let mut snapshot = store.snapshot().await?;
        let position = snapshot.position();
        let news = snapshot.news(seen, position).await?;
        snapshot.end().await;
        let has_changed = news.collections.iter().any(|(name, _)| self.collections.contains(name));
        Ok((position, has_changed || !news.is_whole))
    }
}
