//! The one place here that reads the file system and the process's environment; the rest takes text.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use alyx_yaml::Diagnostic;

use crate::{Config, Flag, SourceFile, Sources};

/// The configuration file of a project.
pub const FILE_NAME: &str = "alyx.yaml";

/// Why a project's configuration cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file is there and cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file, a variable or a flag is wrong.
    #[error("{}", list(.0))]
    Faults(Vec<Diagnostic>),
}

fn list(faults: &[Diagnostic]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Reads `alyx.yaml` of the project folder, if there is one, and the process's environment.
///
/// # Errors
/// The file cannot be read, or something in a source is wrong.
pub fn load(project: &Path, flags: &[Flag<'_>], known_variables: &[&str]) -> Result<Config, LoadError> {
    let path = project.join(FILE_NAME);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(source) => return Err(LoadError::Unreadable { path, source }),
    };
    let file = text.as_deref().map(|text| SourceFile { name: FILE_NAME, text });
    let variables = environment();
    let sources = Sources { file, variables: Some(&variables), known_variables, flags };
    Config::resolve(&sources).map_err(LoadError::Faults)
}

/// The process's environment; bytes that are no text are shown as `�`, which no setting takes for a value of its own.
fn environment() -> BTreeMap<String, String> {
    let text = |bytes: std::ffi::OsString| bytes.to_string_lossy().into_owned();
    std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect()
}
