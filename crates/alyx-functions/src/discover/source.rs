//! What in the folder is a function.

use std::{
    fs,
    path::{Path, PathBuf},
};

use alyx_yaml::Diagnostic;

use super::{START, is_private, shown};
use crate::Runtime;

/// Longest name.
const LONGEST: usize = 64;

/// What cannot be a function: what it would be called, and why.
pub(super) type Misnamed = Box<(String, Diagnostic)>;

/// A function as it lies in the folder. Paths are relative to the functions' folder.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) runtime: Runtime,
    pub(super) entry: PathBuf,
    /// Its own folder, where it has one.
    pub(super) folder: Option<PathBuf>,
    pub(super) manifest: Option<PathBuf>,
}

/// The function that a file or folder is; nothing where it is none, and its name with the fault where it cannot be one.
pub(super) fn of(root: &Path, path: &Path) -> Result<Option<Source>, Misnamed> {
    let Some(file_name) = path.file_name().and_then(|name| name.to_str()) else { return Ok(None) };
    if is_private(file_name) {
        return Ok(None);
    }
    if path.is_dir() { of_folder(path, file_name) } else { of_file(root, path, file_name) }
}

fn of_file(root: &Path, path: &Path, file_name: &str) -> Result<Option<Source>, Misnamed> {
    let (Some(runtime), Some(stem)) = (Runtime::of_file(path), path.file_stem().and_then(|stem| stem.to_str())) else {
        return Ok(None);
    };
    if !is_code(file_name) {
        return Ok(None);
    }
    let entry = PathBuf::from(file_name);
    check_name(stem, &entry)?;
    let manifest = ["yaml", "yml"].map(|end| PathBuf::from(format!("{stem}.{end}")));
    let manifest = manifest.into_iter().find(|manifest| root.join(manifest).is_file());
    Ok(Some(Source { name: stem.to_owned(), runtime, entry, folder: None, manifest }))
}

fn of_folder(path: &Path, name: &str) -> Result<Option<Source>, Misnamed> {
    let folder = PathBuf::from(name);
    let Ok(entries) = fs::read_dir(path) else { return Ok(None) };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|p| p.is_file()).collect();
    files.sort();
    let names = ["index", "main", "handler", "function", name];
    let rank = |file: &Path| names.iter().position(|known| file.file_stem().is_some_and(|stem| stem == *known));
    let code = files.iter().filter(|file| {
        Runtime::of_file(file).is_some() && file.file_name().and_then(|name| name.to_str()).is_some_and(is_code)
    });
    let entry = code.clone().filter(|file| rank(file).is_some()).min_by_key(|file| rank(file));
    // A Go program may be spread over files of any name.
    let go = code.clone().find(|file| Runtime::of_file(file) == Some(Runtime::Go));
    let Some(entry) = entry.or(go) else {
        if code.count() == 0 {
            return Ok(None);
        }
        let message = format!("no file of functions/{name} is the one to start with");
        let hint = Some("call it index, main or handler".to_owned());
        let fault = Diagnostic::error("function_entry", &shown(&folder), START, message).with_hint(hint);
        return Err(Box::new((name.to_owned(), fault)));
    };
    check_name(name, &folder)?;
    let runtime = Runtime::of_file(entry).unwrap_or(Runtime::Node);
    let entry = folder.join(entry.file_name().unwrap_or_default());
    let manifest = ["function.yaml", "function.yml"].into_iter().find(|manifest| path.join(manifest).is_file());
    let manifest = manifest.map(|manifest| folder.join(manifest));
    Ok(Some(Source { name: name.to_owned(), runtime, entry, folder: Some(folder), manifest }))
}

/// Whether a file is code that runs, and not a test or a declaration.
fn is_code(file_name: &str) -> bool {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    !stem.ends_with(".test") && !stem.ends_with(".d") && !stem.ends_with("_test") && !stem.ends_with(".spec")
}

fn check_name(name: &str, path: &Path) -> Result<(), Misnamed> {
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let rest = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if starts && rest && name.len() <= LONGEST {
        return Ok(());
    }
    let message = format!("{name:?} is no name for a function");
    let hint = Some("a letter, then letters, digits, `-` and `_`, 64 at most: createPost, create-post".to_owned());
    Err(Box::new((name.to_owned(), Diagnostic::error("function_name", &shown(path), START, message).with_hint(hint))))
}
