//! `auth`: accounts of a project, with its server running or not. One file an operation.
mod create_admin;
mod list;
mod password;
mod reset_password;
mod rotate_keys;
mod standing;

use std::{future::Future, process::ExitCode, sync::Arc};

use alyx_auth::{Console, Mailer};
use alyx_project::{Accounts, Flags, Project};

use crate::output::Session;

/// What to do with accounts.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Auth {
    /// Make an administrator
    CreateAdmin(create_admin::CreateAdmin),
    /// Send a link that sets a new password; without a mail server it is printed
    ResetPassword(reset_password::ResetPassword),
    /// List accounts, newest first
    List(list::List),
    /// Give an account another role
    SetRole(standing::SetRole),
    /// Shut an account out and end its sessions
    Ban(standing::Ban),
    /// Let a banned account in again
    Unban(standing::Unban),
    /// Sign tokens with a new key from now on; nobody is signed out
    RotateKeys(rotate_keys::RotateKeys),
}

impl Auth {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        match self {
            Self::CreateAdmin(command) => command.run(session).await,
            Self::ResetPassword(command) => command.run(session).await,
            Self::List(command) => command.run(session).await,
            Self::SetRole(command) => command.run(session).await,
            Self::Ban(command) => command.run(session).await,
            Self::Unban(command) => command.run(session).await,
            Self::RotateKeys(command) => command.run(session),
        }
    }
}

/// Does something with the accounts of a project, and closes them again whatever comes of it.
///
/// A server that runs notices a change within its `realtime.poll_interval`; what is printed afterwards is true for it.
pub(crate) async fn with_accounts<T, F>(session: &Session, act: impl FnOnce(Accounts) -> F) -> anyhow::Result<T>
where
    F: Future<Output = (Accounts, anyhow::Result<T>)>,
{
    let project = Project::load(&session.project, &Flags::default())?;
    let accounts = project.open_accounts(Some(printed_mail())).await?;
    let is_served = accounts.is_served;
    let (accounts, outcome) = act(accounts).await;
    accounts.close().await;
    if is_served {
        tokio::time::sleep(project.settings.config.realtime.poll_interval * 2).await;
    }
    outcome
}

/// Mail that goes nowhere, with its link on standard output.
fn printed_mail() -> Arc<dyn Mailer> {
    Arc::new(Console::new(|mail| {
        if let Some(link) = &mail.link {
            use std::io::Write;
            let _ = writeln!(std::io::stdout().lock(), "{link}");
        }
    }))
}
