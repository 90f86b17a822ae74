//! The resolved configuration and the way to it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use alyx_yaml::Diagnostic;
use serde_json::Value as Json;

use crate::{
    check,
    raw::{self, Settings},
    section::{AdminUi, Auth, Database, Dev, Docs, Frontend, Functions, Logging, Mail, Realtime, Server},
    table::{Part, section},
};

section! {
    /// Every setting of a project, resolved and checked. Variables: `ALYX_` and the key in capitals.
    Config {
        /// Folder of everything that is not source: database, files, secrets, backups. Relative to the project folder.
        data_dir: PathBuf = "alyx_data",
        /// Where the server listens and what it accepts.
        server: Server,
        /// The database.
        database: Database,
        /// Accounts.
        auth: Auth,
        /// Subscriptions and the change feed behind them.
        realtime: Realtime,
        /// Functions.
        functions: Functions,
        /// A web app of the project's own, served beside the API.
        frontend: Frontend,
        /// Outgoing mail.
        mail: Mail,
        /// Logs.
        logging: Logging,
        /// The documentation of the project's API.
        docs: Docs,
        /// The administrators' pages.
        admin_ui: AdminUi,
        /// The development server (`alyx-cli dev`).
        dev: Dev,
    }
}

/// Where settings come from; each wins over the one before it, and all win over the defaults.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sources<'a> {
    /// The configuration file, if there is one.
    pub file: Option<SourceFile<'a>>,
    /// The environment: `ALYX_*` sets settings, and anything may be used as `${NAME}` in the file.
    pub variables: Option<&'a BTreeMap<String, String>>,
    /// Further names that start with `ALYX_` and are no settings.
    pub known_variables: &'a [&'a str],
    /// Settings from the command line.
    pub flags: &'a [Flag<'a>],
}

/// A file as text.
#[derive(Clone, Copy, Debug)]
pub struct SourceFile<'a> {
    /// What messages call it: `alyx.yaml`.
    pub name: &'a str,
    /// What stands in it.
    pub text: &'a str,
}

/// A setting given on the command line.
#[derive(Clone, Copy, Debug)]
pub struct Flag<'a> {
    /// What messages call it: `--port`.
    pub name: &'a str,
    /// The setting: `server.port`.
    pub path: &'a str,
    /// Its value as text.
    pub value: &'a str,
}

impl Config {
    /// Reads and checks all sources.
    ///
    /// # Errors
    /// Everything that is wrong: those of the file by place, then variables, then flags.
    pub fn resolve(sources: &Sources<'_>) -> Result<Self, Vec<Diagnostic>> {
        let mut settings = Settings::default();
        raw::collect(sources, &mut settings);
        let config = <Self as Part>::resolve(&settings, "", None);
        check::check(&config, &mut settings);
        let faults = settings.into_faults();
        if faults.is_empty() { Ok(config) } else { Err(faults) }
    }

    /// The data folder of the project in `project`.
    #[must_use]
    pub fn data_folder(&self, project: &Path) -> PathBuf {
        project.join(&self.data_dir)
    }

    /// The database file of the project in `project`.
    #[must_use]
    pub fn database_file(&self, project: &Path) -> PathBuf {
        let unset = || self.data_folder(project).join("alyx.db");
        self.database.path.as_ref().map_or_else(unset, |path| project.join(path))
    }

    /// Every setting as JSON, secrets blotted out.
    #[must_use]
    pub fn redacted_json(&self) -> Json {
        self.show()
    }
}

impl Default for Config {
    fn default() -> Self {
        <Self as Part>::resolve(&Settings::default(), "", None)
    }
}
