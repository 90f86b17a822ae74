//! The files of a project folder, as text.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{Error, Result};

/// The data model of a project.
pub const SCHEMA: &str = "schema.yaml";
/// The folder of its migrations.
pub const MIGRATIONS: &str = "migrations";

const SEEDS: [&str; 3] = ["seed.json", "seed.yaml", "seed.yml"];

/// A file's name and its text.
pub type TextFile = (String, String);

/// Reads a text file; `None` where there is none.
///
/// # Errors
/// The file cannot be read, or is not UTF-8.
pub fn read_text(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::File { doing: "read", path: path.to_owned(), source }),
    }
}

/// The migration files of a project, by name.
///
/// # Errors
/// The folder or one of its files cannot be read.
pub fn migration_texts(project: &Path) -> Result<Vec<TextFile>> {
    let folder = project.join(MIGRATIONS);
    let unreadable = |source| Error::File { doing: "read", path: folder.clone(), source };
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(fault) => return Err(unreadable(fault)),
    };
    let mut texts = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else { continue };
        if is_yaml && !name.starts_with('.') {
            texts.extend(read_text(&path)?.map(|text| (name, text)));
        }
    }
    texts.sort();
    Ok(texts)
}

/// The file that a new database is filled from, if the project has one.
#[must_use]
pub fn seed_file(project: &Path) -> Option<PathBuf> {
    SEEDS.iter().map(|name| project.join(name)).find(|path| path.is_file())
}
