//! Long suites: whether they run in full, and where their figures go.

use std::{env, fs::OpenOptions, io::Write};

/// Whether the long suites run in full: `ALYX_TEST_FULL=1`, which `cargo xtask test --full` sets.
#[must_use]
pub fn is_full() -> bool {
    env::var_os("ALYX_TEST_FULL").is_some_and(|value| value == "1")
}

/// Adds a line to the file that `ALYX_FIGURES` names: what a full run measured.
pub fn record(line: &str) {
    let Some(path) = env::var_os("ALYX_FIGURES") else { return };
    let file = OpenOptions::new().create(true).append(true).open(path);
    let written = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    written.expect("the file for figures can be written");
}
