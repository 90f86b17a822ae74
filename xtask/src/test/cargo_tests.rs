//! What `cargo test` runs, with its results counted.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use super::{Outcome, Run, figures};
use crate::{
    command::{cargo, run, shown},
    setup::browser,
};

/// Every test and, once through, every bench. The programs that tests start are built first.
pub(super) fn targets(tests: &Run<'_>) -> Result<Outcome> {
    let mut build = cargo(&tests.workspace.root);
    build.args(["build", "--locked", "--workspace", "--bins"]).args(profile(tests));
    run(&mut build)?;
    if let Err(fault) = browser() {
        // The tests of pages are not run then, and say so themselves.
        println!("{fault:#}");
    }
    count(&mut cargo_test(tests, &["--all-targets"]))
}

/// The examples in documentation.
pub(super) fn examples(tests: &Run<'_>) -> Result<Outcome> {
    count(&mut cargo_test(tests, &["--doc"]))
}

/// A full run asks millions of questions, which only an optimised program answers in good time.
fn profile(tests: &Run<'_>) -> &'static [&'static str] {
    if tests.full { &["--release"] } else { &[] }
}

fn cargo_test(tests: &Run<'_>, which: &[&str]) -> Command {
    let mut command = cargo(&tests.workspace.root);
    command.args(["test", "--locked", "--workspace", "--no-fail-fast"]).args(profile(tests)).args(which);
    // Snapshots are compared, never written, whatever the shell says.
    command.env("INSTA_UPDATE", "no").env_remove("UPDATE_GOLDEN");
    command.env_remove("ALYX_TEST_FULL").env_remove(figures::VARIABLE);
    if tests.full {
        command.env("ALYX_TEST_FULL", "1").env(figures::VARIABLE, figures::file(tests.workspace));
    }
    command
}

/// Shows what a command prints and adds up the results in it.
fn count(command: &mut Command) -> Result<Outcome> {
    println!("$ {}", shown(command));
    let mut child = command.stdout(Stdio::piped()).spawn().context("cargo cannot be started")?;
    let stdout = child.stdout.take().context("the output is piped")?;
    let mut outcome = Outcome::default();
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        add(&mut outcome, &line);
    }
    // A test program that crashed, or does not compile, reports no failures of its own.
    if !child.wait()?.success() && outcome.failed == 0 {
        outcome.failed = 1;
    }
    Ok(outcome)
}

fn add(outcome: &mut Outcome, line: &str) {
    // What a test says past the capture of its output, as `alyx-testing` does where there is no browser.
    outcome.skipped.extend(line.trim_end().strip_prefix("skipped: ").map(str::to_owned));
    let Some((_, counts)) = line.split_once("test result: ").and_then(|(_, rest)| rest.split_once(". ")) else {
        return;
    };
    let number = |of: &str| -> u64 {
        let part = counts.split("; ").find_map(|part| part.strip_suffix(of));
        part.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
    };
    outcome.passed += number(" passed");
    outcome.failed += number(" failed");
    let ignored = number(" ignored");
    if ignored > 0 {
        outcome.skipped.push(format!("{ignored} tests are marked #[ignore]"));
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, add};

    #[test]
    fn a_result_line_is_added_up() {
        let mut outcome = Outcome { passed: 1, ..Outcome::default() };
        add(
            &mut outcome,
            "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s",
        );
        assert_eq!((outcome.passed, outcome.failed, outcome.skipped.len()), (13, 3, 1));
        add(&mut outcome, "test some_test ... ok");
        assert_eq!(outcome.passed, 13);
        add(&mut outcome, "skipped: a page in a browser\n");
        assert_eq!(outcome.skipped.last().map(String::as_str), Some("a page in a browser"));
    }
}
