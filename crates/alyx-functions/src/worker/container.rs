//! Workers in containers of Docker or Podman: the wall for code that is not trusted.
//!
//! A worker opens no port and needs no network: its socket lies in a folder that it shares with the server, and the
//! server's own socket is mounted beside it.

mod engine;
mod image;
mod running;
mod settings;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

use self::{engine::Engine, running::ContainerWorker};
use super::{Layer, StartError, Starter, Worker, WorkerSpec};
use crate::{Function, Runtime};

/// How containers are made.
#[derive(Clone, Debug)]
pub struct ContainerOptions {
    /// The engine's address (`unix:///run/podman/podman.sock`); without it the usual places are tried.
    pub engine: Option<String>,
    /// The images that languages' images are made from, by language as in [`Runtime::ALL`].
    pub images: [String; 3],
    /// Whether functions reach the network, by the engine's default one.
    pub outbound: bool,
    /// Tells this server's containers and images from those of others.
    pub project: String,
}

/// Starts workers in containers.
pub struct ContainerStarter {
    engine: Engine,
    options: ContainerOptions,
    /// One at a time for each image, so that two who need it do not both build it.
    building: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl ContainerStarter {
    /// Finds the engine and removes what an earlier run of the same server left in it.
    ///
    /// # Errors
    /// Where none answers; the message says where one was looked for.
    pub async fn connect(options: ContainerOptions) -> Result<Self, StartError> {
        let engine = Engine::find(options.engine.as_deref()).await?;
        engine.remove_left_over(&options.project).await?;
        Ok(Self { engine, options, building: Mutex::default() })
    }

    fn base(&self, runtime: Runtime) -> &str {
        &self.options.images[runtime as usize]
    }
}

#[async_trait]
impl Starter for ContainerStarter {
    fn mode(&self) -> &'static str {
        "container"
    }

    async fn prepare(&self, function: &Function) -> Result<Layer, StartError> {
        let recipe = image::recipe(function, self.base(function.runtime))?;
        let lock = {
            let mut building = self.building.lock().unwrap_or_else(PoisonError::into_inner);
            building.entry(recipe.name.clone()).or_default().clone()
        };
        let _alone = lock.lock().await;
        if !self.engine.has_image(&recipe.name).await? {
            self.engine.build(&recipe, &self.options.project).await?;
        }
        Ok(Layer::Image(recipe.name))
    }

    async fn start(&self, spec: &WorkerSpec) -> Result<Box<dyn Worker>, StartError> {
        let Layer::Image(image) = &spec.layer else {
            return Err(StartError::Engine("a folder was given to a container".to_owned()));
        };
        let owner = settings::share(spec)?;
        let body = settings::body(spec, image, &self.options, (owner, self.engine.is_podman()));
        Ok(Box::new(ContainerWorker::start(&self.engine, spec, body).await?))
    }

    async fn collect(&self, kept: &[Layer]) {
        if let Err(error) = self.engine.remove_images(&self.options.project, kept).await {
            tracing::warn!(%error, "old images of functions could not be removed");
        }
    }
}
