//! `migrate`: changes of the data model, one file an operation.

mod apply;
mod create;
mod prune;
mod rollback;
mod status;

use std::process::ExitCode;

use crate::output::Session;

/// What to do with migrations.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Migrate {
    /// Show what is applied, what waits and what schema.yaml would change
    Status(status::Status),
    /// Apply what waits: migration files and safe changes of schema.yaml
    Apply(apply::Apply),
    /// Take back the last migrations
    Rollback(rollback::Rollback),
    /// Write a migration file for what schema.yaml changes, or an empty one
    Create(create::Create),
    /// Let go of what migrations dropped and kept aside
    Prune(prune::Prune),
}

impl Migrate {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        match self {
            Self::Status(status) => status.run(session).await,
            Self::Apply(apply) => apply.run(session).await,
            Self::Rollback(rollback) => rollback.run(session).await,
            Self::Create(create) => create.run(session).await,
            Self::Prune(prune) => prune.run(session).await,
        }
    }
}
