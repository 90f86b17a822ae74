//! `auth list`

use std::process::ExitCode;

use alyx_schema::clock::format_timestamp;
use alyx_store::account::{Account, AccountQuery};
use serde_json::{Value, json};

use super::with_accounts;
use crate::{
    output::{Session, counted},
    table,
};

/// List accounts, newest first
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Only accounts of this role
    #[arg(long)]
    role: Option<String>,

    /// Only accounts whose address has this in it
    #[arg(long, value_name = "TEXT")]
    email: Option<String>,

    /// At most so many
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

impl List {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let query =
            AccountQuery { role: self.role, email_contains: self.email, limit: self.limit, ..AccountQuery::default() };
        let found = with_accounts(session, async |accounts| {
            let found = accounts.auth.accounts(&accounts.store, &query).await;
            (accounts, found.map_err(Into::into))
        })
        .await?;
        let rows: Vec<Vec<String>> = found.accounts.iter().map(row).collect();
        let more = found.total.saturating_sub(found.accounts.len() as u64);
        let mut lines = table::columns(&rows);
        if found.total == 0 {
            lines.push_str("no accounts\n");
        } else if more > 0 {
            lines.push_str(&format!(
                "and {}\n",
                counted(usize::try_from(more).unwrap_or(usize::MAX), "further account")
            ));
        }
        let users: Vec<Value> = found.accounts.iter().map(as_json).collect();
        session.answer(&json!({"users": users, "total": found.total}), &lines);
        Ok(ExitCode::SUCCESS)
    }
}

fn row(account: &Account) -> Vec<String> {
    let mut remarks = Vec::new();
    if account.banned {
        remarks.push("banned");
    }
    if !account.verified {
        remarks.push("address not confirmed");
    }
    if !account.has_password {
        remarks.push("no password");
    }
    vec![account.email.clone(), account.role.clone(), account.id.as_str().to_owned(), remarks.join(", ")]
}

fn as_json(account: &Account) -> Value {
    json!({
        "id": account.id.as_str(),
        "email": account.email,
        "role": account.role,
        "verified": account.verified,
        "banned": account.banned,
        "has_password": account.has_password,
        "created_at": format_timestamp(account.created_at),
        "last_sign_in_at": account.last_sign_in_at.map(format_timestamp),
    })
}
