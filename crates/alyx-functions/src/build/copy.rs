//! The files that a function may load, read and written anew.

use std::{
    collections::HashSet,
    fs, io,
    path::{Component, Path, PathBuf},
};

use alyx_yaml::Diagnostic;
use sha2::{Digest, Sha256};

use super::{BuildError, start};
use crate::{
    Function, Runtime,
    discover::{is_private, shown},
    embedded::short,
    typescript,
    worker::Layer,
};

/// Most that one function may bring, in bytes.
const MOST_BYTES: u64 = 100 << 20;
/// Most files of it.
const MOST_FILES: usize = 10_000;
/// Code that functions share.
const SHARED: &str = "_shared";

/// One file, by its path below the functions' folder.
#[derive(Debug)]
pub(super) struct SourceFile {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
}

/// The function's file or folder, and what is shared, in the order of their paths.
pub(super) fn read(root: &Path, function: &Function) -> io::Result<Vec<SourceFile>> {
    let mut reading = Reading { root: root.canonicalize()?, files: Vec::new(), bytes: 0 };
    let own = function.entry.components().next().map(|first| PathBuf::from(first.as_os_str())).unwrap_or_default();
    if function.entry.components().count() > 1 {
        reading.folder(&own)?;
    } else {
        reading.file(&own)?;
    }
    if root.join(SHARED).is_dir() {
        reading.folder(Path::new(SHARED))?;
    }
    if function.runtime == Runtime::Node && root.join("package.json").is_file() {
        reading.file(Path::new("package.json"))?;
    }
    reading.files.sort_by(|a, b| a.path.cmp(&b.path));
    reading.files.dedup_by(|a, b| a.path == b.path);
    Ok(reading.files)
}

struct Reading {
    root: PathBuf,
    files: Vec<SourceFile>,
    bytes: u64,
}

