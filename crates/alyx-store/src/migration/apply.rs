//! Stages carried out, each in a transaction of its own that either happens whole or not at all.

use std::time::{Duration, Instant};

use alyx_schema::{
    Collection, Schema,
    migration::{MigrationFile, Outcome, Step},
};
use sqlx::SqliteConnection;

use super::{
    Error, Plan, Progress, Result, Stage, Work,
    check::key_of,
    journal::{Entry, Kind, checksum, now},
    session::{Session, bound},
    step::Run,
};
use crate::sql::quote;

/// What was done in one transaction.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Applied {
    /// `002_rename_user_name`, `automatic` or `initial`.
    pub title: String,
    /// What it did, a line each: `+ posts.view_count (int)`.
    pub lines: Vec<String>,
    /// Operations that had nothing to do here, and why.
    pub notes: Vec<String>,
    /// Documents changed.
    pub rows_changed: u64,
    /// How long it took.
    pub took: Duration,
}

/// How the outcome of a plan is told apart from the need for another one.
pub(super) enum Progressed {
    Done(Applied),
    /// Another process was first.
    Overtaken,
}

/// Carries out one stage; `head` is the history that it was planned on.
pub(super) async fn stage(
    connection: &mut SqliteConnection,
    stage: &Stage,
    (head, run): (i64, i64),
    progress: &mut Progress<'_>,
) -> Result<Progressed> {
    let start = Instant::now();
    let foreign_keys = if stage.rebuilds() { "OFF" } else { "ON" };
    begin(connection, foreign_keys).await?;
    let outcome = inside(connection, stage, (head, run), progress).await;
    let outcome = end(connection, outcome).await?;
    let Some(rows_changed) = outcome else { return Ok(Progressed::Overtaken) };
    let (title, lines, notes) = (stage.title(), stage.lines(), stage.notes.clone());
    Ok(Progressed::Done(Applied { title, lines, notes, rows_changed, took: start.elapsed() }))
}

/// Starts the transaction that keeps every other writer out.
pub(crate) async fn begin(connection: &mut SqliteConnection, foreign_keys: &str) -> Result<()> {
    let mut session = Session::new(connection);
    session.doing("locking the database");
    session.run(format!("PRAGMA foreign_keys = {foreign_keys}"), Vec::new()).await?;
    match session.run("BEGIN IMMEDIATE", Vec::new()).await {
        Err(Error::Database { source, .. }) if source.to_string().contains("locked") => Err(Error::Locked),
        other => other.map(drop),
    }
}

/// Commits what succeeded and takes back what did not.
pub(crate) async fn end<T>(connection: &mut SqliteConnection, outcome: Result<T>) -> Result<T> {
    let mut session = Session::new(connection);
    session.doing("committing");
    let ended = match outcome {
        Ok(value) => session.run("COMMIT", Vec::new()).await.map(|_| value),
        Err(error) => Err(error),
    };
    if ended.is_err() {
        // Fails where a statement has ended the transaction already, which is just as well.
        let _ = session.run("ROLLBACK", Vec::new()).await;
    }
    session.run("PRAGMA foreign_keys = ON", Vec::new()).await?;
    ended
}

async fn inside(
    connection: &mut SqliteConnection,
    stage: &Stage,
    (head, run): (i64, i64),
    progress: &mut Progress<'_>,
) -> Result<Option<u64>> {
    let mut session = Session::new(connection);
    if session.head().await? != head {
        return Ok(None);
    }
    let title = stage.title();
    let (before, after) = stage.schemas();
    let mut work = Run { session: &mut session, title: title.clone(), entry: head + 1, step: 0, rows_changed: 0 };
    match &stage.work {
        Work::Create(_) | Work::Automatic(_) => {
            progress(super::Event { title: &title, done: 0, total: 1 });
            work.transition(before, after).await?;
            progress(super::Event { title: &title, done: 1, total: 1 });
        }
        Work::File(file) => work.file(file, before, progress).await?,
    }
    let rows_changed = work.rows_changed;
    if stage.touches_tables() {
        verify(&mut session, &title, after).await?;
    }
    remember(&mut session, stage, (head, run)).await?;
    Ok(Some(rows_changed))
}

impl Run<'_, '_> {
    async fn file(&mut self, file: &MigrationFile, before: &Schema, progress: &mut Progress<'_>) -> Result<()> {
        let (mut schema, total) = (before.clone(), file.operations.len());
        for (index, step) in file.operations.iter().enumerate() {
            progress(super::Event { title: &self.title, done: index, total });
            self.step = index + 1;
            schema = self.file_step(file, step, schema).await?;
        }
        progress(super::Event { title: &self.title, done: total, total });
        Ok(())
    }

    async fn file_step(&mut self, file: &MigrationFile, step: &Step, schema: Schema) -> Result<Schema> {
        let refused = |reason| Error::Operation { file: file.file.clone(), span: step.span, reason };
        match step.operation.transform(&schema).map_err(refused)? {
            Outcome::Absent(_) => Ok(schema),
            Outcome::Data => {
                self.operation(&step.operation, &schema, &schema).await?;
                Ok(schema)
            }
            Outcome::Changed(after) => {
                self.operation(&step.operation, &schema, &after).await?;
                Ok(after)
            }
        }
    }
}

