//! A program run to its end.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::binary;

/// What a program left behind.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Its exit code; -1 where a signal ended it.
    pub code: i32,
    /// What it printed to standard output.
    pub stdout: String,
    /// What it printed to standard error.
    pub stderr: String,
}

impl Finished {
    /// Fails the test, showing the output, where the exit code is another.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "unexpected exit code\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Standard output as JSON; fails the test where it is none.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(fault) => panic!("standard output is not JSON ({fault}):\n{}", self.stdout),
        }
    }
}

/// Runs a program of this workspace in a folder, with nothing to read and a clean set of `ALYX_*` variables.
#[track_caller]
pub fn run(program: &str, folder: &Path, arguments: &[&str]) -> Finished {
    let mut command = Command::new(binary(program));
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).env("NO_COLOR", "1");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ALYX_")) {
        command.env_remove(name);
    }
    let output = match command.output() {
        Ok(output) => output,
        Err(fault) => panic!("{command:?} does not start: {fault}"),
    };
    Finished {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
