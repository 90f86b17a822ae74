//! What a function depends on, where a file of its package manager says so.

use std::{fs, io, path::Path};

use super::source::Source;
use crate::{Dependencies, Runtime};

/// The file that lists them.
pub(super) fn file(runtime: Runtime) -> &'static str {
    match runtime {
        Runtime::Node => "package.json",
        Runtime::Python => "requirements.txt",
        Runtime::Go => "go.mod",
    }
}

fn lock(runtime: Runtime) -> Option<&'static str> {
    match runtime {
        Runtime::Node => Some("package-lock.json"),
        Runtime::Python => None,
        Runtime::Go => Some("go.sum"),
    }
}

/// Those of the function's own folder, or those beside a function that is a single file.
pub(super) fn find(root: &Path, source: &Source) -> io::Result<Option<Dependencies>> {
    let folder = source.folder.as_ref().map_or_else(|| root.to_owned(), |folder| root.join(folder));
    let Some(text) = read(&folder.join(file(source.runtime)))? else { return Ok(None) };
    if source.runtime == Runtime::Node && !has_any(&text) {
        return Ok(None);
    }
    let locked = match lock(source.runtime) {
        Some(name) => read(&folder.join(name))?.map(|text| (name, text)),
        None => None,
    };
    Ok(Some(Dependencies { file: file(source.runtime), text, lock: locked }))
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A `package.json` that only says how files are read needs no installation.
fn has_any(text: &str) -> bool {
    let Ok(package) = serde_json::from_str::<serde_json::Value>(text) else { return true };
    ["dependencies", "optionalDependencies"]
        .iter()
        .any(|key| package.get(key).and_then(serde_json::Value::as_object).is_some_and(|listed| !listed.is_empty()))
}
