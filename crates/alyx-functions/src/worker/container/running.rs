//! A container that runs: what it prints, what it uses, and how it ends.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bollard::{
    container::{AttachContainerResults, LogOutput},
    models::ContainerCreateBody,
    query_parameters::{
        AttachContainerOptionsBuilder, CreateContainerOptions, StartContainerOptions, StatsOptionsBuilder,
        WaitContainerOptions,
    },
};
use futures_util::StreamExt;
use tokio::sync::watch;

use super::engine::{Engine, Failed, in_time};
use crate::worker::{
    Exit, Output, StartError, Worker, WorkerSpec, ended,
    process::output::{LONGEST_LINE, LastWords},
};

/// How long is waited for the rest of the output of a container that has ended.
const REST: Duration = Duration::from_millis(500);
/// Exit codes above this are signals.
const SIGNALS: i64 = 128;
const KILLED: i32 = 9;

/// A worker in a container.
pub(super) struct ContainerWorker {
    engine: Engine,
    id: String,
    socket: PathBuf,
    exit: watch::Receiver<Option<Exit>>,
    /// Whether its end was asked for.
    asked: Arc<AtomicBool>,
}

impl ContainerWorker {
    /// Makes the container and starts it; one that does not start is removed.
    pub(super) async fn start(
        engine: &Engine,
        spec: &WorkerSpec,
        body: ContainerCreateBody,
    ) -> Result<Self, StartError> {
        let made = in_time(engine.docker.create_container(None::<CreateContainerOptions>, body)).await?;
        // The output is attached before the start, so that nothing of it is missed.
        let options = AttachContainerOptionsBuilder::new().stream(true).stdout(true).stderr(true).build();
        let started = async {
            let attached = in_time(engine.docker.attach_container(&made.id, Some(options))).await?;
            in_time(engine.docker.start_container(&made.id, None::<StartContainerOptions>)).await?;
            Ok::<_, Failed>(attached)
        };
        match started.await {
            Ok(attached) => Ok(Self::watch(engine.clone(), made.id, spec, attached)),
            Err(failed) => {
                if let Err(error) = engine.remove(&made.id).await {
                    tracing::warn!(%error, "a container that did not start could not be removed");
                }
                Err(StartError::from(failed))
            }
        }
    }

    fn watch(engine: Engine, id: String, spec: &WorkerSpec, attached: AttachContainerResults) -> Self {
        let (told, exit) = watch::channel(None);
        let last_words = LastWords::default();
        let mut reading = tokio::spawn(read(attached, spec.output.clone(), last_words.clone()));
        let (asked, limited) = (Arc::new(AtomicBool::new(false)), spec.limits.memory.is_some());
        let worker = Self {
            engine: engine.clone(),
            id: id.clone(),
            socket: spec.folder.join("worker.sock"),
            exit,
            asked: asked.clone(),
        };
        tokio::spawn(async move {
            // Whatever it answers, the container's state says more; and where the engine is gone, so is the worker.
            drop(engine.docker.wait_container(&id, None::<WaitContainerOptions>).next().await);
            let mut end = state(&engine, &id).await;
            // Not every engine says so (Podman with control groups of version 1), but a container's first process can
            // be killed from outside alone: by us, or by the kernel for its memory.
            end.out_of_memory |= limited && end.signal == Some(KILLED) && !asked.load(Ordering::Relaxed);
            if tokio::time::timeout(REST, &mut reading).await.is_err() {
                reading.abort();
            }
            end.last_words = last_words.take();
            if let Err(error) = engine.remove(&id).await {
                tracing::warn!(%error, "a container that has ended could not be removed");
            }
            told.send_replace(Some(end));
        });
        worker
    }
}

#[async_trait]
impl Worker for ContainerWorker {
    fn socket(&self) -> &Path {
        &self.socket
    }

    async fn exited(&self) -> Exit {
        ended(&self.exit).await
    }

    async fn kill(&self) {
        if self.exit.borrow().is_some() {
            return;
        }
        self.asked.store(true, Ordering::Relaxed);
        match self.engine.remove(&self.id).await {
            Ok(()) => drop(self.exited().await),
            Err(error) => tracing::warn!(%error, "a container could not be ended"),
        }
    }

    async fn memory(&self) -> Option<u64> {
        let options = StatsOptionsBuilder::new().stream(false).one_shot(true).build();
        let mut stats = Box::pin(self.engine.docker.stats(&self.id, Some(options)));
        let first = tokio::time::timeout(Duration::from_secs(5), stats.next()).await.ok()??.ok()?;
        first.memory_stats?.usage
    }
}

async fn state(engine: &Engine, id: &str) -> Exit {
    let Ok(found) = in_time(engine.docker.inspect_container(id, None)).await else { return Exit::default() };
    let Some(state) = found.state else { return Exit::default() };
    let signal = state.exit_code.filter(|code| *code > SIGNALS).and_then(|code| i32::try_from(code - SIGNALS).ok());
    Exit {
        code: state.exit_code.filter(|_| signal.is_none()),
        signal,
        out_of_memory: state.oom_killed == Some(true),
        ..Exit::default()
    }
}

/// Reads what a container prints, never more than a line of each stream at a time.
async fn read(mut attached: AttachContainerResults, output: Output, last_words: LastWords) {
    let mut rests = [Vec::new(), Vec::new()];
    let tell = |to_error: bool, line: &[u8]| {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        if to_error {
            last_words.add(line);
        }
        output(to_error, line);
    };
    while let Some(Ok(piece)) = attached.output.next().await {
        let to_error = matches!(piece, LogOutput::StdErr { .. });
        let rest = &mut rests[usize::from(to_error)];
        for byte in piece.into_bytes() {
            rest.push(byte);
            if byte == b'\n' || rest.len() >= LONGEST_LINE {
                tell(to_error, rest);
                rest.clear();
            }
        }
    }
    for (to_error, rest) in [(false, &rests[0]), (true, &rests[1])] {
        if !rest.is_empty() {
            tell(to_error, rest);
        }
    }
}
