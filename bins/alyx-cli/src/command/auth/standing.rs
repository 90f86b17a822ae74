//! `auth set-role`, `auth ban` and `auth unban`

use std::process::ExitCode;

use alyx_auth::{AccountChanges, Authority};
use serde_json::json;

use super::with_accounts;
use crate::output::Session;

/// Give an account another role
#[derive(Debug, clap::Args)]
pub(crate) struct SetRole {
    /// The e-mail address of the account
    email: String,
    /// One of the roles of the settings (auth.roles)
    role: String,
}

/// Shut an account out and end its sessions
#[derive(Debug, clap::Args)]
pub(crate) struct Ban {
    /// The e-mail address of the account
    email: String,
}

/// Let a banned account in again
#[derive(Debug, clap::Args)]
pub(crate) struct Unban {
    /// The e-mail address of the account
    email: String,
}

impl SetRole {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let said = format!("has the role {}", self.role);
        change(session, &self.email, AccountChanges { role: Some(self.role), ..AccountChanges::default() }, &said).await
    }
}

impl Ban {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let changes = AccountChanges { banned: Some(true), ..AccountChanges::default() };
        change(session, &self.email, changes, "is banned").await
    }
}

impl Unban {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let changes = AccountChanges { banned: Some(false), ..AccountChanges::default() };
        change(session, &self.email, changes, "is let in again").await
    }
}

async fn change(session: &Session, email: &str, changes: AccountChanges, said: &str) -> anyhow::Result<ExitCode> {
    let account = with_accounts(session, async |accounts| {
        let changed = async {
            let account = accounts.auth.account_by_email(&accounts.store, email).await?;
            let (store, authority) = (&accounts.store, Authority::cli());
            Ok(accounts.auth.update_account(store, account.id.as_str(), changes, &authority).await?)
        };
        let changed = changed.await;
        (accounts, changed)
    })
    .await?;
    let answer = json!({
        "id": account.id.as_str(), "email": account.email, "role": account.role, "banned": account.banned,
    });
    session.answer(&answer, &format!("{} {} {said}", session.style.green("ok"), account.email));
    Ok(ExitCode::SUCCESS)
}
