//! `cargo xtask test`: every suite of the project, then one line that says how it went.

mod cargo_tests;
mod figures;
mod project_server;
mod runtimes;
mod schemathesis;

use std::{env, time::Instant};

use anyhow::{Result, ensure};

use crate::workspace::Workspace;

/// What a suite works with.
pub(crate) struct Run<'a> {
    workspace: &'a Workspace,
    /// Long suites run in full.
    full: bool,
}

/// How a suite ended.
#[derive(Default)]
struct Outcome {
    passed: u64,
    failed: u64,
    /// What did not run, and why.
    skipped: Vec<String>,
}

/// A name and what runs it.
type Suite = (&'static str, fn(&Run<'_>) -> Result<Outcome>);

const SUITES: &[Suite] = &[
    ("tests and benches", cargo_tests::targets),
    ("functions' workers: node", runtimes::node),
    ("functions' workers: python", runtimes::python),
    ("functions' workers: go", runtimes::go),
    ("documentation examples", cargo_tests::examples),
    ("schemathesis: examples/blog", schemathesis::blog),
    ("schemathesis: every type", schemathesis::every_type),
];

pub(crate) fn run(workspace: &Workspace, full: bool) -> Result<()> {
    let run = Run { workspace, full };
    figures::clear(&figures::file(workspace))?;
    let mut total = Outcome::default();
    let mut lines = Vec::new();
    for suite in SUITES {
        let outcome = one(suite, &run, &mut lines);
        total.passed += outcome.passed;
        total.failed += outcome.failed;
        total.skipped.extend(outcome.skipped);
    }
    println!("\n== test\n{}", lines.join("\n"));
    if full && total.failed == 0 && total.skipped.is_empty() {
        figures::publish(workspace, total.passed)?;
    }
    finish(&total)
}

/// Runs one suite; a suite that cannot run has failed.
fn one((name, suite): &Suite, run: &Run<'_>, lines: &mut Vec<String>) -> Outcome {
    println!("\n== {name}");
    let started = Instant::now();
    let outcome = suite(run).unwrap_or_else(|fault| {
        println!("{name} could not run: {fault:#}");
        Outcome { failed: 1, ..Outcome::default() }
    });
    let seconds = started.elapsed().as_secs_f64();
    lines.push(format!("{name:<30} {:>5} passed {:>3} failed {seconds:>6.0} s", outcome.passed, outcome.failed));
    lines.extend(outcome.skipped.iter().map(|reason| format!("  skipped: {reason}")));
    outcome
}

/// Where nobody is there to install what is missing, what was skipped has failed.
fn finish(total: &Outcome) -> Result<()> {
    let in_ci = env::var_os("CI").is_some_and(|value| value == "true");
    let skipped = if in_ci { total.skipped.len() as u64 } else { 0 };
    let failed = total.failed + skipped;
    println!("\n{} passed, {failed} failed", total.passed);
    ensure!(failed == 0, "the tests failed");
    ensure!(total.passed > 0, "no test ran");
    Ok(())
}
