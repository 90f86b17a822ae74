//! A project that changes while it is served.

use std::time::Duration;

use alyx_http::{AppState, Served};
use alyx_store::migration::Applied;

use alyx_functions::Deployment;

use crate::{Error, Project, Result, Running, functions::ProjectFunctions, server::follow};

/// How long requests keep the data model that they began with, where nothing else limits them.
const PATIENCE: Duration = Duration::from_secs(60);

/// Brings a running server in line with its project.
pub struct Reloader {
    state: AppState,
    functions: Option<ProjectFunctions>,
}

impl Running {
    /// For changes of the project while it is served.
    #[must_use]
    pub fn reloader(&self) -> Reloader {
        Reloader { state: self.state().clone(), functions: self.functions.clone() }
    }
}

impl Reloader {
    /// Applies the project's data model and serves it from now on; where that fails, the old one stays.
    ///
    /// Migration files do not run: somebody may be writing them.
    ///
    /// # Errors
    /// A change needs a migration file or a file waits, or the database fails.
    pub async fn reload(&self, project: &Project) -> Result<Vec<Applied>> {
        let waiting = project.waiting().await?;
        if !waiting.is_empty() {
            return Err(Error::FilesWait { files: waiting });
        }
        let (database, applied) = project.prepare(&mut |_| {}).await?;
        let store = database.into_store(project.schema.clone()).await?;
        follow(self.state.auth(), &store);
        let replaced = self.state.replace(Served::new(store, project.rules.clone())).store().clone();
        let patience = self.state.options().request_timeout.unwrap_or(PATIENCE);
        replaced.retire(patience).await;
        Ok(applied)
    }

    /// Serves the functions as they are in the project's folder now, with rules about the data model that is served;
    /// those that are faulty alone are not served.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub async fn reload_functions(&self) -> Result<Deployment> {
        match &self.functions {
            Some(functions) => functions.deploy(self.state.served().schema()).await,
            None => Ok(Deployment::default()),
        }
    }
}
