//! The running server against requests made up from its own OpenAPI description.

use std::{path::Path, process::Command};

use anyhow::{Result, ensure};

use super::{
    Outcome, Run,
    project_server::{ADMIN_TOKEN, ProjectServer},
};
use crate::{
    command::shown,
    setup::{SCHEMATHESIS, python_program},
};

/// Fixed, so that a failure can be had again.
const SEED: &str = "20260131";
/// Test cases an operation and phase.
const EXAMPLES: &str = "40";
const EXAMPLES_IN_FULL: &str = "300";

/// Says where a check cannot hold; all of them run everywhere else.
const CONFIGURATION: &str = "xtask/schemathesis.toml";

/// The project that the documents use.
pub(super) fn blog(run: &Run<'_>) -> Result<Outcome> {
    suite(run, Path::new("examples/blog"))
}

/// Every field type, and names that are words of SQL.
pub(super) fn every_type(run: &Run<'_>) -> Result<Outcome> {
    suite(run, Path::new("xtask/projects/every_type"))
}

fn suite(run: &Run<'_>, project: &Path) -> Result<Outcome> {
    let schemathesis = match python_program(run.workspace, &SCHEMATHESIS) {
        Ok(program) => program,
        Err(fault) => return Ok(Outcome { skipped: vec![format!("{fault:#}")], ..Outcome::default() }),
    };
    let name = project.file_name().unwrap_or_default();
    let folder = run.workspace.target().join("schemathesis").join(name);
    let program = run.workspace.program(if run.full { "release" } else { "debug" }, "alyx-server");
    let mut server = ProjectServer::start(&program, &run.workspace.root.join(project), &folder)?;
    let mut command = Command::new(schemathesis);
    command.arg("--config-file").arg(run.workspace.root.join(CONFIGURATION));
    arguments(&mut command, &server.address, run.full);
    println!("$ {}", shown(&command).replace(ADMIN_TOKEN, "TOKEN"));
    let holds = command.current_dir(&folder).status()?.success();
    ensure!(server.is_running(), "the server ended; it printed:\n{}", server.log());
    Ok(Outcome { passed: u64::from(holds), failed: u64::from(!holds), ..Outcome::default() })
}

fn arguments(command: &mut Command, address: &str, full: bool) {
    let examples = if full { EXAMPLES_IN_FULL } else { EXAMPLES };
    command.args(["run", &format!("http://{address}/api/openapi.json"), "--no-color"]);
    command.args(["--header", &format!("Authorization: Bearer {ADMIN_TOKEN}")]);
    // One worker, so that the seed decides everything and because Python 3.11 cannot parse in two threads.
    command.args(["--seed", SEED, "--max-examples", examples, "--generation-database", "none", "--workers", "1"]);
    // How fast this machine makes up data says nothing about the server.
    command.args(["--suppress-health-check", "all", "--request-timeout", "30", "--warnings", "off"]);
}
