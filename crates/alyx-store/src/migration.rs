//! The data model of a database brought to that of its project, and back.
//!
//! Safe changes apply by themselves; others need a file in `migrations/`, and without it a start is refused with
//! the file that would do it. Each migration is one transaction and runs once. What is dropped is kept aside
//! until [`prune`].

mod apply;
mod check;
mod convert;
mod default_value;
mod dry_run;
mod error;
mod journal;
mod lines;
mod plan;
mod rollback;
mod session;
mod status;
mod step;
mod table;

use alyx_schema::{Collection, Schema, migration::MigrationFile};
use sqlx::SqliteConnection;

pub use apply::Applied;
pub use dry_run::{Trial, dry_run};
pub use error::{Error, FailingRow, FailingRows, Refusal, Result};
pub use plan::{Plan, Stage, Work};
pub use rollback::RolledBack;
pub use status::{AppliedMigration, PendingMigration, Status, status};

pub(crate) use apply::{begin, end};
pub(crate) use check::{cell, json, shown};
pub(crate) use dry_run::with_suffix;
pub(crate) use session::{Session, bound};

use crate::Database;

/// What a project's folder says: `schema.yaml` as text and parsed, and the files of `migrations/`.
#[derive(Clone, Copy, Debug)]
pub struct Project<'a> {
    /// The text of `schema.yaml`.
    pub schema_text: &'a str,
    /// The same, parsed.
    pub schema: &'a Schema,
    /// The migration files, in order.
    pub files: &'a [MigrationFile],
}

/// How far a migration is: `done` of `total` operations.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// `002_rename_user_name`, `automatic` or `initial`.
    pub title: &'a str,
    /// Operations done.
    pub done: usize,
    /// Operations in all.
    pub total: usize,
}

/// Hears how far a migration is.
pub type Progress<'a> = dyn FnMut(Event<'_>) + Send + 'a;

/// Plans again at most so often when other processes are first.
const ATTEMPTS: usize = 10;

/// Brings the database to the project's data model and says what was done; nothing, where it fits already.
///
/// # Errors
/// Where a change needs a file, a file was edited or is gone, or stored documents stand in the way. What was
/// applied before the failure stays; the migration that failed left nothing.
pub async fn prepare(
    database: &mut Database,
    project: &Project<'_>,
    progress: &mut Progress<'_>,
) -> Result<Vec<Applied>> {
    let mut done = Vec::new();
    for _ in 0..ATTEMPTS {
        let plan = plan(database, project).await?;
        if plan.is_empty() || apply::plan(database.writer(), &plan, &mut done, progress).await?.is_some() {
            renew_triggers(database.writer(), project.schema).await?;
            return Ok(done);
        }
    }
    Err(Error::Locked)
}

/// Gives a database that an earlier version has made the triggers of this one.
async fn renew_triggers(connection: &mut SqliteConnection, schema: &Schema) -> Result<()> {
    let mut stale = Vec::new();
    for collection in schema.collections.values() {
        let mut session = Session::new(connection);
        session.doing(format!("looking at the triggers of {}", collection.name));
        if !session.has_triggers(collection).await? {
            stale.push(&**collection);
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    apply::begin(connection, "ON").await?;
    let made = make_triggers(&mut Session::new(connection), stale).await;
    apply::end(connection, made).await
}

async fn make_triggers(session: &mut Session<'_>, collections: Vec<&Collection>) -> Result<()> {
    for collection in collections {
        session.doing(format!("making the triggers of {}", collection.name));
        session.drop_triggers(collection).await?;
        session.create_triggers(collection).await?;
    }
    Ok(())
}

/// What [`prepare`] would do.
///
/// # Errors
/// As [`prepare`], for what can be known without touching data.
pub async fn plan(database: &mut Database, project: &Project<'_>) -> Result<Plan> {
    plan_on(database.writer(), project).await
}

async fn plan_on(connection: &mut SqliteConnection, project: &Project<'_>) -> Result<Plan> {
    let mut session = Session::new(connection);
    let (stored, entries) = (session.stored().await?, session.entries().await?);
    plan::plan(project, stored.as_ref(), &entries)
}

/// Undoes the last `count` migration files, and what applied by itself together with them or since.
///
/// The tables then fit the schema of before; put that `schema.yaml` back, or the next start applies them again.
///
/// # Errors
/// Where there are not so many, one has no way back, or stored documents stand in the way.
pub async fn rollback(database: &mut Database, count: usize, progress: &mut Progress<'_>) -> Result<Vec<RolledBack>> {
    let connection = database.writer();
    let entries = Session::new(connection).entries().await?;
    let mut undone = Vec::new();
    for entry in rollback::entries_to_undo(&entries, count)? {
        let after = Session::new(connection).stored().await?.map(|stored| stored.schema).unwrap_or_default();
        undone.push(rollback::undo(connection, &entry, &after, progress).await?);
    }
    Ok(undone)
}

/// Drops for good what migrations kept aside, and names the tables.
///
/// # Errors
/// Where the database fails.
pub async fn prune(database: &mut Database) -> Result<Vec<String>> {
    let connection = database.writer();
    apply::begin(connection, "OFF").await?;
    let pruned = step::prune(&mut Session::new(connection)).await;
    apply::end(connection, pruned).await
}

/// The schema that the database's tables fit; none in a new one.
///
/// # Errors
/// Where it cannot be read.
pub async fn stored_schema(database: &mut Database) -> Result<Option<Schema>> {
    Ok(Session::new(database.writer()).stored().await?.map(|stored| stored.schema))
}

/// The name and text of a new, empty migration file with the next number.
#[must_use]
pub fn create(files: &[MigrationFile], name: &str) -> (String, String) {
    let cleaned: String =
        name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let name = cleaned.trim_matches('_');
    let name = if name.is_empty() { "change" } else { name };
    let version = alyx_schema::migration::next_version(files);
    (alyx_schema::migration::file_name(version, name), alyx_schema::migration::render_empty(version, name))
}
