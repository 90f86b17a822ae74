//! Where a database stands.

use super::{Project, Result, journal::Kind, plan, session::Session};
use crate::Database;

/// Where a database stands: what was applied, what is to come.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Status {
    /// The history, oldest first.
    pub applied: Vec<AppliedMigration>,
    /// Files that were not applied yet.
    pub pending: Vec<PendingMigration>,
    /// What would apply by itself, a line each.
    pub automatic: Vec<String>,
    /// Why nothing can be applied, if so.
    pub refused: Option<String>,
    /// Tables that hold what was dropped; `prune` removes them.
    pub kept_aside: Vec<String>,
}

/// One entry of the history.
#[derive(Clone, Debug, serde::Serialize)]
pub struct AppliedMigration {
    /// The file's number; none for what applied by itself.
    pub version: Option<u32>,
    /// Its name.
    pub name: String,
    /// When.
    pub applied_at: String,
    /// `initial`, `automatic`, `file` or `baseline` (noted in a new database, never run).
    pub kind: &'static str,
    /// What it did.
    pub changes: Vec<String>,
}

impl AppliedMigration {
    pub(crate) fn kind_of(word: &str) -> &'static str {
        Kind::of(word).word()
    }
}

/// A file that was not applied yet.
#[derive(Clone, Debug, serde::Serialize)]
pub struct PendingMigration {
    /// Its number.
    pub version: u32,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
}

const KEPT: &str =
    r#"SELECT "name" FROM "sqlite_schema" WHERE "type" = 'table' AND substr("name", 1, 14) = '_alyx_dropped_'"#;

/// Where the database stands with respect to the project's files.
///
/// # Errors
/// Where the database cannot be read; a plan that is refused is part of the answer.
pub async fn status(database: &mut Database, project: &Project<'_>) -> Result<Status> {
    let mut session = Session::new(database.writer());
    let (stored, entries) = (session.stored().await?, session.entries().await?);
    let kept_aside = session.texts(KEPT, Vec::new()).await?;
    let (mut automatic, mut refused) = (Vec::new(), None);
    match plan::plan(project, stored.as_ref(), &entries) {
        Ok(plan) => {
            let by_itself = plan.stages.iter().filter(|stage| stage.kind() != Kind::File);
            automatic = by_itself.flat_map(super::Stage::lines).collect();
        }
        Err(error) => refused = Some(error.to_string()),
    }
    let known = |version: u32| entries.iter().any(|entry| entry.version == Some(version));
    let pending = project.files.iter().filter(|file| !known(file.version) && stored.is_some()).map(|file| {
        let (version, name, description) = (file.version, file.name.clone(), file.description.clone());
        PendingMigration { version, name, description }
    });
    let pending = pending.collect();
    let applied = entries.into_iter().map(|entry| AppliedMigration {
        version: entry.version,
        kind: entry.kind.word(),
        name: entry.name,
        applied_at: entry.applied_at,
        changes: entry.changes,
    });
    Ok(Status { applied: applied.collect(), pending, automatic, refused, kept_aside })
}
