//! What was decided is done: workers are started, watched and ended.

use std::{
    fs, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::Deserialize;
use serde_json::Value as Json;
use tokio::time::Instant;

use super::{
    Shared,
    slot::{Printed, Slot},
    state::Plan,
};
use crate::{
    client::{Answer, Client},
    deployed::Deployed,
    execution::{Failure, FailureKind, LogEntry},
    worker::{Exit, StartError, Worker, WorkerSpec},
};

/// Longest answer to whether a worker is ready, in bytes.
const LONGEST_HEALTH: u64 = 1024 * 1024;

static WORKERS: AtomicU64 = AtomicU64::new(1);

/// What a worker says of itself.
#[derive(Deserialize)]
struct Health {
    ready: bool,
    input: Option<Json>,
    output: Option<Json>,
    error: Option<LoadFault>,
}

/// Why a function does not load.
#[derive(Debug, Deserialize)]
struct LoadFault {
    message: String,
    file: Option<String>,
    line: Option<u64>,
    column: Option<u64>,
    stack: Option<String>,
}

impl Shared {
    /// Does what was decided; not under the lock.
    pub(super) fn carry_out(self: &Arc<Self>, plan: Plan) {
        for (waiter, given) in plan.give {
            // A caller that has gone gives the worker back by dropping the lease.
            drop(waiter.0.send(given));
        }
        for slot in plan.end {
            self.runtime.spawn(async move { slot.worker.kill().await });
        }
        for deployed in plan.start {
            let shared = self.clone();
            self.runtime.spawn(async move {
                let started = shared.start(&deployed).await;
                if let Ok(slot) = &started {
                    shared.runtime.spawn(watch(shared.clone(), slot.clone()));
                }
                if let Err(failure) = &started {
                    tracing::warn!(function = deployed.name(), "no worker: {}", in_full(failure));
                }
                let plan = shared.state().started(&shared, &deployed, started);
                shared.carry_out(plan);
            });
        }
    }

    async fn start(&self, deployed: &Arc<Deployed>) -> Result<Arc<Slot>, Failure> {
        let printed = Arc::new(Printed::default());
        let spec = self.spec(deployed, &printed).map_err(|error| cannot_start(deployed, &error))?;
        let started = async {
            let worker = self.starter.start(&spec).await.map_err(|error| cannot_start(deployed, &error))?;
            let client = Client::new(worker.socket());
            match self.until_ready(deployed, &*worker, &client).await {
                Ok(()) => Ok((worker, client)),
                Err(failure) => {
                    worker.kill().await;
                    Err(failure)
                }
            }
        };
        match started.await {
            Ok((worker, client)) => {
                Ok(Arc::new(Slot::new(deployed.clone(), worker, (client, spec.folder.clone(), printed))))
            }
            Err(failure) => {
                remove(&spec.folder);
                Err(failure)
            }
        }
    }

    fn spec(&self, deployed: &Deployed, printed: &Arc<Printed>) -> Result<WorkerSpec, StartError> {
        let id = format!("{}-{}", std::process::id(), WORKERS.fetch_add(1, Ordering::Relaxed));
        let folder = self.folder.join(&id);
        fs::create_dir(&folder)
            .map_err(|source| StartError::Io { doing: format!("making {}", folder.display()), source })?;
        let (printed, name) = (printed.clone(), deployed.name().to_owned());
        let function = &deployed.function;
        Ok(WorkerSpec {
            id,
            function: name.clone(),
            runtime: function.runtime,
            version: deployed.folder.clone(),
            entry: deployed.entry.clone(),
            layer: deployed.layer.clone(),
            source_maps: deployed.source_maps,
            env: function.manifest.env.clone(),
            folder,
            server: self.server.clone(),
            limits: self.options.limits(function),
            output: Arc::new(move |to_error, line| {
                tracing::debug!(function = name, to_error, "{line}");
                printed.add(LogEntry::printed(to_error, line));
            }),
        })
    }

    async fn until_ready(&self, deployed: &Deployed, worker: &dyn Worker, client: &Client) -> Result<(), Failure> {
        let deadline = Instant::now() + self.options.start_timeout;
        let answer = tokio::select! {
            answer = client.first("/health", LONGEST_HEALTH, deadline) => answer,
            exit = worker.exited() => return Err(ended(deployed, &exit)),
        };
        let Some(answer) = answer else {
            let message = format!("a worker for {:?} was not ready in time", deployed.name());
            return Err(Failure::new(FailureKind::Busy, "WORKER_NOT_READY", message));
        };
        let health = match answer {
            Ok(Answer { body, .. }) => serde_json::from_slice::<Health>(&body).ok(),
            Err(_) => return Err(ended(deployed, &worker.exited().await)),
        };
        match health {
            Some(Health { ready: true, input, output, .. }) => {
                deployed.declare(input, output);
                Ok(())
            }
            health => Err(not_loaded(deployed, health.and_then(|health| health.error))),
        }
    }
}

/// Waits for the end of a worker.
async fn watch(shared: Arc<Shared>, slot: Arc<Slot>) {
    let exit = slot.worker.exited().await;
    if !slot.is_retired() {
        tracing::warn!(function = slot.deployed.name(), "{}", words(&exit));
    }
    slot.set_exit(exit);
    let plan = shared.state().gone(&shared.options, &slot);
    shared.carry_out(plan);
    remove(&slot.folder);
}

fn remove(folder: &Path) {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, folder = %folder.display(), "a worker's folder could not be removed");
        }
        _ => {}
    }
}