/// Puts the stage into the history.
async fn remember(session: &mut Session<'_>, stage: &Stage, (head, run): (i64, i64)) -> Result<()> {
    session.doing("keeping the history");
    let (before, after) = &stage.texts;
    let mut entry = Entry {
        id: head + 1,
        kind: stage.kind(),
        version: None,
        name: stage.title(),
        applied_at: now(),
        checksum: checksum(after),
        run,
        file: None,
        schema_before: before.clone(),
        changes: stage.lines(),
    };
    match &stage.work {
        Work::File(file) => entry = of_file(entry, file, Kind::File),
        Work::Create(files) => {
            for (place, file) in files.iter().enumerate() {
                let id = head + 2 + i64::try_from(place).unwrap_or(0);
                let entry = of_file(Entry { id, changes: Vec::new(), ..entry.clone() }, file, Kind::Baseline);
                session.add_entry(&entry).await?;
            }
        }
        Work::Automatic(_) => {}
    }
    if !stage.only_text() {
        session.add_entry(&entry).await?;
    }
    session.keep_schema(after).await
}

fn of_file(entry: Entry, file: &MigrationFile, kind: Kind) -> Entry {
    Entry {
        kind,
        version: Some(file.version),
        name: file.name.clone(),
        checksum: checksum(&file.text),
        file: Some(file.text.clone()),
        ..entry
    }
}

/// Checks that no reference is broken and that the tables are what the schema says.
pub(super) async fn verify(session: &mut Session<'_>, title: &str, schema: &Schema) -> Result<()> {
    session.doing(format!("{title}: checking foreign keys"));
    let broken = session.rows("PRAGMA foreign_key_check", Vec::new()).await?;
    if let Some(first) = broken.first() {
        let table: String = session.column(first, 0)?;
        let mut rowids: Vec<Option<i64>> = Vec::new();
        for row in &broken {
            if session.column::<String>(row, 0)? == table {
                rowids.push(session.column(row, 1)?);
            }
        }
        let count = rowids.len() as u64;
        let mut examples = Vec::new();
        if let Some(collection) = schema.collection(&table) {
            for rowid in rowids.into_iter().flatten().take(5) {
                examples.extend(key_of(session.connection, collection, rowid).await);
            }
        }
        return Err(Error::BrokenReferences { migration: title.to_owned(), collection: table, count, examples });
    }
    for collection in schema.collections.values() {
        verify_columns(session, title, collection).await?;
    }
    Ok(())
}

const COLUMNS: &str = "SELECT name FROM pragma_table_info(?)";

async fn verify_columns(session: &mut Session<'_>, title: &str, collection: &Collection) -> Result<()> {
    session.doing(format!("{title}: checking the table of {}", collection.name));
    let columns = session.texts(COLUMNS, vec![bound(collection.name.as_str())]).await?;
    let missing = collection.fields.iter().find(|field| !columns.iter().any(|column| field.name == column.as_str()));
    let extra = columns.iter().find(|column| collection.field(column).is_none());
    let difference = match (missing, extra) {
        (Some(field), _) => format!("there is no column {}", quote(field.name.as_str())),
        (None, Some(column)) => format!("there is a column {}", quote(column)),
        (None, None) => return Ok(()),
    };
    let (migration, collection) = (title.to_owned(), collection.name.as_str().to_owned());
    Err(Error::Structure { migration, collection, difference })
}

impl Stage {
    /// Whether nothing but the text of the schema changes, which is kept without an entry.
    fn only_text(&self) -> bool {
        matches!(&self.work, Work::Automatic(changes) if changes.is_empty())
    }

    /// Whether documents or columns may be others afterwards; rules, indexes and limits leave them alone.
    fn touches_tables(&self) -> bool {
        match &self.work {
            Work::Create(_) => false,
            Work::File(_) => true,
            Work::Automatic(changes) => changes.iter().any(|change| {
                use alyx_schema::ChangeKind::{
                    AuthChanged, ConstraintChanged, DefaultChanged, FieldsReordered, IndexAdded, IndexChanged,
                    IndexRemoved, IndexedChanged, InternalChanged, OnUpdateChanged, RulesChanged,
                };
                !matches!(
                    change.kind,
                    RulesChanged
                        | FieldsReordered
                        | AuthChanged { .. }
                        | ConstraintChanged { .. }
                        | DefaultChanged { .. }
                        | InternalChanged { .. }
                        | OnUpdateChanged { .. }
                        | IndexedChanged { .. }
                        | IndexAdded { .. }
                        | IndexChanged { .. }
                        | IndexRemoved { .. }
                )
            }),
        }
    }

    /// Whether tables are made anew, for which foreign keys must be off; SQL alone runs with them on.
    fn rebuilds(&self) -> bool {
        match &self.work {
            Work::File(file) => file
                .operations
                .iter()
                .any(|step| !matches!(step.operation, alyx_schema::migration::Operation::Sql { .. })),
            Work::Create(_) | Work::Automatic(_) => true,
        }
    }
}

/// Carries out a plan; `None` where another process was first and another plan is needed.
pub(super) async fn plan(
    connection: &mut SqliteConnection,
    plan: &Plan,
    done: &mut Vec<Applied>,
    progress: &mut Progress<'_>,
) -> Result<Option<()>> {
    let run = plan.head + 1;
    let mut head = plan.head;
    for each in &plan.stages {
        match stage(connection, each, (head, run), progress).await? {
            Progressed::Overtaken => return Ok(None),
            Progressed::Done(applied) if each.only_text() => drop(applied),
            Progressed::Done(applied) => done.push(applied),
        }
        head = Session::new(connection).head().await?;
    }
    Ok(Some(()))
}
