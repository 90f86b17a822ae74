//! What metrics read of the queue.

use std::sync::atomic::{AtomicU64, Ordering};

use super::COMMITTED_TOGETHER;

/// Counters that metrics read.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) commits: AtomicU64,
    pub(crate) writes: AtomicU64,
    sizes: [AtomicU64; CommitSizes::BOUNDS.len()],
    kept: AtomicU64,
}

impl Counters {
    pub(super) fn count_commit(&self, kept: u64) {
        if let Some(bucket) = CommitSizes::BOUNDS.iter().position(|bound| kept <= *bound).filter(|_| kept > 0) {
            self.sizes[bucket].fetch_add(1, Ordering::Relaxed);
            self.kept.fetch_add(kept, Ordering::Relaxed);
        }
    }

    pub(crate) fn commit_sizes(&self) -> CommitSizes {
        let counts = std::array::from_fn(|bucket| self.sizes[bucket].load(Ordering::Relaxed));
        CommitSizes { counts, writes: self.kept.load(Ordering::Relaxed) }
    }
}

/// How many writes went into one commit, as a histogram; commits that kept nothing are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CommitSizes {
    /// Commits by their size: at most the bound of the same place, more than the one before.
    pub counts: [u64; Self::BOUNDS.len()],
    /// The writes in all of them.
    pub writes: u64,
}

impl CommitSizes {
    /// The largest size of each bucket.
    pub const BOUNDS: [u64; 9] = [1, 2, 4, 8, 16, 32, 64, 128, COMMITTED_TOGETHER as u64];
}
