//! A project's functions beside its server: how workers are started here, and what is served of the folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use alyx_config::section::{FunctionMode, FunctionNetwork};
use alyx_functions::{
    Deployer, Deployment, Found, FunctionOptions, Functions, LayerFolder, Variables, discover,
    worker::{ContainerOptions, ContainerStarter, ProcessStarter, Starter},
};
use alyx_schema::{Schema, clock::IdGenerator};
use alyx_store::SystemIds;

use crate::{Error, Project, Result};

/// The official images of the languages; Go compiles elsewhere and needs none.
const IMAGES: [&str; 3] = ["node:20-slim", "python:3.11-slim", "golang:1.21"];

/// The folder of a project's functions.
pub const FUNCTIONS: &str = "functions";

/// The functions of a project that is served. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ProjectFunctions {
    pub(crate) functions: Functions,
    deployer: Arc<Deployer>,
    sources: PathBuf,
    /// The sockets; goes with the last of these.
    _sockets: Arc<SocketFolder>,
}

/// A folder for sockets, whose paths may not be long. Gone when it is dropped.
struct SocketFolder(PathBuf);

impl SocketFolder {
    fn make() -> io::Result<Self> {
        clear_left_over();
        let name = format!("alyx-{}-{}", std::process::id(), SystemIds.short_id());
        let folder = std::env::temp_dir().join(name);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o711);
        builder.create(&folder)?;
        Ok(Self(folder))
    }
}

/// Removes the folders of servers that were ended without notice.
fn clear_left_over() {
    let processes = Path::new("/proc");
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten().filter(|_| processes.join("self").exists()) {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| name.strip_prefix("alyx-")?.split_once('-')?.0.parse::<u32>().ok());
        if process.is_some_and(|process| !processes.join(process.to_string()).exists()) {
            // Another user's stays; it is that user's server that clears it away.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

impl Drop for SocketFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the folder of functions' sockets could not be removed");
        }
    }
}

impl Project {
    /// Makes ready what functions need, and builds them beside everything else. `processes` allows workers as
    /// processes where the settings leave it open and there is no container engine.
    pub(crate) async fn start_functions(&self, processes: bool) -> Result<Option<ProjectFunctions>> {
        let mode = self.settings.config.functions.mode;
        // While a project is worked on, functions may come later.
        if mode == FunctionMode::Off || !processes && !self.folder().join(FUNCTIONS).is_dir() {
            return Ok(None);
        }
        let absolute =
            |path: PathBuf| std::path::absolute(&path).map_err(|source| Error::File { doing: "find", path, source });
        let data = absolute(self.data_folder()?.join(FUNCTIONS))?;
        let starter = self.starter(mode, processes, &data).await?;
        let sockets =
            SocketFolder::make().map_err(|source| Error::File { doing: "make", path: std::env::temp_dir(), source })?;
        let options = FunctionOptions::from_config(&self.settings.config);
        let functions = Functions::new(options, starter.clone(), &sockets.0);
        let sources = absolute(self.folder().join(FUNCTIONS))?;
        let deployer = Arc::new(Deployer::new(functions.clone(), starter.ok(), (&sources, &data)));
        Ok(Some(ProjectFunctions { functions, deployer, sources, _sockets: Arc::new(sockets) }))
    }

    /// The way to start workers, or what to do to have one.
    async fn starter(
        &self,
        mode: FunctionMode,
        processes: bool,
        data: &Path,
    ) -> Result<Result<Arc<dyn Starter>, String>> {
        let process = || -> Arc<dyn Starter> { Arc::new(ProcessStarter::new(LayerFolder::new(data.join("layers")))) };
        if mode == FunctionMode::Process || mode == FunctionMode::Auto && processes {
            return Ok(Ok(process()));
        }
        match ContainerStarter::connect(self.container_options(data)).await {
            Ok(starter) => Ok(Ok(Arc::new(starter))),
            Err(fault) if mode == FunctionMode::Container => Err(Error::Engine(fault)),
            Err(fault) => Ok(Err(format!(
                "{fault}; set functions.mode to process to run functions as processes, which are no wall around code \
                 that you do not trust"
            ))),
        }
    }

    fn container_options(&self, data: &Path) -> ContainerOptions {
        let functions = &self.settings.config.functions;
        let sections = [&functions.node, &functions.python, &functions.go];
        let mut images = IMAGES.map(str::to_owned);
        for (image, section) in images.iter_mut().zip(sections) {
            if let Some(named) = &section.image {
                image.clone_from(named);
            }
        }
        ContainerOptions {
            engine: functions.engine.clone(),
            images,
            outbound: functions.network == FunctionNetwork::Outbound,
            project: data.display().to_string(),
        }
    }
}

impl ProjectFunctions {
    /// Builds and serves what is in the folder now.
    pub(crate) async fn deploy(&self, schema: &Arc<Schema>) -> Result<Deployment> {
        let variables: Variables = std::env::vars().collect();
        let found = discover(&self.sources, &variables);
        let found: Found = found.map_err(|source| Error::File { doing: "read", path: self.sources.clone(), source })?;
        if let Err(reason) = self.functions.mode()
            && !(found.functions.is_empty() && found.broken.is_empty())
        {
            tracing::warn!("functions are not run: {reason}");
        }
        let deployment = self.deployer.deploy(found, schema).await;
        Ok(deployment)
    }
}
