//! The right to write beside the queue: lent to one transaction at a time, while the queue's own connection waits.

use std::{sync::atomic::Ordering, time::Duration};

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::{Writer, positions::Positions};

/// Transactions that may wait for their turn; their number is bounded elsewhere too.
pub(super) const WAITING_AT_MOST: usize = 4096;

/// A transaction that wants to write.
pub(crate) struct LeaseRequest {
    /// Where the lease goes to.
    pub(crate) granted: oneshot::Sender<Lease>,
    /// How long it may be kept.
    pub(crate) limit: Duration,
    /// Rolls the transaction back, once it is kept for longer.
    pub(crate) take_back: TakeBack,
}

/// Rolls a transaction back.
pub(crate) type TakeBack = Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send>;

/// What is held while a transaction writes. Dropping it gives it back: whatever was written must be rolled back then.
pub(crate) struct Lease {
    back: oneshot::Sender<Commit>,
}

/// What a transaction has committed.
struct Commit {
    positions: Positions,
    writes: u64,
    told: oneshot::Sender<()>,
}

impl Lease {
    /// Gives it back after a commit, and waits until everybody is told of that.
    pub(crate) async fn committed(self, positions: Positions, writes: u64) {
        let (told, heard) = oneshot::channel();
        if self.back.send(Commit { positions, writes, told }).is_ok() {
            let _ = heard.await;
        }
    }
}

impl Writer {
    /// Waits while one transaction writes.
    pub(super) async fn lend(&mut self, request: LeaseRequest) {
        let (back, mut returned) = oneshot::channel();
        if request.granted.send(Lease { back }).is_err() {
            // Whoever asked has gone.
            return;
        }
        let mut commit = tokio::time::timeout(request.limit, &mut returned).await;
        if commit.is_err() {
            (request.take_back)().await;
            // It may just have been committed.
            commit = Ok(returned.await);
        }
        let Ok(Ok(Commit { positions, writes, told })) = commit else { return };
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        self.counters.writes.fetch_add(writes, Ordering::Relaxed);
        self.counters.count_commit(writes);
        self.publish(positions);
        let _ = told.send(());
    }
}
