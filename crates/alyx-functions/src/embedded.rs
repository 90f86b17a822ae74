//! The workers and libraries of all languages, carried in this program and put where functions find them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::Runtime;

#[derive(RustEmbed)]
#[folder = "../../runtimes"]
#[exclude = "**/test/*"]
#[exclude = "**/tests/*"]
#[exclude = "**/testdata/*"]
#[exclude = "**/*_test.go"]
#[exclude = "**/__pycache__/*"]
#[exclude = "**/node_modules/*"]
#[exclude = "vectors/*"]
#[exclude = "README.md"]
struct Files;

/// The files of a language: their paths below its folder, and what is in them.
pub(crate) fn files(runtime: Runtime) -> impl Iterator<Item = (PathBuf, Vec<u8>)> {
    let prefix = format!("{}/", runtime.name());
    Files::iter().filter_map(move |path| {
        let below = path.strip_prefix(&prefix)?;
        Some((PathBuf::from(below), Files::get(&path)?.data.into_owned()))
    })
}

/// Writes them below a folder.
pub(crate) fn write(runtime: Runtime, folder: &Path) -> io::Result<()> {
    for (path, bytes) in files(runtime) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// What tells these files from those of another version of this program.
pub(crate) fn hash(runtime: Runtime) -> &'static str {
    static HASHES: OnceLock<[String; 3]> = OnceLock::new();
    &HASHES.get_or_init(|| Runtime::ALL.map(compute))[runtime as usize]
}

fn compute(runtime: Runtime) -> String {
    let mut all: Vec<(PathBuf, Vec<u8>)> = files(runtime).collect();
    all.sort();
    let mut hasher = Sha256::new();
    for (path, bytes) in all {
        hasher.update(path.to_string_lossy().as_bytes());
        hasher.update([0]);
        hasher.update(Sha256::digest(&bytes));
    }
    short(&hasher.finalize())
}

/// The beginning of a hash as text.
pub(crate) fn short(hash: &[u8]) -> String {
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
