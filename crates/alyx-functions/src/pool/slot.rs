//! One worker in the pool, and the right to one call of it.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tokio::{sync::Notify, time::Instant};

use super::{Shared, keep::is_well};
use crate::{
    client::Client,
    deployed::Deployed,
    execution::LogEntry,
    worker::{Exit, Worker},
};

/// Lines kept that a worker printed outside of calls.
const LINES: usize = 1000;

/// A worker that is ready, or was.
pub(crate) struct Slot {
    pub(super) deployed: Arc<Deployed>,
    pub(super) worker: Box<dyn Worker>,
    pub(super) client: Client,
    pub(super) folder: PathBuf,
    /// Calls that it has now; changed under the pool's lock alone.
    pub(super) active: AtomicUsize,
    /// Takes no more calls, and is ended after the last.
    pub(super) retired: AtomicBool,
    pub(super) used: Mutex<Instant>,
    pub(super) printed: Arc<Printed>,
    exit: OnceLock<Exit>,
    ended: Notify,
}

/// The last lines that a worker printed outside of calls.
#[derive(Default)]
pub(super) struct Printed(Mutex<VecDeque<LogEntry>>);

impl Printed {
    pub(super) fn add(&self, entry: LogEntry) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(entry);
    }

    fn take(&self) -> Vec<LogEntry> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Slot {
    pub(super) fn new(
        deployed: Arc<Deployed>,
        worker: Box<dyn Worker>,
        (client, folder, printed): (Client, PathBuf, Arc<Printed>),
    ) -> Self {
        Self {
            deployed,
            worker,
            client,
            folder,
            active: AtomicUsize::new(0),
            retired: AtomicBool::new(false),
            used: Mutex::new(Instant::now()),
            printed,
            exit: OnceLock::new(),
            ended: Notify::new(),
        }
    }

    /// The function that it runs.
    pub(crate) fn name(&self) -> &str {
        self.deployed.name()
    }

    pub(super) fn active(&self) -> usize {
        self.active.load(Ordering::Acquire)
    }

    pub(super) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }

    pub(super) fn used(&self) -> Instant {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_exit(&self, exit: Exit) {
        let _ = self.exit.set(exit);
        self.ended.notify_waiters();
    }

    /// How the worker ended; waits for its end.
    pub(crate) async fn exit(&self) -> Exit {
        loop {
            let ended = self.ended.notified();
            if let Some(exit) = self.exit.get() {
                return exit.clone();
            }
            ended.await;
        }
    }
}

/// The right to one call of a worker; given back when it is dropped.
pub(crate) struct Lease {
    pub(super) shared: Arc<Shared>,
    pub(super) slot: Arc<Slot>,
    /// Whether a worker was started since this call began to wait.
    pub(super) waited: bool,
}

impl Lease {
    pub(crate) fn client(&self) -> &Client {
        &self.slot.client
    }

    pub(crate) fn slot(&self) -> &Arc<Slot> {
        &self.slot
    }

    /// Whether the call had to wait for a worker.
    pub(crate) fn waited(&self) -> bool {
        self.waited
    }

    /// What the worker printed, where it can have been for no other call.
    pub(crate) fn printed(&self) -> Vec<LogEntry> {
        if self.slot.active() == 1 { self.slot.printed.take() } else { Vec::new() }
    }

    /// Gives the worker no further calls; it is ended after those it has.
    pub(crate) fn retire(&self) {
        let plan = self.shared.state().retire(&self.slot);
        self.shared.carry_out(plan);
    }

    /// Gives up a call that runs: the worker gets no further ones, and those it has may end if it is still well.
    pub(crate) fn abandon(&self) {
        self.retire();
        let slot = self.slot.clone();
        self.shared.runtime.spawn(async move {
            if !is_well(&slot).await {
                slot.worker.kill().await;
            }
        });
    }

    /// Ends the worker at once, whatever calls it has.
    pub(crate) fn kill(&self) {
        self.retire();
        let slot = self.slot.clone();
        self.shared.runtime.spawn(async move { slot.worker.kill().await });
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let plan = self.shared.state().release(&self.shared, &self.slot);
        self.shared.carry_out(plan);
    }
}
