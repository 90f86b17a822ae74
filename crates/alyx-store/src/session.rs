//! A transaction that stays open over several calls: a connection of its own, whose reads are of one moment, and
//! whose first write waits until the write queue lends it the right to write.
//!
//! Where what it has read was changed by others before that, it cannot go on: its commits are as if each
//! transaction had run alone.

mod connections;
mod lending;
mod open;
mod reads;
mod shared;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{Error, Result, Store};

pub(crate) use connections::Connections;
pub(crate) use reads::Reads;
pub(crate) use shared::Shared;

/// An open transaction. One that is dropped is rolled back.
pub struct Session {
    shared: Arc<Shared>,
    /// Whether its end is a commit, which nobody calls off.
    is_committing: AtomicBool,
}

/// How a transaction came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was committed.
    Committed,
    /// It was rolled back by its owner.
    RolledBack,
    /// Others changed what it had read before it could write.
    Stale,
    /// It kept others from writing for longer than it may.
    LeaseOver,
    /// It was used too long ago, or is too old.
    Idle,
    /// The store was closed, or replaced by another.
    Closed,
    /// The database failed in a way that ends a transaction.
    Failed,
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Committed => "was committed already",
            Self::RolledBack => "was rolled back already",
            Self::Stale => "has read what others changed before it could write, and was rolled back",
            Self::LeaseOver => "kept others from writing for too long, and was rolled back",
            Self::Idle => "was not used for too long, and was rolled back",
            Self::Closed => "began with what is not served any more, and was rolled back",
            Self::Failed => "was rolled back by a failure of the database",
        })
    }
}

impl Store {
    /// Begins a transaction at what is there now. From its first write that changes anything it may go on for as
    /// long as `lease`.
    ///
    /// # Errors
    /// As many are open as may be, or the database fails.
    pub async fn begin(&self, lease: Duration) -> Result<Session> {
        let connection = self.connections().take().await?;
        Ok(Session::new(Shared::begin(self, connection, lease).await?))
    }

    /// The same for one that writes at once and waits for nobody outside: it waits for its turn to begin.
    ///
    /// # Errors
    /// The database fails.
    pub async fn begin_writing(&self, lease: Duration) -> Result<Session> {
        let connection = self.connections().take_for_short().await?;
        let session = Session::new(Shared::begin(self, connection, lease).await?);
        session.shared.prepare_write().await?;
        Ok(session)
    }
}

impl Session {
    fn new(shared: Arc<Shared>) -> Self {
        Self { shared, is_committing: AtomicBool::new(false) }
    }

    /// Keeps what was written, and returns once everybody can see it: the feed's position then.
    ///
    /// It is finished even when the caller goes away.
    ///
    /// # Errors
    /// It has ended already, or the database fails; then nothing is kept.
    pub async fn commit(&self) -> Result<i64> {
        self.is_committing.store(true, Ordering::Relaxed);
        let shared = self.shared.clone();
        let committing = tokio::spawn(async move { shared.commit().await });
        committing.await.unwrap_or(Err(Error::Closed))
    }

    /// Undoes what was written.
    ///
    /// # Errors
    /// It has ended already.
    pub async fn roll_back(&self) -> Result<()> {
        match self.shared.end(Ended::RolledBack).await {
            Ended::RolledBack => Ok(()),
            how => Err(Error::TransactionEnded { how }),
        }
    }

    /// Rolls it back for another reason, whatever it is doing; how it has ended, if that was before.
    pub async fn end(&self, how: Ended) -> Ended {
        self.shared.end(how).await
    }

    /// Whether it has ended, in whatever way.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.shared.is_over()
    }

    /// Begins a part of it that can be undone alone.
    ///
    /// # Errors
    /// It has ended, or the database fails.
    pub async fn begin_part(&self) -> Result<Part> {
        self.shared.begin_part().await?;
        Ok(Part { shared: Some(self.shared.clone()) })
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if *self.is_committing.get_mut() {
            return;
        }
        let shared = self.shared.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { shared.end(Ended::RolledBack).await });
        }
    }
}

/// A part of a transaction. One that is dropped is undone before anything else happens in it.
pub struct Part {
    shared: Option<Arc<Shared>>,
}

impl Part {
    /// Keeps it as a part of the transaction.
    ///
    /// # Errors
    /// The transaction has ended, or the database fails.
    pub async fn keep(mut self) -> Result<()> {
        let Some(shared) = self.shared.as_ref() else { return Ok(()) };
        shared.keep_part().await?;
        self.shared = None;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.leave_part();
        }
    }
}
