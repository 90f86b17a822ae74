//! `db seed`: the documents of a file, all or none.

use std::{path::PathBuf, process::ExitCode};

use alyx_project::{Flags, Project};
use serde_json::json;

use crate::{
    database::{documents, of_collections},
    output::{Session, shown},
    seeding,
};

/// Store the documents of a JSON or YAML file
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The file is a mapping from collections to lists of documents. Each document gets its defaults and is checked as one
of a client would be; if one is wrong, none is stored. Works while a server runs.")]
pub(crate) struct Seed {
    /// The file: .json, .yaml or .yml
    file: PathBuf,
}

impl Seed {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let project = Project::load(&session.project, &Flags::default())?;
        let mut opened = project.open_shared(&mut |_| {}).await?;
        let seeded = seeding::seed(opened.database(), &project, &self.file).await;
        opened.close().await?;
        let seeded = seeded?;
        let count = seeded.iter().map(|(_, count)| count).sum();
        let lines = format!(
            "{} {} from {}\n{}",
            session.style.green("Stored"),
            documents(count),
            shown(&self.file),
            of_collections(&seeded)
        );
        session.answer(&json!({ "file": self.file, "total": count, "documents": seeded }), &lines);
        Ok(ExitCode::SUCCESS)
    }
}
