//! What a worker is, however it was started.

mod container;
mod process;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use tokio::sync::watch;

pub use container::{ContainerOptions, ContainerStarter};
pub use process::ProcessStarter;

use crate::{Function, Runtime};

/// A way to start workers.
#[async_trait]
pub trait Starter: Send + Sync {
    /// How it starts them, for people: `process`, `container`.
    fn mode(&self) -> &'static str;

    /// Makes ready what functions of this kind run on: the language's worker and library, and the function's
    /// dependencies. What is there already is used again.
    async fn prepare(&self, function: &Function) -> Result<Layer, StartError>;

    /// Starts a worker. It may not be ready yet: whoever starts it asks its socket.
    async fn start(&self, spec: &WorkerSpec) -> Result<Box<dyn Worker>, StartError>;

    /// Removes layers that are none of these.
    async fn collect(&self, kept: &[Layer]);
}

/// What a function runs on, made once for all of its versions that depend on the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// A folder of this machine: `node_modules` (with `@alyx/functions`) for Node, `python` for Python.
    Folder(PathBuf),
    /// An image, by its name with tag.
    Image(String),
}

/// Everything that starting a worker takes.
#[derive(Clone)]
pub struct WorkerSpec {
    /// Its name, unique on this machine: letters, digits, `-`.
    pub id: String,
    /// The function.
    pub function: String,
    /// Its language.
    pub runtime: Runtime,
    /// The folder of this version of the function, which never changes. For Node, `node_modules` beside `function`
    /// is the layer's; code is below `function`; a Go program is `function/program`.
    pub version: PathBuf,
    /// The file to load, relative to `function` in that folder; for Go the program.
    pub entry: PathBuf,
    /// What it runs on.
    pub layer: Layer,
    /// Whether places in errors are translated back through source maps.
    pub source_maps: bool,
    /// The function's environment.
    pub env: BTreeMap<String, String>,
    /// A folder for this worker alone, empty, with a short path: its socket is `worker.sock` there.
    pub folder: PathBuf,
    /// The socket that the server listens on for calls back.
    pub server: PathBuf,
    /// What it may use.
    pub limits: Limits,
    /// Where the lines go that it prints outside of calls.
    pub output: Output,
}

/// Longest messages and data of one call's logs in all, in bytes.
pub(crate) const LOG_LIMIT: u64 = 256 * 1024;

/// What a worker is told by `ALYX_WORKER`, with the paths as it sees them.
pub(crate) fn start_message(spec: &WorkerSpec, entry: &Path, socket: &Path, server: &Path) -> String {
    let entry = (spec.runtime != Runtime::Go).then_some(entry);
    serde_json::json!({
        "function": spec.function,
        "entry": entry,
        "socket": socket,
        "server": server,
        "env": spec.env,
        "log_limit": LOG_LIMIT,
    })
    .to_string()
}

/// What one worker may use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Memory in bytes.
    pub memory: Option<u64>,
    /// Processor cores.
    pub cpu: Option<f64>,
    /// Processes and threads.
    pub processes: u32,
    /// Open files.
    pub files: u32,
}

/// Takes a line that a worker printed; `true` where it was to standard error.
pub type Output = Arc<dyn Fn(bool, &str) + Send + Sync>;

/// A worker that was started.
#[async_trait]
pub trait Worker: Send + Sync {
    /// Its socket, as this process reaches it.
    fn socket(&self) -> &Path;

    /// Waits for its end; asked again, it answers the same.
    async fn exited(&self) -> Exit;

    /// Ends it at once with everything it started; returns when it is gone.
    async fn kill(&self);

    /// The memory that it uses now, in bytes, with everything it started.
    async fn memory(&self) -> Option<u64>;
}

/// How a worker ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code, where it ended by itself.
    pub code: Option<i64>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether it was ended because it used more memory than it may.
    pub out_of_memory: bool,
    /// Whether it was ended because it started more processes than it may.
    pub too_many_processes: bool,
    /// Its last lines on standard error.
    pub last_words: Vec<String>,
}

/// Waits until somebody tells how a worker has ended.
async fn ended(exit: &watch::Receiver<Option<Exit>>) -> Exit {
    let mut exit = exit.clone();
    let ended = exit.wait_for(Option::is_some).await;
    ended.ok().and_then(|exit| exit.clone()).unwrap_or_default()
}

/// Why no worker could be started, or nothing made ready for it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file or folder could not be made or read.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done, with the path.
        doing: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A program that is needed is not on this machine.
    #[error("{program} is needed for functions in {runtime} and was not found")]
    NoProgram {
        /// Its name.
        program: &'static str,
        /// What for.
        runtime: Runtime,
    },
    /// Dependencies could not be installed, or the function not compiled.
    #[error("{doing} failed:\n{output}")]
    Build {
        /// The command in short.
        doing: String,
        /// The end of what it printed.
        output: String,
    },
    /// The container engine refused.
    #[error("the container engine: {0}")]
    Engine(String),
}

impl fmt::Debug for WorkerSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The environment holds secrets.
        f.debug_struct("WorkerSpec").field("id", &self.id).field("function", &self.function).finish_non_exhaustive()
    }
}
