//! The Python environment below `target/`, so that nothing is installed outside the project.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use super::install_package;
use crate::command::succeeds;

const PYTHONS: &[&str] = &["python3", "python"];

/// A virtual environment.
pub(super) struct Environment {
    pub(super) folder: PathBuf,
}

impl Environment {
    /// Where it keeps a program.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        let folder = if cfg!(windows) { "Scripts" } else { "bin" };
        self.folder.join(folder).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    fn works(&self) -> bool {
        succeeds(Command::new(self.program("python")).args(["-m", "pip", "--version"]))
    }
}

/// The environment in this folder, made where it is missing.
pub(super) fn environment(folder: &Path) -> Result<Environment> {
    let environment = Environment { folder: folder.to_owned() };
    if environment.works() || make(&environment) || (install_package("python3-venv") && make(&environment)) {
        return Ok(environment);
    }
    bail!("Python 3 with venv and pip is missing (on Debian: apt-get install python3 python3-venv)")
}

fn make(environment: &Environment) -> bool {
    let make = |python: &&str| succeeds(Command::new(python).args(["-m", "venv", "--clear"]).arg(&environment.folder));
    PYTHONS.iter().any(make) && environment.works()
}
