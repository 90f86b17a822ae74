//! `alyx.yaml`, the environment and the flags of a project.

use std::path::{Path, PathBuf};

use alyx_config::{Config, FILE_NAME, Flag, LoadError};

use crate::{Error, Faults, Result};

/// The variable that holds the administrator's token.
pub const ADMIN_TOKEN_VARIABLE: &str = "ALYX_ADMIN_TOKEN";

/// The variables that are no settings: that one, and the token with which `alyx-cli` calls a server.
const NO_SETTINGS: &[&str] = &[ADMIN_TOKEN_VARIABLE, "ALYX_TOKEN"];

/// Settings from the command line.
#[derive(Clone, Debug, Default)]
pub struct Flags(Vec<(&'static str, &'static str, String)>);

impl Flags {
    /// Adds a flag, if it was given: its spelling, the setting and the value.
    #[must_use]
    pub fn with(mut self, name: &'static str, path: &'static str, value: Option<impl ToString>) -> Self {
        self.0.extend(value.map(|value| (name, path, value.to_string())));
        self
    }
}

/// The settings of a project folder.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder.
    pub folder: PathBuf,
    /// The settings in force.
    pub config: Config,
    /// Whether there is an `alyx.yaml`.
    pub has_file: bool,
}

impl Settings {
    /// Reads the settings of a project folder.
    ///
    /// # Errors
    /// The folder is missing, `alyx.yaml` cannot be read, or a setting is wrong.
    pub fn load(folder: &Path, flags: &Flags) -> Result<Self> {
        if !folder.is_dir() {
            return Err(Error::NoFolder { folder: folder.to_owned() });
        }
        let flags: Vec<Flag<'_>> =
            flags.0.iter().map(|(name, path, value)| Flag { name, path, value: value.as_str() }).collect();
        let config = alyx_config::load(folder, &flags, NO_SETTINGS).map_err(wrong)?;
        Ok(Self { folder: folder.to_owned(), config, has_file: folder.join(FILE_NAME).is_file() })
    }
}

fn wrong(fault: LoadError) -> Error {
    match fault {
        LoadError::Unreadable { path, source } => Error::File { doing: "read", path, source },
        // Without the line: there may be a secret on it, under a misspelt name too, and this ends up in logs.
        LoadError::Faults(faults) => Error::Faults(Faults::of_files([], faults)),
    }
}
