//! `migrate rollback`: the last migrations are taken back, data and all.

use std::process::ExitCode;

use alyx_project::{Flags, Project};
use alyx_store::migration;
use serde_json::json;

use crate::{database::existing, output::Session, progress};

const HINT: &str = "\
schema.yaml and the migration file still say how it was: the next start applies them again.
To stay where you are, take the change back in schema.yaml and delete the file.";

/// Take back the last migrations
#[derive(Debug, clap::Args)]
pub(crate) struct Rollback {
    /// How many
    #[arg(value_name = "N", default_value_t = 1)]
    count: usize,
}

impl Rollback {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let project = Project::load(&session.project, &Flags::default())?;
        existing(&project)?;
        let _lock = project.lock()?;
        let mut database = project.open_database().await?;
        let bar = progress::bar(1, "rolling back");
        let undone = migration::rollback(&mut database, self.count, &mut |event| progress::follow(&bar, &event)).await;
        bar.finish_and_clear();
        let undone = undone?;
        database.close().await?;
        let mut report = String::new();
        for each in &undone {
            report.push_str(&format!("{} {}\n", session.style.yellow("Took back"), session.style.bold(&each.title)));
            for line in &each.lines {
                report.push_str(&format!("  {}\n", session.style.dim(line)));
            }
        }
        session.answer(&json!({ "rolled_back": undone }), &format!("{report}\n{HINT}"));
        Ok(ExitCode::SUCCESS)
    }
}
