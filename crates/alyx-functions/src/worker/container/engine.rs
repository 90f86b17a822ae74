//! The engine: found, and asked for no longer than a time. It may go away at any moment.

use std::{collections::HashMap, env, time::Duration};

use bollard::{
    API_DEFAULT_VERSION, Docker, body_full,
    errors::Error,
    query_parameters::{
        BuildImageOptionsBuilder, ListContainersOptions, ListImagesOptions, RemoveContainerOptions, RemoveImageOptions,
    },
};
use futures_util::StreamExt;

use super::image::Recipe;
use crate::worker::{Layer, StartError};

/// Longest time for an answer to whether somebody is there.
const PING: Duration = Duration::from_secs(2);
/// Longest time for one call.
const CALL: Duration = Duration::from_secs(30);
/// Longest time for the building of an image.
const BUILD: Duration = Duration::from_secs(30 * 60);
/// The end of what a failed build printed that is kept, in bytes.
const KEPT_OUTPUT: usize = 4000;

/// Marks what this product made in an engine.
pub(super) const LABEL: &str = "alyx";
/// Says for which project.
pub(super) const PROJECT: &str = "alyx.project";

/// An engine that answered.
#[derive(Clone)]
pub(super) struct Engine {
    pub(super) docker: Docker,
    podman: bool,
}

impl Engine {
    /// The engine of this address, or the first of the usual places that answers.
    pub(super) async fn find(named: Option<&str>) -> Result<Self, StartError> {
        // One that is named is worth waiting for; of those that are looked for most are not there.
        let patience = if named.is_some() { CALL } else { PING };
        let places = named.map_or_else(places, |place| vec![place.to_owned()]);
        let mut tried = Vec::new();
        for place in places {
            match Self::connect(&place, patience).await {
                Ok(engine) => return Ok(engine),
                Err(why) => tried.push(format!("{place} ({why})")),
            }
        }
        Err(StartError::Engine(format!("none answers; tried {}", tried.join(", "))))
    }

    async fn connect(place: &str, patience: Duration) -> Result<Self, String> {
        let seconds = CALL.as_secs();
        let docker = match place.split_once("://") {
            Some(("tcp" | "http", _)) => Docker::connect_with_http(place, seconds, API_DEFAULT_VERSION),
            Some(("unix", _)) | None => Docker::connect_with_unix(place, seconds, API_DEFAULT_VERSION),
            Some((scheme, _)) => return Err(format!("{scheme} is not supported")),
        };
        let docker = docker.map_err(|error| error.to_string())?;
        let version = tokio::time::timeout(patience, docker.version()).await.map_err(|_| "no answer in time")?;
        let components = version.map_err(|error| error.to_string())?.components.unwrap_or_default();
        Ok(Self { docker, podman: components.iter().any(|component| component.name.contains("Podman")) })
    }

    pub(super) fn is_podman(&self) -> bool {
        self.podman
    }

    pub(super) async fn has_image(&self, name: &str) -> Result<bool, StartError> {
        match in_time(self.docker.inspect_image(name)).await {
            Ok(_) => Ok(true),
            Err(Failed::Refused(404, _)) => Ok(false),
            Err(failed) => Err(failed.into()),
        }
    }

    /// Builds an image from what is in the recipe.
    pub(super) async fn build(&self, recipe: &Recipe, project: &str) -> Result<(), StartError> {
        tracing::info!(image = recipe.name, base = recipe.base, "building an image for functions");
        let labels = HashMap::from([(LABEL, "1"), (PROJECT, project)]);
        let options = BuildImageOptionsBuilder::new().t(&recipe.name).rm(true).forcerm(true).labels(&labels).build();
        let archive = recipe.archive()?;
        let mut printed = String::new();
        let building = async {
            let mut lines = self.docker.build_image(options, None, Some(body_full(archive.into())));
            while let Some(line) = lines.next().await {
                let line = line.map_err(|error| error.to_string())?;
                if let Some(text) = line.stream {
                    tracing::debug!(image = recipe.name, "{}", text.trim_end());
                    printed.push_str(&text);
                    keep_end(&mut printed);
                }
                if let Some(why) = line.error_detail.and_then(|detail| detail.message) {
                    return Err(why);
                }
            }
            Ok(())
        };
        let built = tokio::time::timeout(BUILD, building).await.unwrap_or_else(|_| Err("it took too long".to_owned()));
        let doing = || format!("building the image {}", recipe.name);
        built.map_err(|why| StartError::Build { doing: doing(), output: format!("{printed}{why}") })
    }

