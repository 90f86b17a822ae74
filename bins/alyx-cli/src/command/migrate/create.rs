//! `migrate create`: a migration file for what `schema.yaml` changes, or an empty one.

use std::{fs, process::ExitCode};

use alyx_project::{Error, Flags, MIGRATIONS, Project};
use alyx_store::migration;
use serde_json::json;

use crate::output::{Session, shown};

/// Write a migration file for what schema.yaml changes, or an empty one
#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// What the migration does, in a word or two
    name: String,
}

impl Create {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let project = Project::load(&session.project, &Flags::default())?;
        let (file, empty) = migration::create(&project.migrations, &self.name);
        let suggested = suggestion(&project).await?;
        let is_suggested = suggested.is_some();
        let text = suggested.map_or(empty, |(old, text)| renamed(&old, &file, &text));
        let folder = session.project.join(MIGRATIONS);
        let path = folder.join(&file);
        fs::create_dir_all(&folder).map_err(|source| Error::File { doing: "make", path: folder, source })?;
        fs::write(&path, text).map_err(|source| Error::File { doing: "write", path: path.clone(), source })?;
        let lines = format!("{} {}\n{}", session.style.green("Wrote"), shown(&path), next(is_suggested));
        session.answer(&json!({ "file": path, "suggested": is_suggested }), &lines);
        Ok(ExitCode::SUCCESS)
    }
}

fn next(is_suggested: bool) -> &'static str {
    if is_suggested {
        "It does what schema.yaml changes. Read it, change what is not meant, then `alyx-cli migrate apply --dry-run`."
    } else {
        "schema.yaml changes nothing that needs a file, so it does nothing yet: fill in its operations."
    }
}

/// The file that would do what `schema.yaml` changes: its name and text.
async fn suggestion(project: &Project) -> anyhow::Result<Option<(String, String)>> {
    if !project.database_file().is_file() {
        return Ok(None);
    }
    let mut database = project.open_database().await?;
    let planned = migration::plan(&mut database, &project.target()).await;
    database.close().await?;
    match planned {
        Err(migration::Error::UnsafeChanges(refusal)) => Ok(refusal.file),
        Err(fault) => Err(fault.into()),
        Ok(_) => Ok(None),
    }
}

/// The text under another name: `002_this.yaml` says `name: this`.
fn renamed(old: &str, new: &str, text: &str) -> String {
    let stem = |file: &str| file.trim_end_matches(".yaml").split_once('_').map(|(_, name)| name.to_owned());
    let line = |file: &str| format!("\nname: {}\n", stem(file).unwrap_or_default());
    text.replacen(&line(old), &line(new), 1)
}
