//! `rules explain`: a rule for one caller, from its text to the SQL.

use std::{process::ExitCode, sync::Arc};

use alyx_project::{Accounts, Flags, Project};
use alyx_query::Truth;
use alyx_rules::{CompiledRule, Context, Identity, Operation, PlainRequest, Residual};
use alyx_schema::{Collection, clock::Clock};
use alyx_store::{Explanation, SystemClock, account::Account};
use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::output::Session;

/// Show what is left of a rule for one caller, and the SQL it becomes
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The request is taken to be one without parameters, headers or body, made now.
A rule about `create` is judged with the new document, so more is left of it here than there will be.")]
pub(crate) struct Explain {
    /// The collection
    collection: String,

    /// What is to be done: create, read, update or delete
    #[arg(value_parser = ["create", "read", "update", "delete"])]
    operation: String,

    /// The e-mail address of the caller, or `anonymous`
    #[arg(long = "as", value_name = "EMAIL", default_value = "anonymous")]
    caller: String,
}

/// What is printed.
struct Report<'a> {
    collection: &'a Collection,
    operation: Operation,
    caller: &'a str,
    rule: Option<&'a CompiledRule>,
    outcome: Outcome,
}

/// What a rule comes to.
enum Outcome {
    /// The caller is bound by no rule.
    Administrator,
    /// There is no rule.
    Missing,
    /// It does not depend on the document.
    Decided(Truth),
    /// It does.
    Left { cel: String, found: Explanation },
}

impl Explain {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let project = Project::load(&session.project, &Flags::default())?;
        let accounts = project.open_accounts(None).await?;
        let report = self.report(&project, &accounts).await;
        let drawn = report.map(|report| (report.json(), report.draw(session)));
        accounts.close().await;
        let (json, lines) = drawn?;
        session.answer(&json, &lines);
        Ok(ExitCode::SUCCESS)
    }

    async fn report<'a>(&'a self, project: &'a Project, accounts: &Accounts) -> anyhow::Result<Report<'a>> {
        let collection = self.collection(project)?;
        let operation = Operation::ALL.into_iter().find(|operation| operation.name() == self.operation);
        let operation = operation.context("clap lets only the four operations through")?;
        let account = match self.caller.as_str() {
            "anonymous" => None,
            email => Some(
                accounts
                    .auth
                    .account_by_email(&accounts.store, email)
                    .await
                    .with_context(|| format!("{email:?} is no caller"))?,
            ),
        };
        let rule = project.rules.collection_rule(collection, operation);
        let outcome = match (&account, rule) {
            (Some(account), _) if account.role == alyx_auth::ADMINISTRATOR => Outcome::Administrator,
            (_, None) => Outcome::Missing,
            (account, Some(rule)) => {
                let left = decide(rule, operation, account.as_ref());
                match left.truth() {
                    Some(truth) => Outcome::Decided(truth),
                    None => {
                        let found = accounts.store.explain_predicate(collection, &left.predicate()).await?;
                        Outcome::Left { cel: left.to_cel(), found }
                    }
                }
            }
        };
        Ok(Report { collection, operation, caller: &self.caller, rule, outcome })
    }

    fn collection<'a>(&self, project: &'a Project) -> anyhow::Result<&'a Arc<Collection>> {
        let names = project.schema.collections.keys().map(|name| name.as_str());
        match project.schema.collection(&self.collection) {
            Some(collection) => Ok(collection),
            None => match alyx_yaml::nearest(&self.collection, names) {
                Some(near) => bail!("there is no collection {:?}; did you mean {near:?}?", self.collection),
                None => bail!("there is no collection {:?}", self.collection),
            },
        }
    }
}

fn decide(rule: &CompiledRule, operation: Operation, account: Option<&Account>) -> Residual {
    let identity = account.map(|account| Identity {
        id: account.id.as_str().to_owned(),
        email: account.email.clone(),
        role: account.role.clone(),
        verified: account.verified,
        metadata: account.metadata.clone(),
    });
    let method = match operation {
        Operation::Create => "POST",
        Operation::Read => "GET",
        Operation::Update => "PATCH",
        Operation::Delete => "DELETE",
    };
    let request = PlainRequest { method: method.to_owned(), time: SystemClock.now(), ..PlainRequest::default() };
    rule.decide(&Context { auth: identity.as_ref(), request: &request })
}

impl Report<'_> {
    fn draw(&self, session: &Session) -> String {
        let style = session.style;
        let title = format!("{} {} as {}", self.collection.name, self.operation.name(), self.caller);
        let mut lines = vec![style.bold(&title)];
        let mut line = |label: &str, text: &str| lines.push(format!("  {}  {text}", style.dim(&format!("{label:6}"))));
        if let Some(rule) = self.rule {
            line("rule", &rule.text().split_whitespace().collect::<Vec<_>>().join(" "));
        }
        match &self.outcome {
            Outcome::Administrator => line("left", "nothing: no rule binds an administrator"),
            Outcome::Missing => line("left", "nothing: without a rule it is for administrators only"),
            Outcome::Decided(Truth::True) => line("left", "nothing: always allowed"),
            Outcome::Decided(Truth::False) => line("left", "nothing: never allowed"),
            Outcome::Decided(Truth::Unknown) => line("left", "nothing: it can never be said, so never allowed"),
            Outcome::Left { cel, found } => {
                line("left", cel);
                line("sql", &found.sql);
                if !found.values.is_empty() {
                    line("values", &found.values.join(", "));
                }
                for step in &found.plan {
                    line("plan", step);
                }
                match found.is_served {
                    true => line("index", &style.green("documents are looked up by an index")),
                    false => line("index", &style.yellow("none serves it: every document is read")),
                }
            }
        }
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let mut json = json!({
            "collection": self.collection.name.as_str(),
            "operation": self.operation.name(),
            "caller": self.caller,
            "rule": self.rule.map(CompiledRule::text),
        });
        let decided = |truth: Truth| truth == Truth::True;
        match &self.outcome {
            Outcome::Administrator => json["decided"] = true.into(),
            Outcome::Missing => json["decided"] = false.into(),
            Outcome::Decided(truth) => json["decided"] = decided(*truth).into(),
            Outcome::Left { cel, found } => {
                json["left"] = cel.as_str().into();
                json["sql"] = found.sql.as_str().into();
                json["values"] = found.values.clone().into();
                json["plan"] = found.plan.clone().into();
                json["is_served"] = found.is_served.into();
            }
        }
        json
    }
}
