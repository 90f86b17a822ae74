//! `alyx-cli`: the developer's tool. Each command is a file under `command/`.

mod arguments;
mod command;
mod database;
mod escape;
mod output;
mod progress;
mod seeding;
mod server;
mod table;
mod template;

use std::process::ExitCode;

use clap::Parser;

use crate::{arguments::Arguments, output::Session};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let session = Session::new(&arguments);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(fault) => return session.fail(&fault.into()),
    };
    match runtime.block_on(command::run(arguments.command, &session)) {
        Ok(code) => code,
        Err(fault) => session.fail(&fault),
    }
}
