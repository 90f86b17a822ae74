//! `db restore`: a back-up in the place of the database, which is kept beside it.

use std::{path::PathBuf, process::ExitCode};

use alyx_project::{Flags, Project};
use alyx_store::backup;
use anyhow::bail;
use serde_json::json;

use crate::{
    database::of_collections,
    output::{Session, shown},
};

/// Put a back-up in the place of the database
#[derive(Debug, clap::Args)]
#[command(after_help = "The database that is replaced is kept beside the new one. A server must be stopped first.")]
pub(crate) struct Restore {
    /// The back-up
    file: PathBuf,

    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

impl Restore {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let project = Project::load(&session.project, &Flags::default())?;
        let database = project.database_file();
        let question = format!("Replace {} with {}?", shown(&database), shown(&self.file));
        if database.is_file() && !self.yes && !session.confirm(&question) {
            bail!("nothing was restored; --yes answers the question");
        }
        let _lock = project.lock()?;
        let restored = backup::restore(&project.store_options(), &self.file).await?;
        let mut lines = format!(
            "{} {}\n{}",
            session.style.green("Restored"),
            shown(&self.file),
            of_collections(&restored.report.documents)
        );
        if let Some(kept) = &restored.kept {
            lines.push_str(&format!("The database until now is kept as {}\n", shown(kept)));
        }
        session.answer(&json!(restored), &lines);
        Ok(ExitCode::SUCCESS)
    }
}
