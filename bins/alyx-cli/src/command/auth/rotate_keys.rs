//! `auth rotate-keys`

use std::process::ExitCode;

use alyx_auth::{SystemRandom, rotate_keys};
use alyx_project::{Flags, Project};
use alyx_store::SystemClock;
use serde_json::json;

use crate::output::Session;

/// Sign tokens with a new key from now on; nobody is signed out
#[derive(Debug, clap::Args)]
pub(crate) struct RotateKeys {}

impl RotateKeys {
    pub(crate) fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let project = Project::load(&session.project, &Flags::default())?;
        let (jwt, data) = (&project.settings.config.auth.jwt, project.data_folder()?);
        let rotated = rotate_keys(jwt, &data, &SystemClock, &SystemRandom::default())?;
        let lines = format!("{} tokens are signed with the key {} from now on", session.style.green("ok"), rotated.id);
        session.answer(&json!({"key": rotated.id}), &lines);
        Ok(ExitCode::SUCCESS)
    }
}
