//! What is to be done: pending files in order, and around them what applies by itself.

use alyx_schema::{
    Schema, SchemaChange, diff,
    migration::{self, MigrationFile, Outcome},
    to_yaml,
};

use super::{
    Error, Project, Refusal, Result,
    journal::{Entry, Kind, Stored, checksum},
};

/// Everything that a start would do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is done, each in a transaction of its own.
    pub stages: Vec<Stage>,
    /// The history that this was planned on.
    pub(super) head: i64,
}

/// What is done in one transaction.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What it is.
    pub work: Work,
    /// Operations that have nothing to do here, and why.
    pub notes: Vec<String>,
    pub(super) before: Schema,
    pub(super) after: Schema,
    /// The schema's text before and after, as it is kept.
    pub(super) texts: (String, String),
}

/// The work of a stage.
#[derive(Clone, Debug)]
pub enum Work {
    /// The tables of a new database; files that exist already are noted and do not run.
    Create(Vec<MigrationFile>),
    /// Changes that apply by themselves; none where only the text of the schema changed.
    Automatic(Vec<SchemaChange>),
    /// A migration file.
    File(MigrationFile),
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }
}

pub(super) fn plan(project: &Project<'_>, stored: Option<&Stored>, entries: &[Entry]) -> Result<Plan> {
    let head = entries.iter().map(|entry| entry.id).max().unwrap_or(0);
    let Some(stored) = stored else {
        let stage = Stage {
            work: Work::Create(project.files.to_vec()),
            notes: Vec::new(),
            before: Schema::default(),
            after: project.schema.clone(),
            texts: (String::new(), project.schema_text.to_owned()),
        };
        return Ok(Plan { stages: vec![stage], head });
    };
    let pending = pending(project.files, entries)?;
    let mut planner = Planner { schema: stored.schema.clone(), text: stored.text.clone(), stages: Vec::new() };
    if !pending.is_empty() {
        planner.additions(project.schema, &pending);
    }
    for file in pending {
        planner.file(file)?;
    }
    planner.rest(project)?;
    Ok(Plan { stages: planner.stages, head })
}

/// The files that were not applied yet; those that were must be there, unchanged.
pub(super) fn pending<'f>(files: &'f [MigrationFile], entries: &[Entry]) -> Result<Vec<&'f MigrationFile>> {
    let applied = entries.iter().filter_map(|entry| Some((entry.version?, entry)));
    let mut pending: Vec<_> = files.iter().collect();
    for (version, entry) in applied {
        // One that never ran here may be edited or removed.
        if entry.kind == Kind::Baseline {
            pending.retain(|file| file.version != version);
            continue;
        }
        let Some(file) = files.iter().find(|file| file.version == version) else {
            let (name, applied_at) = (entry.name.clone(), entry.applied_at.clone());
            return Err(Error::MissingFile { version, name, applied_at });
        };
        if checksum(&file.text) != entry.checksum {
            return Err(Error::Edited { file: file.file.clone(), applied_at: entry.applied_at.clone() });
        }
        pending.retain(|file| file.version != version);
    }
    Ok(pending)
}

struct Planner {
    schema: Schema,
    text: String,
    stages: Vec<Stage>,
}

impl Planner {
    fn push(&mut self, work: Work, notes: Vec<String>, after: Schema, text: String) {
        let before = std::mem::replace(&mut self.schema, after.clone());
        let texts = (std::mem::replace(&mut self.text, text.clone()), text);
        self.stages.push(Stage { work, notes, before, after, texts });
    }

    /// New collections and fields come before the files, so that a file can fill them.
    fn additions(&mut self, wanted: &Schema, pending: &[&MigrationFile]) {
        let operations: Vec<_> = pending.iter().flat_map(|file| &file.operations).map(|step| &step.operation).collect();
        let after = migration::with_additions(&self.schema, wanted, &operations);
        let changes = diff(&self.schema, &after);
        if !changes.is_empty() {
            let text = to_yaml(&after);
            self.push(Work::Automatic(changes), Vec::new(), after, text);
        }
    }

    fn file(&mut self, file: &MigrationFile) -> Result<()> {
        let (after, notes) = after_file(file, &self.schema)?;
        let text = to_yaml(&after);
        self.push(Work::File(file.clone()), notes, after, text);
        Ok(())
    }

    /// What is left between the schema after the files and the one that is wanted.
    fn rest(&mut self, project: &Project<'_>) -> Result<()> {
        let changes = diff(&self.schema, project.schema);
        let (safe, unsafe_changes): (Vec<_>, Vec<_>) = changes.into_iter().partition(SchemaChange::is_safe);
        if !unsafe_changes.is_empty() {
            return Err(Error::UnsafeChanges(Box::new(self.refusal(project, unsafe_changes))));
        }
        let (after, text) = (project.schema.clone(), project.schema_text.to_owned());
        match self.stages.last_mut() {
            Some(last) if safe.is_empty() => (last.after, last.texts.1) = (after, text),
            None if safe.is_empty() && self.text == project.schema_text => {}
            _ => self.push(Work::Automatic(safe), Vec::new(), after, text),
        }
        Ok(())
    }

    fn refusal(&self, project: &Project<'_>, changes: Vec<SchemaChange>) -> Refusal {
        let notes = self.stages.iter().flat_map(|stage| stage.notes.iter().cloned()).collect();
        let file = migration::suggest(&self.schema, project.schema).map(|suggestion| {
            let version = migration::next_version(project.files);
            let text = migration::render(version, &suggestion.name, &suggestion.operations);
            (migration::file_name(version, &suggestion.name), text)
        });
        Refusal { changes, notes, file }
    }
}

/// The schema after a file's operations, and what there was nothing to do for.
pub(super) fn after_file(file: &MigrationFile, before: &Schema) -> Result<(Schema, Vec<String>)> {
    let (mut schema, mut notes) = (before.clone(), Vec::new());
    for step in &file.operations {
        match step.operation.transform(&schema) {
            Ok(Outcome::Changed(changed)) => schema = changed,
            Ok(Outcome::Data) => {}
            Ok(Outcome::Absent(reason)) => notes.push(format!("{}:{}: skipped: {reason}", file.file, step.span.line)),
            Err(reason) => return Err(Error::Operation { file: file.file.clone(), span: step.span, reason }),
        }
    }
    Ok((schema, notes))
}

impl Stage {
    pub(super) fn kind(&self) -> Kind {
        match self.work {
            Work::Create(_) => Kind::Initial,
            Work::Automatic(_) => Kind::Automatic,
            Work::File(_) => Kind::File,
        }
    }

    /// What the stage is called: `002_rename_user_name`, or `automatic`.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.work {
            Work::Create(_) => "initial".to_owned(),
            Work::Automatic(_) => "automatic".to_owned(),
            Work::File(file) => format!("{:03}_{}", file.version, file.name),
        }
    }

    /// What it does, a line each: `+ posts.view_count (int)`.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        super::lines::lines(self)
    }

    pub(super) fn schemas(&self) -> (&Schema, &Schema) {
        (&self.before, &self.after)
    }
}
