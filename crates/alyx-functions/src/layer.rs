//! What functions run on in processes: a folder with the language's worker and library, and what a function depends on.

use std::{
    collections::{HashMap, HashSet},
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest, Sha256};
use tokio::process::Command;

use crate::{
    Dependencies, Function, Runtime, embedded,
    worker::{Layer, StartError},
};

/// The end of what a failed installation printed that is kept, in bytes.
const KEPT_OUTPUT: usize = 4000;

/// The layers in one folder.
pub struct LayerFolder {
    folder: PathBuf,
    /// One at a time for each layer, so that two who need it do not both make it.
    making: Mutex<HashMap<PathBuf, Arc<tokio::sync::Mutex<()>>>>,
}

impl LayerFolder {
    /// Layers below this folder, which is made at need.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, making: Mutex::default() }
    }

    /// The layer of a function, made where it is not there.
    pub(crate) async fn prepare(&self, function: &Function) -> Result<Layer, StartError> {
        let layer = self.folder.join(name(function));
        let lock = {
            let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
            making.entry(layer.clone()).or_default().clone()
        };
        let _alone = lock.lock().await;
        if !layer.is_dir() {
            self.make(function, &layer).await?;
        }
        Ok(Layer::Folder(layer))
    }

    /// It is made beside its place and moved there when it is whole.
    async fn make(&self, function: &Function, layer: &Path) -> Result<(), StartError> {
        let draft = layer.with_extension("new");
        let made = async {
            match fs::remove_dir_all(&draft) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("clearing", &draft, error)),
                _ => {}
            }
            let runtime = function.runtime;
            let library = draft.join(library(runtime));
            fs::create_dir_all(&draft).map_err(|error| failed("making", &draft, error))?;
            if let Some(dependencies) = &function.dependencies {
                tracing::info!(function = function.name, "installing what the function depends on");
                install(runtime, dependencies, &draft).await?;
            }
            // After the installation, which may clear away what it does not know.
            embedded::write(runtime, &library).map_err(|error| failed("writing", &library, error))?;
            fs::rename(&draft, layer).map_err(|error| failed("moving", &draft, error))
        };
        let made = made.await;
        if made.is_err() {
            let _ = fs::remove_dir_all(&draft);
        }
        made
    }

    /// Removes the layers that are none of these.
    pub(crate) async fn collect(&self, kept: &[Layer]) {
        let kept: HashSet<&OsStr> = kept
            .iter()
            .filter_map(|layer| match layer {
                Layer::Folder(folder) => folder.file_name(),
                Layer::Image(_) => None,
            })
            .collect();
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten().filter(|entry| !kept.contains(entry.file_name().as_os_str())) {
            if let Err(error) = fs::remove_dir_all(entry.path()) {
                tracing::warn!(%error, "an old layer of functions could not be removed");
            }
        }
    }
}

/// What its content follows from.
fn name(function: &Function) -> String {
    let mut hasher = Sha256::new();
    hasher.update(embedded::hash(function.runtime));
    if let Some(Dependencies { text, lock, .. }) = &function.dependencies {
        hasher.update(text);
        hasher.update([0]);
        hasher.update(lock.as_ref().map_or("", |(_, text)| text));
    }
    format!("{}-{}", function.runtime, embedded::short(&hasher.finalize()))
}

/// Where the library lies in a layer.
fn library(runtime: Runtime) -> &'static str {
    match runtime {
        Runtime::Node => "node_modules/@alyx/functions",
        Runtime::Python => "python",
        Runtime::Go => "go",
    }
}

async fn install(runtime: Runtime, dependencies: &Dependencies, folder: &Path) -> Result<(), StartError> {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| failed("writing", &path, error))
    };
    match runtime {
        // A Go program's dependencies are fetched when it is built.
        Runtime::Go => Ok(()),
        Runtime::Node => {
            write(dependencies.file, &dependencies.text)?;
            let locked = dependencies.lock.is_some();
            if let Some((name, text)) = &dependencies.lock {
                write(name, text)?;
            }
            let verb = if locked { "ci" } else { "install" };
            let words = [verb, "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"];
            run("npm", &words, (folder, runtime)).await
        }
        Runtime::Python => {
            write(dependencies.file, &dependencies.text)?;
            let words = [
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-input",
                "--target",
                "python",
                "-r",
            ];
            run("python3", &[&words[..], &[dependencies.file]].concat(), (folder, runtime)).await
        }
    }
}

/// Runs a program to its end; what it printed is told where it failed.
pub(crate) async fn run(
    program: &'static str,
    words: &[&str],
    (folder, runtime): (&Path, Runtime),
) -> Result<(), StartError> {
    let mut command = Command::new(program);
    command.args(words).current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    let done = command.output().await.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StartError::NoProgram { program, runtime },
        _ => failed("starting", Path::new(program), error),
    })?;
    if done.status.success() {
        return Ok(());
    }
    let output = [done.stdout, done.stderr].concat();
    let output = String::from_utf8_lossy(&output[output.len().saturating_sub(KEPT_OUTPUT)..]).trim().to_owned();
    Err(StartError::Build { doing: format!("{program} {}", words.first().unwrap_or(&"")), output })
}

fn failed(doing: &str, path: &Path, source: io::Error) -> StartError {
    StartError::Io { doing: format!("{doing} {}", path.display()), source }
}
