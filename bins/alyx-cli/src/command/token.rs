//! `token`: deploy tokens, which let a machine do some of what administrators do.

use std::process::ExitCode;

use alyx_auth::{Authority, Permission};
use alyx_config::value::Value as _;
use alyx_schema::clock::{Clock, format_timestamp};
use alyx_store::{SystemClock, account::DeployToken};
use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::auth::with_accounts;
use crate::{output::Session, table};

/// What to do with deploy tokens.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Token {
    /// Make a deploy token; it is shown once
    Create(Create),
    /// List deploy tokens
    List,
    /// Make a deploy token worthless
    Revoke(Revoke),
}

/// Make a deploy token; it is shown once
#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// A name for it, such as `ci`
    name: String,

    #[arg(long, value_delimiter = ',', default_value = "deploy", help = permissions())]
    permissions: Vec<String>,

    /// How long it is good, such as `30d`; without it for ever
    #[arg(long, value_name = "DURATION")]
    expires_in: Option<String>,
}

/// Make a deploy token worthless
#[derive(Debug, clap::Args)]
pub(crate) struct Revoke {
    /// Its name
    name: String,
}

fn permissions() -> String {
    let names: Vec<&str> = Permission::ALL.iter().map(|(_, name)| *name).collect();
    format!("What it may do, separated by commas: {}", names.join(", "))
}

impl Token {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        match self {
            Self::Create(create) => create.run(session).await,
            Self::List => list(session).await,
            Self::Revoke(revoke) => revoke.run(session).await,
        }
    }
}

impl Create {
    async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let expires_at = match &self.expires_in {
            None => None,
            Some(text) => {
                let Ok(duration) = std::time::Duration::parse(text) else {
                    bail!("--expires-in takes a duration such as 30d, not {text:?}")
                };
                Some(SystemClock.now().checked_add(duration).context("--expires-in is too far in the future")?)
            }
        };
        let made = with_accounts(session, async |accounts| {
            let (store, what) = (&accounts.store, (self.name.as_str(), self.permissions.as_slice()));
            let made = accounts.auth.create_deploy_token(store, what, expires_at, &Authority::cli()).await;
            (accounts, made.map_err(Into::into))
        })
        .await?;
        let mut answer = as_json(&made.details);
        answer["token"] = made.token.as_str().into();
        session.remark("This is shown once; keep it where your deployments read it:");
        session.answer(&answer, &made.token);
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(session: &Session) -> anyhow::Result<ExitCode> {
    let tokens = with_accounts(session, async |accounts| {
        let tokens = accounts.auth.deploy_tokens(&accounts.store).await;
        (accounts, tokens.map_err(Into::into))
    })
    .await?;
    let rows: Vec<Vec<String>> = tokens.iter().map(row).collect();
    let lines = if rows.is_empty() { "no deploy tokens".to_owned() } else { table::columns(&rows) };
    let tokens: Vec<Value> = tokens.iter().map(as_json).collect();
    session.answer(&json!({ "tokens": tokens }), &lines);
    Ok(ExitCode::SUCCESS)
}

impl Revoke {
    async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        with_accounts(session, async |accounts| {
            let revoked = accounts.auth.revoke_deploy_token(&accounts.store, &self.name, &Authority::cli()).await;
            (accounts, revoked.map_err(Into::into))
        })
        .await?;
        session.answer(
            &json!({"revoked": self.name}),
            &format!("{} {} opens nothing any more", session.style.green("ok"), self.name),
        );
        Ok(ExitCode::SUCCESS)
    }
}

fn row(token: &DeployToken) -> Vec<String> {
    let until =
        token.expires_at.map_or_else(|| "for ever".to_owned(), |time| format!("until {}", format_timestamp(time)));
    vec![token.name.clone(), format!("{}…", token.prefix), token.permissions.join(","), until]
}

fn as_json(token: &DeployToken) -> Value {
    json!({
        "name": token.name,
        "prefix": token.prefix,
        "permissions": token.permissions,
        "created_at": format_timestamp(token.created_at),
        "created_by": token.created_by,
        "expires_at": token.expires_at.map(format_timestamp),
        "last_used_at": token.last_used_at.map(format_timestamp),
    })
}
