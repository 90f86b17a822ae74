//! What a full run leaves in `docs/reliability.md`: the figures that the suites wrote into the file `ALYX_FIGURES`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{command::output, docs, workspace::Workspace};

/// The variable that tells a suite where to append its line.
pub(super) const VARIABLE: &str = "ALYX_FIGURES";

/// Where the suites of this run write.
pub(super) fn file(workspace: &Workspace) -> PathBuf {
    workspace.target().join("figures.txt")
}

/// Forgets the figures of an earlier run.
pub(super) fn clear(file: &Path) -> Result<()> {
    if file.exists() {
        fs::remove_file(file)?;
    }
    Ok(())
}

/// Writes the figures of a run that passed into the document.
pub(super) fn publish(workspace: &Workspace, passed: u64) -> Result<()> {
    let figures = fs::read_to_string(file(workspace)).unwrap_or_default();
    let mut lines: Vec<String> = figures.lines().map(|line| format!("- {line}")).collect();
    lines.sort();
    let date = output(Command::new("date").args(["-u", "+%F"])).unwrap_or_default();
    let head = format!("On {} by `cargo xtask test --full`: {passed} passed, 0 failed.", date.trim());
    docs::replace_part(
        &workspace.root.join("docs/reliability.md"),
        "full-run",
        &format!("{head}\n\n{}", lines.join("\n")),
    )
}
