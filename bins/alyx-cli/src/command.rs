//! The commands, one file each.

pub(crate) mod auth;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod db;
pub(crate) mod dev;
pub(crate) mod functions;
pub(crate) mod init;
pub(crate) mod migrate;
pub(crate) mod reference;
pub(crate) mod rules;
pub(crate) mod schema;
pub(crate) mod token;
pub(crate) mod watch;

use std::process::ExitCode;

use crate::{arguments::Command, output::Session};

/// Runs one command; an error is for [`Session::fail`] to show.
pub(crate) async fn run(command: Command, session: &Session) -> anyhow::Result<ExitCode> {
    match command {
        Command::Dev(dev) => dev.run(session).await,
        Command::Init(init) => init.run(session),
        Command::Migrate(migrate) => migrate.run(session).await,
        Command::Db(db) => db.run(session).await,
        Command::Auth(auth) => auth.run(session).await,
        Command::Token(token) => token.run(session).await,
        Command::Rules(rules) => rules.run(session).await,
        Command::Config(config) => config.run(session),
        Command::Schema(schema) => schema.run(session),
        Command::Functions(functions) => functions.run(session).await,
        Command::Watch(watch) => watch.run(session).await,
        Command::Completions(completions) => completions.run(session),
        Command::Reference(reference) => reference.run(session),
    }
}
