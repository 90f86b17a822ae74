//! `rules`: what access rules come to, and whether they are wise. One file an operation.
mod check;
mod explain;

use std::process::ExitCode;

use crate::output::Session;

/// What to do with access rules.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Rules {
    /// Show what is left of a rule for one caller, and the SQL it becomes
    Explain(explain::Explain),
    /// Warn of rules that are legal and probably wrong
    Check(check::Check),
}

impl Rules {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        match self {
            Self::Explain(explain) => explain.run(session).await,
            Self::Check(check) => check.run(session).await,
        }
    }
}
