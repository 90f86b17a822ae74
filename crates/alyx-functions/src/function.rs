//! One function as it stands in the project's folder.

use std::{collections::BTreeMap, num::NonZeroU32, path::PathBuf, time::Duration};

use alyx_schema::Rule;

use crate::Runtime;

/// A function that was found, with its settings.
#[derive(Clone, Debug)]
pub struct Function {
    /// What it is called by.
    pub name: String,
    /// Its language.
    pub runtime: Runtime,
    /// Its file, relative to the functions' folder: `createPost.js`, `send-mail/index.ts`.
    pub entry: PathBuf,
    /// Its manifest, relative to the functions' folder, where it has one.
    pub manifest_file: Option<PathBuf>,
    /// What the manifest says.
    pub manifest: Manifest,
    /// What it depends on, where it does.
    pub dependencies: Option<Dependencies>,
}

/// The settings of one function; what is absent is as the language's settings in `alyx.yaml` say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manifest {
    /// Longest time for one call.
    pub timeout: Option<Duration>,
    /// Most memory of one worker, in bytes.
    pub memory: Option<u64>,
    /// Most processor cores of one worker.
    pub cpu: Option<f64>,
    /// Calls that one worker takes at the same time.
    pub concurrency: Option<NonZeroU32>,
    /// Its environment.
    pub env: BTreeMap<String, String>,
    /// Who may call it; without it only administrators.
    pub invoke: Option<Rule>,
}

/// What a function needs besides its language's standard library, as one file of its package manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependencies {
    /// `package.json`, `requirements.txt` or `go.mod`.
    pub file: &'static str,
    /// Its text, made from the manifest where it stands there.
    pub text: String,
    /// The lock file beside it, as name and text: `package-lock.json`, `go.sum`.
    pub lock: Option<(&'static str, String)>,
}
