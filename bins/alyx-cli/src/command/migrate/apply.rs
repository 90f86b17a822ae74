//! `migrate apply`: what waits is applied, or tried on a copy.

use std::process::ExitCode;

use alyx_project::{Flags, Project};
use alyx_store::migration::{self, Applied, Trial};
use serde_json::{Value, json};

use crate::{database::documents, output::Session, progress};

/// Apply what waits: migration files and safe changes of schema.yaml
#[derive(Debug, clap::Args)]
pub(crate) struct Apply {
    /// Try it on a copy of the real data and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Apply {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let project = Project::load(&session.project, &Flags::default())?;
        if self.dry_run {
            return try_out(session, &project).await;
        }
        let lock = project.lock()?;
        let bar = progress::bar(1, "migrating");
        let opened = project.open(lock, &mut |event| progress::follow(&bar, &event)).await;
        bar.finish_and_clear();
        let opened = opened?;
        let applied: Vec<Value> = opened.applied().iter().map(as_json).collect();
        session.answer(&json!({ "dry_run": false, "applied": applied }), &report(session, opened.applied()));
        opened.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn try_out(session: &Session, project: &Project) -> anyhow::Result<ExitCode> {
    project.data_folder()?;
    let bar = progress::bar(1, "trying");
    let mut follow = |event: migration::Event<'_>| progress::follow(&bar, &event);
    let trial = migration::dry_run(&project.store_options(), &project.target(), &mut follow).await;
    bar.finish_and_clear();
    let trial = trial?;
    let answer = json!({
        "dry_run": true,
        "applied": trial.applied.iter().map(as_json).collect::<Vec<_>>(),
        "failed": trial.failed.as_ref().map(ToString::to_string),
        "failing_rows": failing_rows(&trial),
        "broken_references": trial.broken_references,
    });
    session.answer(&answer, &trial_report(session, &trial));
    Ok(if succeeds(&trial) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn succeeds(trial: &Trial) -> bool {
    trial.failed.is_none() && trial.broken_references == 0
}

fn failing_rows(trial: &Trial) -> Value {
    match &trial.failed {
        Some(migration::Error::FailingRows(rows)) => json!(rows),
        _ => Value::Null,
    }
}

fn as_json(applied: &Applied) -> Value {
    json!({
        "title": applied.title,
        "changes": applied.lines,
        "notes": applied.notes,
        "rows_changed": applied.rows_changed,
        "took_ms": applied.took.as_secs_f64() * 1000.0,
    })
}

fn trial_report(session: &Session, trial: &Trial) -> String {
    let style = session.style;
    let mut report = report(session, &trial.applied);
    if let Some(fault) = &trial.failed {
        report.push_str(&format!("{} {fault}\n", style.red("fails")));
    }
    if trial.broken_references > 0 {
        report.push_str(&format!("{} {} references would be broken\n", style.red("fails"), trial.broken_references));
    }
    let verdict = if succeeds(trial) { "it would succeed" } else { "it would fail, and leave what came before" };
    report + &format!("\nThis was a copy: {verdict}. Nothing was changed.\n")
}

fn report(session: &Session, applied: &[Applied]) -> String {
    if applied.is_empty() {
        return format!("{} nothing to apply: the database fits schema.yaml\n", session.style.green("ok"));
    }
    // A stage without lines only takes note of the file's new text.
    let told = applied.iter().filter(|stage| !stage.lines.is_empty() || !stage.notes.is_empty());
    told.map(|stage| stage_report(session, stage)).collect()
}

fn stage_report(session: &Session, stage: &Applied) -> String {
    let took = format!("{} changed, {} ms", documents(stage.rows_changed), stage.took.as_millis());
    let mut report = format!("{}  {}\n", session.style.bold(&stage.title), session.style.dim(&took));
    for line in &stage.lines {
        report.push_str(&format!("  {}\n", session.style.green(line)));
    }
    for note in &stage.notes {
        report.push_str(&format!("  {} {note}\n", session.style.yellow("note")));
    }
    report
}
