//! The functions in a folder: which there are, their manifests, and what is wrong with each.

mod dependencies;
mod manifest;
mod source;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
    sync::Arc,
};

use alyx_yaml::{Diagnostic, Span};

use crate::{Dependencies, Function};
use source::Source;

/// What was found in a folder of functions. A fault in one of them is no fault of the others.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Those that are in order.
    pub functions: BTreeMap<String, Arc<Function>>,
    /// Those that are not, and why.
    pub broken: BTreeMap<String, Vec<Diagnostic>>,
}

/// The variables that manifests may put in, by name.
pub type Variables = BTreeMap<String, String>;

const START: Span = Span { line: 1, column: 1 };

/// Looks for functions in `folder`, which may not exist. Paths in faults begin with `functions/`.
///
/// # Errors
/// The folder cannot be read.
pub fn discover(folder: &Path, variables: &Variables) -> io::Result<Found> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries.collect::<io::Result<Vec<_>>>()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::default()),
        Err(error) => return Err(error),
    };
    let mut sources: BTreeMap<String, Vec<Source>> = BTreeMap::new();
    let mut found = Found::default();
    for entry in entries {
        match source::of(folder, &entry.path()) {
            Ok(None) => {}
            Ok(Some(source)) => sources.entry(source.name.clone()).or_default().push(source),
            Err(misnamed) => {
                let (name, fault) = *misnamed;
                found.broken.entry(name).or_default().push(fault);
            }
        }
    }
    let mut lower: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in sources.keys() {
        lower.entry(name.to_lowercase()).or_default().insert(name.clone());
    }
    for (name, mut sources) in sources {
        sources.sort_by(|a, b| a.entry.cmp(&b.entry));
        let twins = &lower[&name.to_lowercase()];
        match read(folder, &sources, twins, variables) {
            Ok(function) if !found.broken.contains_key(&name) => {
                found.functions.insert(name, Arc::new(function));
            }
            Ok(_) => {}
            Err(faults) => found.broken.entry(name).or_default().extend(faults),
        }
    }
    Ok(found)
}

/// One function of all the sources that have its name, and the names that differ from it in case alone.
fn read(
    folder: &Path,
    sources: &[Source],
    twins: &BTreeSet<String>,
    variables: &Variables,
) -> Result<Function, Vec<Diagnostic>> {
    let source = &sources[0];
    let shown = shown(&source.entry);
    if let Some(other) = sources.get(1) {
        let message = format!("{:?} is also what {} is called", source.name, self::shown(&other.entry));
        let hint = Some("rename or remove one of them".to_owned());
        return Err(vec![Diagnostic::error("function_twice", &shown, START, message).with_hint(hint)]);
    }
    if let Some(other) = twins.iter().find(|twin| **twin != source.name) {
        let message = format!("{:?} and {other:?} differ in capitals alone", source.name);
        let hint = Some("rename one of them: some file systems take them for the same".to_owned());
        return Err(vec![Diagnostic::error("function_twice", &shown, START, message).with_hint(hint)]);
    }
    let mut function = Function {
        name: source.name.clone(),
        runtime: source.runtime,
        entry: source.entry.clone(),
        manifest_file: None,
        manifest: crate::Manifest::default(),
        dependencies: None,
    };
    let mut listed = None;
    if let Some(file) = &source.manifest {
        let text = fs::read_to_string(folder.join(file))
            .map_err(|error| vec![Diagnostic::error("function_file", &self::shown(file), START, error.to_string())])?;
        let read = manifest::read(&self::shown(file), &text, source, variables)?;
        function.manifest_file = Some(file.clone());
        function.manifest = read.manifest;
        listed = read.dependencies;
    }
    function.dependencies = match listed {
        Some(text) => Some(Dependencies { file: dependencies::file(source.runtime), text, lock: None }),
        None => dependencies::find(folder, source)
            .map_err(|error| vec![Diagnostic::error("function_file", &shown, START, error.to_string())])?,
    };
    Ok(function)
}

/// A path as people see it in faults.
pub(crate) fn shown(path: &Path) -> String {
    format!("functions/{}", path.display())
}

/// Whether something of this name in the folder is for others than functions' callers.
pub(crate) fn is_private(name: &str) -> bool {
    name.starts_with(['_', '.']) || matches!(name, "node_modules" | "__pycache__" | "vendor")
}
