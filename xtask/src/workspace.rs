//! The workspace as cargo and git see it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::{cargo, output};

/// The packages and the files of the project.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// One crate.
pub(crate) struct Package {
    pub(crate) name: String,
    /// Relative to the root.
    pub(crate) folder: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    /// `package.metadata.tidy.unused`: dependencies that no source names, with the reason.
    pub(crate) unnamed_dependencies: Vec<String>,
}

/// One line of a crate's dependencies.
pub(crate) struct Dependency {
    /// The name on crates.io, and the one that the sources use.
    pub(crate) name: String,
    pub(crate) known_as: String,
    pub(crate) is_dev: bool,
    pub(crate) is_local: bool,
}

impl Workspace {
    pub(crate) fn read() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().context("xtask lies in the workspace")?.to_owned();
        let text = output(cargo(&root).args(["metadata", "--format-version", "1", "--no-deps", "--offline"]))?;
        let metadata: Value = serde_json::from_str(&text)?;
        let packages =
            items(&metadata["packages"]).map(|package| Package::read(package, &root)).collect::<Result<_>>()?;
        Ok(Self { root, packages })
    }

    /// Where downloads and builds go.
    pub(crate) fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// A program that cargo built for development.
    pub(crate) fn program(&self, profile: &str, name: &str) -> PathBuf {
        self.target().join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// Every committed file and every new one that git would not ignore, relative to the root.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let mut git = Command::new("git");
        git.args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]).current_dir(&self.root);
        let listed = output(&mut git)?;
        let mut files: Vec<PathBuf> = listed.split_terminator('\0').map(PathBuf::from).collect();
        files.retain(|file| self.root.join(file).is_file());
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// The text of a file; nothing where it is no text.
    pub(crate) fn text(&self, file: &Path) -> Option<String> {
        String::from_utf8(fs::read(self.root.join(file)).ok()?).ok()
    }
}

impl Package {
    fn read(package: &Value, root: &Path) -> Result<Self> {
        let manifest = Path::new(package["manifest_path"].as_str().context("a package has a manifest")?);
        let folder = manifest.parent().context("a manifest lies in a folder")?;
        let unnamed = package["metadata"]["tidy"]["unused"].as_object().into_iter().flat_map(|table| table.keys());
        Ok(Self {
            name: text(&package["name"]),
            folder: folder.strip_prefix(root).unwrap_or(folder).to_owned(),
            dependencies: items(&package["dependencies"]).map(Dependency::read).collect(),
            unnamed_dependencies: unnamed.cloned().collect(),
        })
    }
}

impl Dependency {
    fn read(dependency: &Value) -> Self {
        let name = text(&dependency["name"]);
        Self {
            known_as: dependency["rename"].as_str().unwrap_or(&name).replace('-', "_"),
            name,
            is_dev: dependency["kind"] == "dev",
            is_local: dependency["source"].is_null(),
        }
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
