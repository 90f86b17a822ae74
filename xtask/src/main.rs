//! The project's chores: `cargo xtask lint | tidy | setup | test | test-containers | bench | attack-timing | verify-realtime | docs`. One module a chore.

#![expect(clippy::print_stdout, reason = "a chore says what it does")]

mod attack_timing;
mod bench;
mod command;
mod docs;
mod layers;
mod lint;
mod setup;
mod test;
mod test_containers;
mod tidy;
mod verify_realtime;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::{
    attack_timing::TimingArguments, bench::BenchArguments, verify_realtime::VerifyArguments, workspace::Workspace,
};

/// The project's chores.
#[derive(Parser)]
enum Chore {
    /// Formatting, clippy, documentation, tidiness and licences; any fault fails
    Lint,
    /// The checks of `lint` that need no compiler: layers, sizes, headers, names, links
    Tidy,
    /// Installs what lint, test and bench need besides Rust, below target/
    Setup,
    /// Every test there is
    Test {
        /// Run the long suites (kill loops, fuzzing) in full
        #[arg(long)]
        full: bool,
    },
    /// Functions in containers of a real engine, which is installed and started for it
    TestContainers,
    /// Measures Alyx against PocketBase, both in the same run
    Bench(BenchArguments),
    /// Measures whether the time of an answer tells what the answer hides
    AttackTiming(TimingArguments),
    /// Checks live queries against REST while clients and servers are killed
    VerifyRealtime(VerifyArguments),
    /// Writes what is generated: figures in documents, golden files
    Docs {
        /// Only the figures in documents, which needs no compiler
        #[arg(long)]
        figures: bool,
    },
}

fn main() -> ExitCode {
    let Err(fault) = run(&Chore::parse()) else { return ExitCode::SUCCESS };
    eprintln!("error: {fault:#}");
    ExitCode::FAILURE
}

fn run(chore: &Chore) -> Result<()> {
    let workspace = Workspace::read()?;
    match chore {
        Chore::Lint => lint::run(&workspace),
        Chore::Tidy => tidy::run(&workspace),
        Chore::Setup => setup::run(&workspace),
        Chore::Test { full } => test::run(&workspace, *full),
        Chore::TestContainers => test_containers::run(&workspace),
        Chore::Bench(arguments) => bench::run(&workspace, arguments),
        Chore::AttackTiming(arguments) => attack_timing::run(&workspace, arguments),
        Chore::VerifyRealtime(arguments) => verify_realtime::run(&workspace, arguments),
        Chore::Docs { figures } => docs::run(&workspace, *figures),
    }
}
