//! `cargo xtask verify-realtime`: builds the programs and the checker of `crates/alyx-verify` for release, and lets it
//! check live queries against REST while clients and servers are killed.

use std::{fs, process::Command};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{
    command::{cargo, run as run_command},
    workspace::Workspace,
};

/// What `cargo xtask verify-realtime` can be told.
#[derive(Args)]
pub(crate) struct VerifyArguments {
    /// Decides schemas, rules, queries, writes and troubles; taken by chance where it is not given
    #[arg(long)]
    seed: Option<u64>,
    /// Reconnects of clients that there have to be
    #[arg(long, default_value_t = 1000)]
    reconnects: u64,
    /// Times that the server has to be killed
    #[arg(long, default_value_t = 50)]
    kills: u64,
    /// Go on for so long, however much happened
    #[arg(long)]
    minutes: Option<u64>,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &VerifyArguments) -> Result<()> {
    let programs = ["alyx-server", "alyx-cli", "alyx-verify"];
    let mut build = cargo(&workspace.root);
    build.args(["build", "--quiet", "--locked", "--release"]);
    ensure!(build.args(programs.map(|name| format!("--package={name}"))).status()?.success(), "nothing can be built");
    // So that a build meanwhile does not change what is checked.
    let folder = workspace.target().join("verify-realtime");
    fs::create_dir_all(&folder)?;
    for name in programs {
        let program = workspace.program("release", name);
        let copy = folder.join(program.file_name().context("a program has a name")?);
        fs::copy(&program, copy).with_context(|| program.display().to_string())?;
    }
    let mut checker = Command::new(folder.join("alyx-verify"));
    checker.env("ALYX_BIN_DIR", &folder);
    let numbers = [("--seed", arguments.seed), ("--minutes", arguments.minutes)];
    let goals = [("--reconnects", Some(arguments.reconnects)), ("--kills", Some(arguments.kills))];
    for (name, number) in numbers.into_iter().chain(goals) {
        checker.args(number.into_iter().flat_map(|number| [name.to_owned(), number.to_string()]));
    }
    if arguments.json {
        // What is printed is for a program, so no command is shown before it.
        let status = checker.arg("--json").status().context("the checker cannot be started")?;
        ensure!(status.success(), "a promise was broken");
        return Ok(());
    }
    run_command(&mut checker)
}