/// Why a worker ended, in words.
pub(crate) fn words(exit: &Exit) -> String {
    match exit {
        Exit { out_of_memory: true, .. } => "the worker used more memory than it may".to_owned(),
        Exit { too_many_processes: true, .. } => "the worker started more processes than it may".to_owned(),
        Exit { signal: Some(signal), .. } => format!("the worker was ended by signal {signal}"),
        Exit { code: Some(code), .. } => format!("the worker ended with exit code {code}"),
        _ => "the worker ended".to_owned(),
    }
}

/// A worker's end as the failure of a call.
pub(crate) fn crashed(exit: &Exit) -> Failure {
    let code = match exit {
        Exit { out_of_memory: true, .. } => "OUT_OF_MEMORY",
        Exit { too_many_processes: true, .. } => "TOO_MANY_PROCESSES",
        _ => "FUNCTION_CRASHED",
    };
    let stack = (!exit.last_words.is_empty()).then(|| exit.last_words.join("\n"));
    Failure { stack, ..Failure::new(FailureKind::Crashed, code, words(exit)) }
}

fn ended(deployed: &Deployed, exit: &Exit) -> Failure {
    let failure = crashed(exit);
    let message = format!("{:?} cannot be loaded: {}", deployed.name(), failure.message);
    Failure { message, kind: FailureKind::Broken, ..failure }
}

fn not_loaded(deployed: &Deployed, fault: Option<LoadFault>) -> Failure {
    let message = format!("the function {:?} cannot be loaded", deployed.name());
    let failure = Failure::new(FailureKind::Broken, "FUNCTION_BROKEN", message);
    let Some(fault) = fault else { return failure };
    let place = fault.file.map(|file| {
        let numbers = [fault.line, fault.column].into_iter().flatten();
        numbers.fold(format!("functions/{file}"), |place, number| format!("{place}:{number}")) + ": "
    });
    let told = format!("{}{}", place.unwrap_or_default(), fault.message);
    Failure { stack: Some(fault.stack.map_or(told.clone(), |stack| format!("{told}\n{stack}"))), ..failure }
}

fn cannot_start(deployed: &Deployed, error: &StartError) -> Failure {
    let message = format!("no worker can be started for {:?}", deployed.name());
    Failure {
        stack: Some(error.to_string()),
        ..Failure::new(FailureKind::Unavailable, "FUNCTIONS_UNAVAILABLE", message)
    }
}

fn in_full(failure: &Failure) -> String {
    failure.stack.as_ref().map_or_else(|| failure.message.clone(), |more| format!("{}\n{more}", failure.message))
}
