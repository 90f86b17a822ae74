//! A plan tried on a copy of the real data.

use std::path::{Path, PathBuf};

use super::{
    Applied, Error, Progress, Project, Result, plan_on,
    session::{Session, bound},
};
use crate::{
    Database, StoreOptions,
    backup::Partial,
    connection::{make_folder, open_reader},
};

/// What a plan would come to.
#[derive(Debug)]
pub struct Trial {
    /// Migrations that would succeed, with time and rows.
    pub applied: Vec<Applied>,
    /// The first that would fail, and why; those after it were not tried.
    pub failed: Option<Error>,
    /// References that would be broken at the end.
    pub broken_references: u64,
}

/// The path with something after its name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Tries the plan on a copy beside the database, which only this reads from.
///
/// # Errors
/// Where the copy cannot be made, or the plan is refused before anything runs.
pub async fn dry_run(options: &StoreOptions, project: &Project<'_>, progress: &mut Progress<'_>) -> Result<Trial> {
    let unique = uuid::Uuid::now_v7().simple().to_string();
    let path = with_suffix(&options.path, &format!(".dry-run-{unique}"));
    let copy = make_folder(&path).and_then(|()| Partial::create(path.clone()));
    let copy = copy.map_err(|source| Error::File { doing: format!("making {}", path.display()), source })?;
    if options.path.exists() {
        let mut reader = open_reader(options).await?;
        let mut session = Session::new(&mut reader);
        session.doing("copying the database");
        session.run("VACUUM INTO ?", vec![bound(copy.0.to_string_lossy().into_owned())]).await?;
        let _ = sqlx::Connection::close(reader).await;
    }
    let mut database = Database::open(&StoreOptions { path: copy.0.clone(), ..options.clone() }).await?;
    let trial = on_copy(&mut database, project, progress).await;
    database.close().await?;
    trial
}

async fn on_copy(database: &mut Database, project: &Project<'_>, progress: &mut Progress<'_>) -> Result<Trial> {
    let plan = plan_on(database.writer(), project).await?;
    let mut applied = Vec::new();
    let failed = super::apply::plan(database.writer(), &plan, &mut applied, progress).await.err();
    let mut session = Session::new(database.writer());
    session.doing("checking foreign keys");
    let broken = session.rows("PRAGMA foreign_key_check", Vec::new()).await?;
    Ok(Trial { applied, failed, broken_references: broken.len() as u64 })
}
