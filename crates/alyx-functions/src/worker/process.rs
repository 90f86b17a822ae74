//! Workers as child processes, for machines without a container engine.
//!
//! A process is no wall: it has a clean environment, a process group, a folder and limits of its own, but sees the
//! machine's files and network as whoever runs the server does. Containers are for code that is not trusted.

mod group;
mod limits;
pub(super) mod output;
mod programs;

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use async_trait::async_trait;
use tokio::{
    process::{Child, ChildStdin, Command},
    sync::watch,
};

use self::{group::Group, limits::Enforcement, output::LastWords, programs::Programs};
use super::{Exit, Layer, StartError, Starter, Worker, WorkerSpec, ended, start_message};
use crate::{Function, Runtime, layer::LayerFolder};

/// Runs before the program: ties its life to the server's, whose end closes the pipe that is standard input, takes its
/// place in the control groups, and limits open files. What follows `--` is the program.
const WRAPPER: &str = r#"exec 3<&0 0</dev/null
(read -r _ <&3; kill -KILL 0) &
exec 3<&-
ulimit -n "$1" 2>/dev/null
ulimit -c 0 2>/dev/null
shift
while [ "$1" != -- ]; do echo $$ > "$1"; shift; done
shift
exec "$@""#;

/// Starts workers as child processes.
pub struct ProcessStarter {
    layers: LayerFolder,
    programs: Programs,
}

impl ProcessStarter {
    /// Workers whose layers are kept there.
    #[must_use]
    pub fn new(layers: LayerFolder) -> Self {
        Self { layers, programs: Programs::default() }
    }

    async fn command(&self, spec: &WorkerSpec) -> Result<Vec<OsString>, StartError> {
        let Layer::Folder(layer) = &spec.layer else {
            return Err(StartError::Engine("an image was given to a process".to_owned()));
        };
        let function = spec.version.join("function");
        Ok(match spec.runtime {
            Runtime::Node => {
                let mut words = vec![self.programs.node().await?.into_os_string()];
                words.extend(spec.source_maps.then(|| "--enable-source-maps".into()));
                words.push(layer.join("node_modules/@alyx/functions/worker.mjs").into_os_string());
                words
            }
            Runtime::Python => {
                let python = self.programs.python().await?.into_os_string();
                [python, "-P".into(), "-B".into(), "-u".into(), "-m".into(), "alyx_functions.worker".into()].to_vec()
            }
            Runtime::Go => vec![function.join(&spec.entry).into_os_string()],
        })
    }
}

#[async_trait]
impl Starter for ProcessStarter {
    fn mode(&self) -> &'static str {
        "process"
    }

    async fn prepare(&self, function: &Function) -> Result<Layer, StartError> {
        self.layers.prepare(function).await
    }

    async fn start(&self, spec: &WorkerSpec) -> Result<Box<dyn Worker>, StartError> {
        let temporary = spec.folder.join("tmp");
        fs::create_dir_all(&temporary).map_err(|source| io_failure("making", &temporary, source))?;
        let words = self.command(spec).await?;
        let enforcement = Enforcement::of(spec);
        let child = spawn(spec, &words, &enforcement).map_err(|source| io_failure("starting", &words[0], source))?;
        Ok(Box::new(ProcessWorker::watch(child, spec, enforcement)))
    }

    async fn collect(&self, kept: &[Layer]) {
        self.layers.collect(kept).await;
    }
}

fn spawn(spec: &WorkerSpec, words: &[OsString], enforcement: &Enforcement) -> io::Result<Child> {
    let function = spec.version.join("function");
    let message = start_message(spec, &function.join(&spec.entry), &spec.folder.join("worker.sock"), &spec.server);
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(WRAPPER).arg("alyx-worker").arg(spec.limits.files.to_string());
    command.args(enforcement.places()).arg("--").args(words);
    command.env_clear().env("ALYX_WORKER", message).env("LANG", "C.UTF-8");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into()));
    command.env("HOME", spec.folder.join("tmp")).env("TMPDIR", spec.folder.join("tmp"));
    if let (Runtime::Python, Layer::Folder(layer)) = (spec.runtime, &spec.layer) {
        command.env("PYTHONPATH", layer.join("python"));
    }
    command.current_dir(&function).process_group(0).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn()
}

fn io_failure(doing: &str, path: impl AsRef<Path>, source: io::Error) -> StartError {
    StartError::Io { doing: format!("{doing} {}", path.as_ref().display()), source }
}

/// A child process with everything that it starts.
struct ProcessWorker {
    socket: PathBuf,
    group: Arc<Group>,
    exit: watch::Receiver<Option<Exit>>,
    /// Closed when this process ends, however it ends; the wrapper waits for that.
    _alive: Option<ChildStdin>,
}

impl ProcessWorker {
    fn watch(mut child: Child, spec: &WorkerSpec, enforcement: Enforcement) -> Self {
        let last_words = LastWords::default();
        let reading = output::read(&mut child, &spec.output, &last_words);
        let group = Arc::new(Group::of(child.id(), enforcement));
        let (told, exit) = watch::channel(None);
        let alive = child.stdin.take();
        tokio::spawn(limits::watch(group.clone(), spec.limits, exit.clone()));
        let ending = group.clone();
        tokio::spawn(async move {
            let status = child.wait().await;
            // What it left behind would keep its output open.
            ending.kill();
            reading.end().await;
            let mut end = ending.verdict();
            if let Ok(status) = status {
                end.code = status.code().map(i64::from);
                end.signal = std::os::unix::process::ExitStatusExt::signal(&status);
            }
            end.last_words = last_words.take();
            ending.remove().await;
            told.send_replace(Some(end));
        });
        Self { socket: spec.folder.join("worker.sock"), group, exit, _alive: alive }
    }
}

#[async_trait]
impl Worker for ProcessWorker {
    fn socket(&self) -> &Path {
        &self.socket
    }

    async fn exited(&self) -> Exit {
        ended(&self.exit).await
    }

    async fn kill(&self) {
        self.group.kill();
        self.exited().await;
    }

    async fn memory(&self) -> Option<u64> {
        self.group.memory()
    }
}
