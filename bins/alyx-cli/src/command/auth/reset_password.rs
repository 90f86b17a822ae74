//! `auth reset-password`

use std::process::ExitCode;

use alyx_auth::Authority;
use serde_json::json;

use super::with_accounts;
use crate::output::Session;

/// Send a link that sets a new password; without a mail server it is printed
#[derive(Debug, clap::Args)]
pub(crate) struct ResetPassword {
    /// The e-mail address of the account
    email: String,
}

impl ResetPassword {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let account = with_accounts(session, async |accounts| {
            let sent = async {
                let account = accounts.auth.account_by_email(&accounts.store, &self.email).await?;
                accounts.auth.send_password_reset(&accounts.store, account.id.as_str(), &Authority::cli()).await?;
                Ok(account)
            };
            let sent = sent.await;
            (accounts, sent)
        })
        .await?;
        let lines = format!("{} the link is for {}", session.style.green("ok"), account.email);
        session.answer(&json!({"id": account.id.as_str(), "email": account.email}), &lines);
        Ok(ExitCode::SUCCESS)
    }
}
