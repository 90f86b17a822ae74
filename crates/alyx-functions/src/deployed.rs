//! One version of a function, built and ready to be called.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use alyx_rules::CompiledRule;
use serde_json::Value as Json;

use crate::{Function, worker::Layer};

/// A version of a function that workers can be started for.
#[derive(Debug)]
pub struct Deployed {
    /// The function.
    pub function: Arc<Function>,
    /// What tells this version from others.
    pub version: String,
    /// Who may call it; without it only administrators.
    pub invoke: Option<CompiledRule>,
    pub(crate) folder: PathBuf,
    pub(crate) entry: PathBuf,
    pub(crate) layer: Layer,
    pub(crate) source_maps: bool,
    /// What its first worker said of its input and output.
    pub(crate) shapes: OnceLock<(Option<Json>, Option<Json>)>,
}

impl Deployed {
    /// A function that nothing can run here.
    pub(crate) fn idle(function: Arc<Function>, invoke: Option<CompiledRule>) -> Self {
        let (folder, entry, layer) = (PathBuf::new(), PathBuf::new(), Layer::Folder(PathBuf::new()));
        let version = "none".to_owned();
        Self { function, version, invoke, folder, entry, layer, source_maps: false, shapes: OnceLock::new() }
    }

    /// What it is called by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.function.name
    }

    /// The shapes of input and output as declared, once a worker has loaded it.
    #[must_use]
    pub fn shapes(&self) -> Option<&(Option<Json>, Option<Json>)> {
        self.shapes.get()
    }

    pub(crate) fn declare(&self, input: Option<Json>, output: Option<Json>) {
        let _ = self.shapes.set((input, output));
    }
}
