//! `rules check`: rules that are legal and probably wrong.

use std::process::ExitCode;

use alyx_project::{Faults, Flags, Project, SCHEMA};
use alyx_query::Predicate;
use alyx_rules::{Context, Identity, Operation, PlainRequest};
use alyx_schema::{Collection, Diagnostic, Severity};
use alyx_store::{Database, Store, StoreOptions};
use anyhow::Context as _;
use serde_json::json;

use crate::output::{Session, counted, shown};

/// Warn of rules that are legal and probably wrong
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// Fail where there is a warning, for CI
    #[arg(long)]
    deny_warnings: bool,
}

impl Check {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let project = Project::load(&session.project, &Flags::default())?;
        let mut warnings = project.rules.advise(&project.settings.config.auth.roles);
        warnings.extend(without_index(&project).await?);
        warnings.sort_by_key(|warning| warning.span);
        let count = warnings.len();
        let faults = Faults::of_file(SCHEMA, &project.schema_text, warnings);
        let subject = shown(&session.project.join(SCHEMA));
        let lines = match count {
            0 => format!("{} the rules of {subject} are fine", session.style.green("ok")),
            _ => format!("{}\n{} in {subject}", faults.draw(session.style), counted(count, "warning")),
        };
        session.answer(&json!({ "ok": count == 0, "warnings": faults.diagnostics }), &lines);
        Ok(if self.deny_warnings && count > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

/// Clauses of read rules that no index serves: a list under them reads the whole collection.
async fn without_index(project: &Project) -> anyhow::Result<Vec<Diagnostic>> {
    let folder = tempfile::tempdir().context("there is no room for a temporary database")?;
    let mut database = Database::open(&StoreOptions::new(folder.path().join("rules.db"))).await?;
    database.create_collections(&project.schema).await?;
    let store = database.into_store(project.schema.clone()).await?;
    let mut warnings = Vec::new();
    for collection in project.schema.collections.values() {
        warnings.extend(of_collection(project, &store, collection).await?);
    }
    store.close().await;
    Ok(warnings)
}

async fn of_collection(project: &Project, store: &Store, collection: &Collection) -> anyhow::Result<Vec<Diagnostic>> {
    let Some(rule) = project.rules.collection_rule(collection, Operation::Read) else { return Ok(Vec::new()) };
    let anybody = Identity {
        id: "00000000-0000-7000-8000-000000000000".to_owned(),
        email: "anybody@example.com".to_owned(),
        role: alyx_auth::USER.to_owned(),
        verified: true,
        ..Identity::default()
    };
    let request = PlainRequest { method: "GET".to_owned(), ..PlainRequest::default() };
    let left = rule.decide(&Context { auth: Some(&anybody), request: &request }).predicate();
    let mut warnings = Vec::new();
    for clause in clauses(&left) {
        let found = store.explain_predicate(collection, clause).await?;
        if !found.is_served {
            let message = format!("no index serves this part of who may read \"{}\": {}", collection.name, found.sql);
            let span = collection.rules.read.as_ref().map(|rule| rule.span).unwrap_or_default();
            let hint = "a list without a filter reads every document; give the field \"index: true\"";
            warnings.push(Diagnostic {
                severity: Severity::Warning,
                ..Diagnostic::error("rule_no_index", SCHEMA, span, message).with_hint(Some(hint.to_owned()))
            });
        }
    }
    Ok(warnings)
}

/// The ways to be readable: each of them must be quick for a list to be.
fn clauses(predicate: &Predicate) -> Vec<&Predicate> {
    match predicate {
        Predicate::Or(parts) => parts.iter().flat_map(clauses).collect(),
        Predicate::Constant(_) => Vec::new(),
        other => vec![other],
    }
}
