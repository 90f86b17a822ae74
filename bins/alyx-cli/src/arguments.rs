//! What may be typed: the one table from which parsing, help, completions and `docs/cli.md` come.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::command::{
    auth, completions, config, db, dev, functions, init, migrate, reference, rules, schema, token, watch,
};

/// Serve, change and look after an Alyx project.
#[derive(Debug, Parser)]
#[command(name = "alyx-cli", version, arg_required_else_help = true, infer_subcommands = false)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage.")]
pub(crate) struct Arguments {
    /// The project folder
    #[arg(short = 'C', long, global = true, value_name = "FOLDER", default_value = ".")]
    pub(crate) project: PathBuf,

    /// Print JSON for scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// One variant a command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve a project on this machine: apply its schema, seed a new database, start
    Dev(dev::Dev),
    /// Make a new project
    Init(init::Init),
    /// Change the data model of a database that has data
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Back up, fill, export or empty the database
    #[command(subcommand)]
    Db(db::Db),
    /// Make administrators, and look after accounts
    #[command(subcommand)]
    Auth(auth::Auth),
    /// Make, list and revoke deploy tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Explain and check access rules
    #[command(subcommand)]
    Rules(rules::Rules),
    /// Check and show the settings
    #[command(subcommand)]
    Config(config::Config),
    /// Check the data model
    #[command(subcommand)]
    Schema(schema::Schema),
    /// List and call functions, and read what they log
    #[command(subcommand)]
    Functions(functions::Functions),
    /// Print what a query shows, and every change of it as it happens
    Watch(watch::Watch),
    /// Print a completion script for a shell
    Completions(completions::Completions),
    /// Print this reference as Markdown
    #[command(hide = true)]
    Reference(reference::Reference),
}
