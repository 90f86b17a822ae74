//! `schema`: whether the data model is right.

use std::process::ExitCode;

use alyx_project::{Flags, Project};
use serde_json::json;

use crate::output::{Session, counted, shown};

/// What to do with the data model.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Schema {
    /// Check schema.yaml and the migration files
    Check,
    /// Print the JSON Schema of schema.yaml, for editors
    JsonSchema,
}

impl Schema {
    pub(crate) fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        match self {
            Self::Check => check(session),
            Self::JsonSchema => {
                session.say(&format!("{:#}", alyx_schema::json_schema()));
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn check(session: &Session) -> anyhow::Result<ExitCode> {
    let project = Project::load(&session.project, &Flags::default())?;
    let collections: Vec<_> = project.schema.collections.values().collect();
    let fields: usize = collections.iter().map(|collection| collection.fields.len()).sum();
    let names: Vec<&str> = collections.iter().map(|collection| collection.name.as_str()).collect();
    let answer = json!({ "ok": true, "collections": names, "fields": fields, "migrations": project.migrations.len() });
    let lines = format!(
        "{} {} is fine: {}, {}, {}",
        session.style.green("ok"),
        shown(&session.project.join(alyx_project::SCHEMA)),
        counted(names.len(), "collection"),
        counted(fields, "field"),
        counted(project.migrations.len(), "migration file")
    );
    session.answer(&answer, &lines);
    Ok(ExitCode::SUCCESS)
}