impl Reading {
    fn folder(&mut self, path: &Path) -> io::Result<()> {
        let mut entries = fs::read_dir(self.root.join(path))?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let below = path.join(&name);
            let private = name.to_str().is_none_or(|name| is_private(name) && name != SHARED);
            if entry.file_type()?.is_dir() {
                if !private {
                    self.folder(&below)?;
                }
            } else if !name.to_string_lossy().starts_with('.') && !entry.path().is_dir() {
                self.file(&below)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> io::Result<()> {
        // A link may lead anywhere; what it leads to must be the project's too.
        let real = self.root.join(path).canonicalize()?;
        if !real.starts_with(&self.root) {
            return Err(io::Error::other(format!("{} leads out of the functions' folder", shown(path))));
        }
        self.bytes += fs::metadata(&real)?.len();
        if self.bytes > MOST_BYTES || self.files.len() >= MOST_FILES {
            return Err(io::Error::other("the function and what it shares are more than 100 MB or 10,000 files"));
        }
        self.files.push(SourceFile { path: path.to_owned(), bytes: fs::read(&real)? });
        Ok(())
    }
}

/// What tells this version from others: everything that it can load, and what it runs on.
pub(super) fn hash(files: &[SourceFile], function: &Function, layer: &Layer) -> String {
    let mut hasher = Sha256::new();
    match layer {
        Layer::Folder(folder) => hasher.update(folder.as_os_str().as_encoded_bytes()),
        Layer::Image(name) => hasher.update(name),
    }
    // What the manifest says is no file of the version, but another version all the same.
    hasher.update(format!("{:?}{:?}", function.entry, function.manifest));
    for file in files {
        hasher.update(file.path.as_os_str().as_encoded_bytes());
        hasher.update([0]);
        hasher.update(Sha256::digest(&file.bytes));
    }
    short(&hasher.finalize())
}

/// The name under which a file is loaded.
pub(super) fn target(path: &Path) -> PathBuf {
    match path.extension().and_then(|end| end.to_str()) {
        Some("ts") => path.with_extension("js"),
        Some("mts") => path.with_extension("mjs"),
        Some("cts") => path.with_extension("cjs"),
        _ => path.to_owned(),
    }
}

/// Writes the files, TypeScript without its types.
pub(super) fn write(files: &[SourceFile], function: &Function, folder: &Path) -> Result<(), BuildError> {
    let runtime = function.runtime;
    let loaded = loaded(files, function);
    let mut faults: Vec<Diagnostic> = Vec::new();
    for file in files {
        let (path, bytes) = match translate(file, runtime) {
            Ok(written) => written,
            // What nobody loads harms nobody: another function's fault is no fault of this one.
            Err(_) if !loaded.contains(&file.path) => continue,
            Err(found) => {
                faults.extend(found);
                continue;
            }
        };
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| start("making", parent, error))?;
        fs::write(&path, bytes).map_err(|error| start("writing", &path, error))?;
    }
    let package = folder.join("package.json");
    if runtime == Runtime::Node && !package.exists() {
        let entry = files.iter().find(|file| file.path == function.entry);
        let is_common_js = entry.is_some_and(|entry| typescript::is_common_js(&String::from_utf8_lossy(&entry.bytes)));
        let kind = if is_common_js { "commonjs" } else { "module" };
        let text = serde_json::json!({ "type": kind }).to_string();
        fs::write(&package, text).map_err(|error| start("writing", &package, error))?;
    }
    if faults.is_empty() { Ok(()) } else { Err(BuildError::Faults(faults)) }
}

/// The files that loading the function loads, as far as they are imported by name.
fn loaded(files: &[SourceFile], function: &Function) -> HashSet<PathBuf> {
    let mut loaded = HashSet::new();
    let mut next = vec![function.entry.clone()];
    while let Some(path) = next.pop() {
        let Some(file) = files.iter().find(|file| file.path == path) else { continue };
        if !loaded.insert(path.clone()) {
            continue;
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        for name in typescript::imports(&path, &String::from_utf8_lossy(&file.bytes)) {
            let named = resolve(folder, Path::new(&name));
            // A TypeScript file may be named as the JavaScript that it becomes.
            next.extend(
                files.iter().map(|file| &file.path).filter(|path| **path == named || target(path) == named).cloned(),
            );
        }
    }
    loaded
}

/// A relative path from a folder, without `.` and `..` in it.
fn resolve(folder: &Path, name: &Path) -> PathBuf {
    let mut resolved = folder.to_owned();
    for part in name.components() {
        match part {
            Component::ParentDir => drop(resolved.pop()),
            Component::Normal(name) => resolved.push(name),
            _ => {}
        }
    }
    resolved
}

fn translate(file: &SourceFile, runtime: Runtime) -> Result<(PathBuf, Vec<u8>), Vec<Diagnostic>> {
    let as_is = || (file.path.clone(), file.bytes.clone());
    let end = file.path.extension().and_then(|end| end.to_str()).unwrap_or_default();
    let Some(text) = std::str::from_utf8(&file.bytes).ok().filter(|_| runtime == Runtime::Node) else {
        return Ok(as_is());
    };
    match end {
        "ts" | "mts" | "cts" if !file.path.to_string_lossy().ends_with(".d.ts") => {
            Ok((target(&file.path), typescript::strip(&file.path, text, &shown(&file.path))?.into_bytes()))
        }
        "js" | "mjs" | "cjs" => typescript::check(&file.path, text, &shown(&file.path)).map(|()| as_is()),
        "json" if file.path == Path::new("package.json") => Ok((file.path.clone(), package(text).into_bytes())),
        _ => Ok(as_is()),
    }
}

/// Of the project's `package.json` only how files are read matters here; modules where it does not say.
fn package(text: &str) -> String {
    let package: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let kind = package.get("type").and_then(serde_json::Value::as_str).unwrap_or("module");
    serde_json::json!({ "type": kind }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(entry: &str) -> Function {
        Function {
            name: "post".to_owned(),
            runtime: Runtime::Node,
            entry: PathBuf::from(entry),
            manifest_file: None,
            manifest: crate::Manifest::default(),
            dependencies: None,
        }
    }

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: PathBuf::from(path), bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn a_shared_file_with_a_fault_breaks_those_who_import_it_alone() {
        let shared =
            || [file("_shared/broken.ts", "export const = 1;\n"), file("_shared/on.js", "import './broken.js';\n")];
        for (import, is_broken) in
            [("", false), ("import './_shared/broken.ts';", true), ("import './_shared/on.js';", true)]
        {
            let text = format!("{import}\nexport default () => 1;\n");
            let files: Vec<SourceFile> = std::iter::once(file("post.js", &text)).chain(shared()).collect();
            let folder = tempfile::tempdir().unwrap();
            let written = write(&files, &function("post.js"), folder.path());
            match written {
                Err(BuildError::Faults(faults)) if is_broken => {
                    assert_eq!((faults[0].file.as_str(), faults[0].span.line), ("functions/_shared/broken.ts", 1));
                }
                written => assert!(written.is_ok() && !is_broken, "{import}: {written:?}"),
            }
        }
    }

    #[test]
    fn common_js_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        write(&[file("post.js", "module.exports = () => 1;\n")], &function("post.js"), folder.path()).unwrap();
        let package = fs::read_to_string(folder.path().join("package.json")).unwrap();
        assert_eq!(package, r#"{"type":"commonjs"}"#);
    }
}
