//! `db backup`: a copy of the database at one moment, checked before it counts.

use std::{path::PathBuf, process::ExitCode};

use alyx_project::{Flags, Project};
use alyx_store::backup;
use serde_json::json;

use crate::{
    database::{existing, of_collections},
    output::{Session, shown},
    progress,
};

/// Copy the database to a file, with the server running or not
#[derive(Debug, clap::Args)]
pub(crate) struct Backup {
    /// The file to make
    file: PathBuf,
}

impl Backup {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let project = Project::load(&session.project, &Flags::default())?;
        existing(&project)?;
        let bar = progress::bytes("backing up");
        let mut follow = |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        };
        let report = backup::backup(&project.store_options(), &self.file, &mut follow).await;
        bar.finish_and_clear();
        let report = report?;
        let lines = format!(
            "{} {} ({} bytes, checked)\n{}",
            session.style.green("Backed up to"),
            shown(&self.file),
            report.bytes,
            of_collections(&report.documents)
        );
        session.answer(&json!({ "file": self.file, "report": report }), &lines);
        Ok(ExitCode::SUCCESS)
    }
}
