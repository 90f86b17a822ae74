//! `cargo xtask lint`: every check of the code that is no test. All of them run, then the faults are counted.

use std::{process::Command, time::Instant};

use anyhow::{Result, ensure};

use crate::{command, setup, tidy, workspace::Workspace};

type Check = fn(&Workspace) -> Result<()>;

const CHECKS: &[(&str, Check)] = &[
    ("format", format),
    ("tidy", tidy::run),
    ("clippy", clippy),
    ("documentation", documentation),
    ("licences", licences),
];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut lines = Vec::new();
    let mut failed = 0;
    for (name, check) in CHECKS {
        println!("\n== {name}");
        let started = Instant::now();
        let result = check(workspace);
        if let Err(fault) = &result {
            println!("{fault:#}");
            failed += 1;
        }
        let verdict = if result.is_ok() { "ok" } else { "FAILED" };
        lines.push(format!("{name:<14} {verdict:<7} {:>5.0} s", started.elapsed().as_secs_f64()));
    }
    println!("\n== lint\n{}", lines.join("\n"));
    ensure!(failed == 0, "{failed} of {} checks failed", CHECKS.len());
    Ok(())
}

fn cargo(workspace: &Workspace, arguments: &str) -> Command {
    let mut cargo = command::cargo(&workspace.root);
    cargo.args(arguments.split(' '));
    cargo
}

fn format(workspace: &Workspace) -> Result<()> {
    command::run(&mut cargo(workspace, "fmt --all --check"))
}

fn clippy(workspace: &Workspace) -> Result<()> {
    command::run(&mut cargo(workspace, "clippy --locked --workspace --all-targets --keep-going -- -D warnings"))
}

fn documentation(workspace: &Workspace) -> Result<()> {
    let mut cargo = cargo(workspace, "doc --locked --workspace --no-deps");
    command::run(cargo.env("RUSTDOCFLAGS", "-D warnings"))
}

/// The advisory database is left out: it is a clone of a git repository, which not every machine may fetch.
fn licences(workspace: &Workspace) -> Result<()> {
    let deny = setup::cargo_deny(workspace)?;
    command::run(Command::new(deny).args(["check", "licenses", "bans", "sources"]).current_dir(&workspace.root))
}
