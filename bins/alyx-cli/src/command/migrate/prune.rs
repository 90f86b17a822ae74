//! `migrate prune`: what migrations dropped is let go.

use std::process::ExitCode;

use alyx_project::{Flags, Project};
use alyx_store::migration;
use anyhow::bail;
use serde_json::json;

use crate::{
    database::existing,
    output::{Session, counted},
};

/// Let go of what migrations dropped and kept aside
#[derive(Debug, clap::Args)]
pub(crate) struct Prune {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

impl Prune {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let project = Project::load(&session.project, &Flags::default())?;
        existing(&project)?;
        if !self.yes
            && !session.confirm("Let go of what migrations dropped, so that they cannot be taken back any more?")
        {
            bail!("nothing was pruned; --yes answers the question");
        }
        let _lock = project.lock()?;
        let mut database = project.open_database().await?;
        let pruned = migration::prune(&mut database).await?;
        database.close().await?;
        let lines = match pruned.len() {
            0 => "There was nothing kept aside".to_owned(),
            count => format!("{} {} kept aside", session.style.green("Dropped"), counted(count, "table")),
        };
        session.answer(&json!({ "pruned": pruned }), &lines);
        Ok(ExitCode::SUCCESS)
    }
}
