//! The workers of all functions: who is called next, when one more is started, and when one has to go.

mod keep;
mod slot;
mod start;
mod state;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::future::join_all;
use tokio::{runtime::Handle, sync::oneshot, time::Instant};

use self::state::State;
use crate::{
    deployed::Deployed,
    execution::{Failure, FailureKind},
    options::FunctionOptions,
    worker::Starter,
};

pub(crate) use slot::Lease;
pub(crate) use start::crashed;
pub use state::Figures;

/// The pool. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pool(Arc<Shared>);

/// What everybody who has to do with workers shares.
struct Shared {
    starter: Arc<dyn Starter>,
    options: FunctionOptions,
    /// Where workers have their folders, and the server's socket.
    folder: PathBuf,
    server: PathBuf,
    /// Where workers are started and watched: they outlive the request that asked for them.
    runtime: Handle,
    state: Mutex<State>,
}

/// What a call that waits is given: a worker, or the reason why there is none.
type Given = Result<Lease, Failure>;

/// A call that waits for a worker.
struct Waiter(oneshot::Sender<Given>);

impl Pool {
    /// A pool without workers, whose folder is there; call it within a tokio runtime.
    pub(crate) fn new(
        starter: Arc<dyn Starter>,
        options: FunctionOptions,
        (folder, server): (PathBuf, PathBuf),
    ) -> Self {
        let runtime = Handle::current();
        let shared = Arc::new(Shared { starter, options, folder, server, runtime, state: Mutex::default() });
        tokio::spawn(keep::keep(Arc::downgrade(&shared)));
        Self(shared)
    }

    pub(crate) fn mode(&self) -> &'static str {
        self.0.starter.mode()
    }

    /// A worker for a call that must have begun by the deadline.
    pub(crate) async fn lease(&self, deployed: &Arc<Deployed>, deadline: Option<Instant>) -> Given {
        let given = {
            let mut state = self.0.state();
            if let Some(lease) = state.free(&self.0, deployed) {
                return Ok(lease);
            }
            let given = state.wait(deployed, self.0.options.queue).ok_or_else(|| busy(deployed))?;
            let plan = state.grow(&self.0.options, deployed.name());
            self.0.carry_out(plan);
            given
        };
        let waiting = async { given.await.unwrap_or_else(|_| Err(closing())) };
        match deadline {
            Some(deadline) => tokio::time::timeout_at(deadline, waiting).await.unwrap_or_else(|_| Err(busy(deployed))),
            None => waiting.await,
        }
    }

    /// Serves this version from now on; workers of the former finish the calls that they have.
    pub(crate) fn deploy(&self, deployed: &Arc<Deployed>) {
        let plan = self.0.state().deploy(&self.0.options, deployed);
        self.0.carry_out(plan);
    }

    /// Serves the function no longer.
    pub(crate) fn withdraw(&self, name: &str) {
        let plan = self.0.state().withdraw(name);
        self.0.carry_out(plan);
    }

    /// Starts the first workers, as many of each language as are kept ready.
    pub(crate) fn warm_up(&self) {
        let plan = self.0.state().warm_up(&self.0.options);
        self.0.carry_out(plan);
    }

    /// What is known of the workers of a function.
    pub(crate) fn figures(&self, name: &str) -> Figures {
        self.0.state().figures(name)
    }

    /// The memory that the workers of a function use together, in bytes; `None` where there are none or nothing tells.
    pub(crate) async fn memory(&self, name: &str) -> Option<u64> {
        let slots = self.0.state().slots(name);
        let each = join_all(slots.iter().map(|slot| slot.worker.memory())).await;
        each.into_iter().flatten().reduce(|sum, bytes| sum + bytes)
    }

    /// Ends every worker.
    pub(crate) async fn close(&self) {
        let (plan, slots) = self.0.state().close();
        self.0.carry_out(plan);
        for slot in slots {
            slot.worker.kill().await;
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn busy(deployed: &Deployed) -> Failure {
    Failure::new(FailureKind::Busy, "NO_FREE_WORKER", format!("no worker is free for {:?}; try again", deployed.name()))
}

fn closing() -> Failure {
    Failure::new(FailureKind::Busy, "NO_FREE_WORKER", "the function is being replaced or the server stops; try again")
}
