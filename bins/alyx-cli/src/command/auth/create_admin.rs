//! `auth create-admin`

use std::process::ExitCode;

use alyx_auth::Authority;
use serde_json::json;

use super::{password, with_accounts};
use crate::output::Session;

/// Make an administrator
#[derive(Debug, clap::Args)]
pub(crate) struct CreateAdmin {
    /// The e-mail address
    email: String,

    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

impl CreateAdmin {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let password = password::ask(self.password_stdin)?;
        let (account, has_profile) = with_accounts(session, async |accounts| {
            let pair = (self.email.as_str(), password.expose());
            let made = accounts.auth.create_administrator(&accounts.store, pair, &Authority::cli()).await;
            (accounts, made.map_err(Into::into))
        })
        .await?;
        if !has_profile {
            session.warn("the account has no profile, since profiles need fields that an administrator has not");
        }
        let lines = format!("{} {} is an administrator", session.style.green("ok"), account.email);
        session.answer(&json!({"id": account.id.as_str(), "email": account.email, "role": account.role}), &lines);
        Ok(ExitCode::SUCCESS)
    }
}
