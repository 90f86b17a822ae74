//! `db reset`: every document is deleted; for development.

use std::process::ExitCode;

use alyx_project::{Flags, Project};
use alyx_store::backup;
use anyhow::bail;
use serde_json::json;

use crate::{
    database::existing,
    output::{Session, shown},
};

/// Delete every document and begin anew (for development)
#[derive(Debug, clap::Args)]
#[command(after_help = "The next start makes a new database and seeds it. A server must be stopped first.")]
pub(crate) struct Reset {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

impl Reset {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let project = Project::load(&session.project, &Flags::default())?;
        existing(&project)?;
        let database = project.database_file();
        if !self.yes && !session.confirm(&format!("Delete every document in {}?", shown(&database))) {
            bail!("nothing was deleted; --yes answers the question");
        }
        let _lock = project.lock()?;
        backup::reset(&project.store_options()).await?;
        let lines = format!("{} {}; the next start makes a new one", session.style.yellow("Deleted"), shown(&database));
        session.answer(&json!({ "deleted": database }), &lines);
        Ok(ExitCode::SUCCESS)
    }
}
