//! `completions`: what a shell needs to complete our commands.

use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{arguments::Arguments, output::Session};

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "For bash: alyx-cli completions bash > ~/.local/share/bash-completion/completions/alyx-cli")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "alyx-cli", &mut script);
        session.say(String::from_utf8(script)?.trim_end());
        Ok(ExitCode::SUCCESS)
    }
}
