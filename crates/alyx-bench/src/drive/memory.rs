//! The server's largest resident memory while a workload runs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{task::JoinHandle, time::sleep};

use crate::procfs::{resident_mib, rounded};

const EVERY: Duration = Duration::from_millis(100);

/// Samples a process until it is stopped.
pub(crate) struct MemoryPeak {
    kib: Arc<AtomicU64>,
    task: Option<JoinHandle<()>>,
}

impl MemoryPeak {
    pub(crate) fn watch(pid: Option<u32>) -> Self {
        let kib = Arc::new(AtomicU64::new(0));
        let peak = Arc::clone(&kib);
        let task = pid.map(|pid| {
            tokio::spawn(async move {
                loop {
                    peak.fetch_max((resident_mib(pid).unwrap_or(0.0) * 1024.0) as u64, Relaxed);
                    sleep(EVERY).await;
                }
            })
        });
        Self { kib, task }
    }

    /// The peak in MiB; nothing where no process was watched.
    pub(crate) fn stop(self) -> Option<f64> {
        self.task.map(|task| {
            task.abort();
            rounded(self.kib.load(Relaxed) as f64 / 1024.0)
        })
    }
}
