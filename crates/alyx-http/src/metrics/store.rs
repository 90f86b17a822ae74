//! The store's figures, copied at each scrape.

use std::sync::atomic::Ordering;

use alyx_store::StoreStats;
use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};

/// What the store tells of itself.
pub(super) struct StoreMetrics {
    queue_depth: Gauge,
    commits: Counter,
    writes: Counter,
    feed_position: Gauge,
    feed_lag: Gauge,
}

impl StoreMetrics {
    /// Gives each figure its name.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            queue_depth: Gauge::default(),
            commits: Counter::default(),
            writes: Counter::default(),
            feed_position: Gauge::default(),
            feed_lag: Gauge::default(),
        };
        registry.register("store_queue_depth", "Writes waiting", metrics.queue_depth.clone());
        registry.register("store_commits", "Commits made", metrics.commits.clone());
        let help = "Writes made; over commits it is the mean size of a commit";
        registry.register("store_writes", help, metrics.writes.clone());
        registry.register("feed_position", "Last position of the change feed", metrics.feed_position.clone());
        let help = "Changes that the slowest reader of the feed has not seen";
        registry.register("feed_lag", help, metrics.feed_lag.clone());
        metrics
    }

    /// Takes over what the store says now.
    pub(super) fn set(&self, stats: StoreStats) {
        self.queue_depth.set(i64::try_from(stats.queue_depth).unwrap_or(i64::MAX));
        self.commits.inner().store(stats.commits, Ordering::Relaxed);
        self.writes.inner().store(stats.writes, Ordering::Relaxed);
        self.feed_position.set(stats.feed_position);
        self.feed_lag.set(stats.feed_lag);
    }
}
