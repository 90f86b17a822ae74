//! The workers of functions, by tests in their own languages.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

use super::{Outcome, Run};

/// Node's own runner.
pub(super) fn node(run: &Run<'_>) -> Result<Outcome> {
    let mut command = Command::new("node");
    command
        .args(["--test", "--test-reporter=tap", "--test-timeout=60000", "test/"])
        .current_dir(folder(run).join("node"));
    outcome(
        command,
        |line| line.strip_prefix("# pass ")?.parse().ok(),
        |line| line.strip_prefix("# fail ")?.parse().ok(),
    )
}

/// Python's `unittest`.
pub(super) fn python(run: &Run<'_>) -> Result<Outcome> {
    let mut command = Command::new("python3");
    command.args(["-B", "-m", "unittest", "discover", "-s", "tests", "-v"]).current_dir(folder(run).join("python"));
    let one = |is: bool| is.then_some(1);
    outcome(
        command,
        |line| one(line.ends_with("... ok")),
        |line| one(line.ends_with("... FAIL") || line.ends_with("... ERROR")),
    )
}

/// `go vet` and `go test`.
pub(super) fn go(run: &Run<'_>) -> Result<Outcome> {
    let folder = folder(run).join("go");
    let vet = Command::new("go").args(["vet", "./..."]).current_dir(&folder).status().context("go is needed")?;
    let mut command = Command::new("go");
    command.args(["test", "-count=1", "-v", "./..."]).current_dir(&folder);
    let one = |is: bool| is.then_some(1);
    let mut outcome =
        outcome(command, |line| one(line.starts_with("--- PASS")), |line| one(line.starts_with("--- FAIL")))?;
    outcome.failed += u64::from(!vet.success());
    Ok(outcome)
}

fn folder<'r>(run: &Run<'r>) -> std::path::PathBuf {
    run.workspace.root.join("runtimes")
}

/// Runs a suite and adds up what its lines say.
fn outcome(
    mut command: Command,
    passed: impl Fn(&str) -> Option<u64>,
    failed: impl Fn(&str) -> Option<u64>,
) -> Result<Outcome> {
    let program = Path::new(command.get_program()).display().to_string();
    let output = command.output().with_context(|| format!("{program} is needed"))?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let mut outcome = Outcome::default();
    for line in text.lines() {
        outcome.passed += passed(line).unwrap_or_default();
        outcome.failed += failed(line).unwrap_or_default();
    }
    if !output.status.success() {
        println!("{text}");
        outcome.failed = outcome.failed.max(1);
    } else if outcome.passed == 0 {
        bail!("{program} ran no test:\n{text}");
    }
    Ok(outcome)
}
