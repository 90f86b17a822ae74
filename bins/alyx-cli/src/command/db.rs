//! `db`: the database as a whole, one file an operation.
mod advise;
mod backup;
mod dump;
mod reset;
mod restore;
mod seed;

use std::process::ExitCode;

use crate::output::Session;

/// What to do with the database.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Db {
    /// Copy the database to a file, with the server running or not
    Backup(backup::Backup),
    /// Put a back-up in the place of the database
    Restore(restore::Restore),
    /// Store the documents of a JSON or YAML file
    Seed(seed::Seed),
    /// Write all documents to a JSON or YAML file
    Dump(dump::Dump),
    /// Delete every document and begin anew (for development)
    Reset(reset::Reset),
    /// Say which index a query wants
    Advise(advise::Advise),
}

impl Db {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        match self {
            Self::Backup(backup) => backup.run(session).await,
            Self::Restore(restore) => restore.run(session).await,
            Self::Seed(seed) => seed.run(session).await,
            Self::Dump(dump) => dump.run(session).await,
            Self::Reset(reset) => reset.run(session).await,
            Self::Advise(advise) => advise.run(session).await,
        }
    }
}
