//! `alyx-cli` as its users run it: the real program, real files, a real port.
#![expect(clippy::unwrap_used, reason = "in a test it is an assertion")]

mod config;
mod data;
mod dev;
mod functions_guide;
mod init;
mod live_board;
mod migrate;
mod reference;
mod schema;
mod snippets;
mod teams;
mod walkthroughs;
mod watch;

use std::path::{Path, PathBuf};

use alyx_testing::{Finished, TestProject, run};

/// Runs `alyx-cli` in a project.
#[track_caller]
fn cli(project: &TestProject, arguments: &[&str]) -> Finished {
    run("alyx-cli", project.path(), arguments)
}

/// The root of this repository.
fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compares a committed file with what the program says; `UPDATE_GOLDEN=1` writes it.
#[track_caller]
fn check_golden(path: &Path, actual: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, actual).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(committed, actual, "{} is stale; write it anew with UPDATE_GOLDEN=1", path.display());
}
