//! From a function's files to a version that workers can load: copied, stripped of types, compiled, never changed after.

mod copy;
mod go;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use alyx_yaml::{Diagnostic, Span};

use crate::{
    Function, Runtime,
    discover::shown,
    worker::{Layer, StartError},
};

/// The versions of all functions of a project, below one folder.
pub(crate) struct Versions {
    /// The project's functions.
    sources: PathBuf,
    /// Where the versions are.
    folder: PathBuf,
}

/// A version of a function on the disk.
#[derive(Debug)]
pub(crate) struct Built {
    /// What tells it from others.
    pub(crate) version: String,
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// The file to load, below `function` in there.
    pub(crate) entry: PathBuf,
    pub(crate) source_maps: bool,
}

/// Why there is no version.
#[derive(Debug)]
pub(crate) enum BuildError {
    /// The function's files have faults.
    Faults(Vec<Diagnostic>),
    /// It could not be built here.
    Start(StartError),
}

impl Versions {
    pub(crate) fn new(sources: &Path, folder: &Path) -> Self {
        Self { sources: sources.to_owned(), folder: folder.join("versions") }
    }

    /// Builds a function on its layer; a version that is there already is used again.
    pub(crate) async fn build(&self, function: &Arc<Function>, layer: &Layer) -> Result<Built, BuildError> {
        let files = copy::read(&self.sources, function).map_err(|error| fault(function, &error))?;
        let version = copy::hash(&files, function, layer);
        let folder = self.folder.join(format!("{}-{version}", function.name));
        let is_typescript =
            |path: &Path| path.extension().is_some_and(|end| matches!(end.to_str(), Some("ts" | "mts" | "cts")));
        let source_maps = function.runtime == Runtime::Node && files.iter().any(|file| is_typescript(&file.path));
        let entry = match function.runtime {
            Runtime::Go => PathBuf::from("program"),
            _ => copy::target(&function.entry),
        };
        if !folder.is_dir() {
            self.make(function, (&files, layer), &folder).await?;
        }
        Ok(Built { version, folder, entry, source_maps })
    }

    async fn make(
        &self,
        function: &Function,
        (files, layer): (&[copy::SourceFile], &Layer),
        folder: &Path,
    ) -> Result<(), BuildError> {
        let draft = self.folder.join(format!("{}.new", folder.file_name().unwrap_or_default().to_string_lossy()));
        let made = async {
            match fs::remove_dir_all(&draft) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(start("clearing", &draft, error)),
                _ => {}
            }
            let target = draft.join("function");
            fs::create_dir_all(&target).map_err(|error| start("making", &target, error))?;
            if function.runtime == Runtime::Go {
                go::build(function, files, &draft, &self.folder).await?;
            } else {
                copy::write(files, function, &target)?;
            }
            if let (Runtime::Node, Layer::Folder(layer)) = (function.runtime, layer) {
                let (modules, link) = (layer.join("node_modules"), draft.join("node_modules"));
                std::os::unix::fs::symlink(&modules, &link).map_err(|error| start("linking", &link, error))?;
            }
            fs::rename(&draft, folder).map_err(|error| start("moving", &draft, error))
        };
        let made = made.await;
        if made.is_err() {
            let _ = fs::remove_dir_all(&draft);
        }
        made
    }

    /// Removes the versions that are none of these.
    pub(crate) fn collect(&self, kept: &[PathBuf]) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten().filter(|entry| !kept.contains(&entry.path())) {
            if let Err(error) = fs::remove_dir_all(entry.path()) {
                tracing::warn!(%error, "an old version of a function could not be removed");
            }
        }
    }
}

fn start(doing: &str, path: &Path, source: io::Error) -> BuildError {
    BuildError::Start(StartError::Io { doing: format!("{doing} {}", path.display()), source })
}

fn fault(function: &Function, error: &io::Error) -> BuildError {
    let place = Span { line: 1, column: 1 };
    BuildError::Faults(vec![Diagnostic::error("function_file", &shown(&function.entry), place, error.to_string())])
}
