//! From what lies in a project's folder to what is served.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use alyx_rules::compile_invoke;
use alyx_schema::Schema;
use alyx_yaml::{Diagnostic, Span};

use crate::{
    Deployed, Entry, Found, Function, Functions,
    build::{BuildError, Built, Versions},
    discover::shown,
    worker::{Layer, StartError, Starter},
};

/// Brings the functions of a project to its server, again whenever they change.
pub struct Deployer {
    functions: Functions,
    starter: Option<Arc<dyn Starter>>,
    versions: Versions,
    /// One after the other, so that the last one asked for is what is served.
    turn: tokio::sync::Mutex<()>,
}

/// What a deployment did, by function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// Those that are served in a version that was not served before.
    pub changed: Vec<String>,
    /// Those that are served no longer.
    pub removed: Vec<String>,
    /// Those that cannot be served, with what is wrong.
    pub broken: BTreeMap<String, Vec<Diagnostic>>,
}

impl Deployer {
    /// Builds what is in `sources` below `folder`, which is made at need.
    #[must_use]
    pub fn new(functions: Functions, starter: Option<Arc<dyn Starter>>, (sources, folder): (&Path, &Path)) -> Self {
        Self { functions, starter, versions: Versions::new(sources, folder), turn: tokio::sync::Mutex::new(()) }
    }

    /// Serves what was found from now on. What is the same as before is left alone; what is new is announced at once
    /// and served when it is built.
    pub async fn deploy(&self, found: Found, schema: &Arc<Schema>) -> Deployment {
        let _turn = self.turn.lock().await;
        let before = self.functions.entries();
        let mut announced: BTreeMap<String, Entry> = BTreeMap::new();
        for name in found.functions.keys() {
            announced.insert(name.clone(), before.get(name).cloned().unwrap_or(Entry::Building));
        }
        self.functions.announce(&announced);
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        for (name, faults) in found.broken {
            entries.insert(name, Entry::Broken(Arc::new(faults)));
        }
        for (name, function) in found.functions {
            let entry = match self.one(&function, schema).await {
                Ok(deployed) => Entry::Ready(Arc::new(deployed)),
                Err(faults) => Entry::Broken(Arc::new(faults)),
            };
            entries.insert(name, entry);
        }
        let deployment = compare(&before, &entries);
        let kept = ready(&entries).map(|deployed| (deployed.folder.clone(), deployed.layer.clone()));
        let (folders, layers): (Vec<PathBuf>, Vec<Layer>) = kept.unzip();
        self.functions.serve(&entries);
        // What the last deployment served may still run.
        let folders = [folders, ready(&before).map(|deployed| deployed.folder.clone()).collect()].concat();
        self.versions.collect(&folders);
        if let Some(starter) = &self.starter {
            let layers = [layers, ready(&before).map(|deployed| deployed.layer.clone()).collect()].concat();
            starter.collect(&layers).await;
        }
        deployment
    }

    async fn one(&self, function: &Arc<Function>, schema: &Schema) -> Result<Deployed, Vec<Diagnostic>> {
        let invoke = match (&function.manifest.invoke, &function.manifest_file) {
            (Some(rule), Some(file)) => Some(compile_invoke(&shown(file), rule, schema)?),
            _ => None,
        };
        let Some(starter) = &self.starter else {
            return Ok(Deployed::idle(function.clone(), invoke));
        };
        let failed = |error: &StartError| {
            let place = Span { line: 1, column: 1 };
            vec![Diagnostic::error("function_build", &shown(&function.entry), place, error.to_string())]
        };
        let layer = starter.prepare(function).await.map_err(|error| failed(&error))?;
        let built = self.versions.build(function, &layer).await.map_err(|error| match error {
            BuildError::Faults(faults) => faults,
            BuildError::Start(error) => failed(&error),
        })?;
        let Built { version, folder, entry, source_maps } = built;
        let shapes = std::sync::OnceLock::new();
        Ok(Deployed { function: function.clone(), version, invoke, folder, entry, layer, source_maps, shapes })
    }
}

fn ready(entries: &BTreeMap<String, Entry>) -> impl Iterator<Item = &Arc<Deployed>> {
    entries.values().filter_map(|entry| match entry {
        Entry::Ready(deployed) => Some(deployed),
        _ => None,
    })
}

fn compare(before: &BTreeMap<String, Entry>, after: &BTreeMap<String, Entry>) -> Deployment {
    let mut deployment = Deployment::default();
    for (name, entry) in after {
        match (entry, before.get(name)) {
            (Entry::Ready(new), Some(Entry::Ready(old))) if new.version == old.version => {}
            (Entry::Ready(_), _) => deployment.changed.push(name.clone()),
            (Entry::Broken(faults), _) => drop(deployment.broken.insert(name.clone(), faults.to_vec())),
            (Entry::Building, _) => {}
        }
    }
    deployment.removed = before.keys().filter(|name| !after.contains_key(*name)).cloned().collect();
    deployment
}
