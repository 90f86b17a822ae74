//! A project folder that lives as long as the test.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A temporary project folder.
#[derive(Debug)]
pub struct TestProject {
    folder: tempfile::TempDir,
}

impl TestProject {
    /// An empty folder.
    #[must_use]
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder can be made") }
    }

    /// A folder with this `schema.yaml`.
    #[must_use]
    pub fn with_schema(schema: &str) -> Self {
        let project = Self::empty();
        project.write("schema.yaml", schema);
        project
    }

    /// A copy of a folder, without its data.
    #[must_use]
    pub fn copy_of(folder: &Path) -> Self {
        let project = Self::empty();
        copy(folder, project.path());
        project
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file or folder in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file, making its folders.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.file(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("a folder in the temporary folder can be made");
        }
        fs::write(path, text).expect("a file in the temporary folder can be written");
    }

    /// Reads a file; fails the test where there is none.
    #[must_use]
    #[track_caller]
    pub fn read(&self, name: &str) -> String {
        match fs::read_to_string(self.file(name)) {
            Ok(text) => text,
            Err(fault) => panic!("{name} cannot be read: {fault}"),
        }
    }

    /// The database file of a project without settings of its own.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.file("alyx_data/alyx.db")
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder in the temporary folder can be made");
    for entry in fs::read_dir(from).expect("the folder to copy can be read") {
        let entry = entry.expect("the folder to copy can be read");
        let target = to.join(entry.file_name());
        if entry.file_name() == "alyx_data" {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied to the temporary folder");
        }
    }
}