    /// Removes the containers of a project.
    pub(super) async fn remove_left_over(&self, project: &str) -> Result<(), StartError> {
        let options = ListContainersOptions { all: true, filters: Some(ours(project)), ..Default::default() };
        for container in in_time(self.docker.list_containers(Some(options))).await? {
            if let Some(id) = container.id {
                self.remove(&id).await?;
            }
        }
        Ok(())
    }

    /// Ends and removes a container; one that is gone already is as good.
    pub(super) async fn remove(&self, id: &str) -> Result<(), StartError> {
        let options = RemoveContainerOptions { force: true, v: true, ..Default::default() };
        match in_time(self.docker.remove_container(id, Some(options))).await {
            Ok(()) | Err(Failed::Refused(404 | 409, _)) => Ok(()),
            Err(failed) => Err(failed.into()),
        }
    }

    /// Removes the images of a project that are none of these.
    pub(super) async fn remove_images(&self, project: &str, kept: &[Layer]) -> Result<(), StartError> {
        let options = ListImagesOptions { filters: Some(ours(project)), ..Default::default() };
        for image in in_time(self.docker.list_images(Some(options))).await? {
            let names = image.repo_tags.iter().map(|name| name.strip_prefix("localhost/").unwrap_or(name));
            let is_kept = |name: &str| kept.iter().any(|layer| matches!(layer, Layer::Image(kept) if kept == name));
            if !names.clone().any(is_kept) {
                // One that a container still uses is refused, and goes another time.
                let removed = in_time(self.docker.remove_image(&image.id, None::<RemoveImageOptions>, None)).await;
                removed.map(drop).or_else(|failed| match failed {
                    Failed::Refused(..) => Ok(()),
                    failed => Err(StartError::from(failed)),
                })?;
            }
        }
        Ok(())
    }
}

/// Why a call to the engine came to nothing.
pub(super) enum Failed {
    /// It said no, with this status.
    Refused(u16, String),
    /// It did not answer, or not in a way that can be read.
    Broken(String),
}

impl From<Failed> for StartError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Refused(_, why) | Failed::Broken(why) => Self::Engine(why),
        }
    }
}

/// Waits for an answer, but not for ever.
pub(super) async fn in_time<T>(asking: impl Future<Output = Result<T, Error>>) -> Result<T, Failed> {
    match tokio::time::timeout(CALL, asking).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(Error::DockerResponseServerError { status_code, message })) => {
            Err(Failed::Refused(status_code, message))
        }
        Ok(Err(error)) => Err(Failed::Broken(error.to_string())),
        Err(_) => Err(Failed::Broken("no answer in time".to_owned())),
    }
}

fn ours(project: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![format!("{LABEL}=1"), format!("{PROJECT}={project}")])])
}

/// Where engines listen: what the environment names comes first.
fn places() -> Vec<String> {
    let mut places: Vec<String> =
        ["DOCKER_HOST", "CONTAINER_HOST"].iter().filter_map(|name| env::var(name).ok()).collect();
    places.retain(|place| !place.is_empty());
    places.push("unix:///var/run/docker.sock".to_owned());
    if let Ok(folder) = env::var("XDG_RUNTIME_DIR") {
        places.extend(["docker.sock", "podman/podman.sock"].map(|name| format!("unix://{folder}/{name}")));
    }
    places.push("unix:///run/podman/podman.sock".to_owned());
    places
}

fn keep_end(text: &mut String) {
    let mut from = text.len().saturating_sub(KEPT_OUTPUT);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text.drain(..from);
}
