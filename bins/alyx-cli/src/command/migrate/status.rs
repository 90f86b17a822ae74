//! `migrate status`: where the database stands.

use std::process::ExitCode;

use alyx_project::{Flags, Project};
use alyx_store::migration::{self, AppliedMigration, PendingMigration, Status as Standing};

use crate::{
    output::{Session, counted, shown},
    table::columns,
};

/// Show what is applied, what waits and what schema.yaml would change
#[derive(Debug, clap::Args)]
pub(crate) struct Status {}

impl Status {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let project = Project::load(&session.project, &Flags::default())?;
        let file = project.database_file();
        if !file.is_file() {
            let standing = Standing {
                applied: Vec::new(),
                pending: Vec::new(),
                automatic: Vec::new(),
                refused: None,
                kept_aside: Vec::new(),
            };
            let lines = format!("There is no database yet; the first start makes {}", shown(&file));
            session.answer(&serde_json::to_value(standing)?, &lines);
            return Ok(ExitCode::SUCCESS);
        }
        let mut database = project.open_database().await?;
        let standing = migration::status(&mut database, &project.target()).await?;
        database.close().await?;
        session.answer(&serde_json::to_value(&standing)?, &report(session, &standing));
        Ok(ExitCode::SUCCESS)
    }
}

fn report(session: &Session, standing: &Standing) -> String {
    let style = session.style;
    let mut report =
        section(session, "Applied", &columns(&standing.applied.iter().map(applied_row).collect::<Vec<_>>()));
    let waiting: Vec<_> = standing.pending.iter().map(pending_row).collect();
    report.push_str(&section(session, "Waiting", &columns(&waiting)));
    let automatic: String = standing.automatic.iter().map(|line| format!("{line}\n")).collect();
    report.push_str(&section(session, "Applies by itself", &automatic));
    if let Some(reason) = &standing.refused {
        report.push_str(&format!("\n{}\n{reason}\n", style.red("Refused")));
        report.push_str("\n`alyx-cli migrate create NAME` writes such a file\n");
    } else if waiting.is_empty() && standing.automatic.is_empty() {
        report.push_str(&format!("\n{} the database fits schema.yaml\n", style.green("ok")));
    } else {
        report.push_str("\n`alyx-cli migrate apply` applies this, and so does the next start\n");
    }
    if !standing.kept_aside.is_empty() {
        let tables = counted(standing.kept_aside.len(), "table");
        report.push_str(&format!("\nKept aside for a rollback: {tables}; `alyx-cli migrate prune` lets them go\n"));
    }
    report
}

/// A heading and its lines; nothing where there are none.
fn section(session: &Session, heading: &str, lines: &str) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let indented: String = lines.lines().map(|line| format!("  {line}\n")).collect();
    format!("{}\n{indented}", session.style.bold(heading))
}

fn applied_row(entry: &AppliedMigration) -> Vec<String> {
    let name = match entry.version {
        Some(version) => format!("{version:03}_{}", entry.name),
        None => entry.name.clone(),
    };
    vec![entry.applied_at.clone(), name, entry.changes.join(", ")]
}

fn pending_row(migration: &PendingMigration) -> Vec<String> {
    let name = format!("{:03}_{}", migration.version, migration.name);
    vec![name, migration.description.clone().unwrap_or_default()]
}
