//! One run of one product, on fresh data, with the harness of `crates/alyx-bench`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    command::{output, run as run_command},
    setup::{POCKETBASE, python_program},
    workspace::Workspace,
};

const SUPERUSER: &str = "bench@example.com";
const PASSWORD: &str = "bench-admin-1234";
/// The servers listen on loopback only and hold nothing but made-up data.
pub(super) const ADMIN_TOKEN: &str = "q9Gn3Rb7Wk1Zt5Dm8Vx2Lc6Hs4Yp0JfEi6";
const QUICK: &str =
    "--rows 4000 --users 120 --authors 64 --seconds 2 --inserts 1000 --subscribers 40 --realtime-seconds 2";

/// A product with what it takes to start it.
pub(super) enum Contestant {
    Alyx,
    PocketBase { program: PathBuf },
}

/// What all runs have in common.
pub(super) struct Contest<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) workloads: &'a [String],
    pub(super) quick: bool,
    pub(super) port: u16,
}

impl Contestant {
    /// PocketBase, fetched where it is missing.
    pub(super) fn pocketbase(workspace: &Workspace) -> Result<Self> {
        Ok(Self::PocketBase { program: python_program(workspace, &POCKETBASE)? })
    }

    pub(super) fn title(&self) -> &'static str {
        match self {
            Self::Alyx => "Alyx",
            Self::PocketBase { .. } => "PocketBase",
        }
    }
}

impl Contest<'_> {
    /// Runs every workload once; what the harness measured.
    pub(super) fn run(&self, contestant: &Contestant) -> Result<Value> {
        let folder = fresh_folder(self.workspace)?;
        let start = self.prepare(contestant, &folder)?;
        let results = folder.join("results.json");
        let mut harness = Command::new(self.workspace.program("release", "alyx-bench"));
        harness.args(["--product", &contestant.title().to_lowercase(), "--start", &start]).arg("--json").arg(&results);
        harness.args(["--url", &format!("http://127.0.0.1:{}", self.port)]).env("ALYX_ADMIN_TOKEN", ADMIN_TOKEN);
        if self.quick {
            harness.args(QUICK.split(' '));
        }
        if !self.workloads.is_empty() {
            harness.args(["--workload", &self.workloads.join(",")]);
        }
        run_command(harness.current_dir(&folder))?;
        let text = fs::read(&results).with_context(|| results.display().to_string())?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// Fills the folder; the shell command that serves it.
    fn prepare(&self, contestant: &Contestant, folder: &Path) -> Result<String> {
        match contestant {
            Contestant::Alyx => {
                copy_project(self.workspace, folder)?;
                let program = self.workspace.program("release", "alyx-server");
                Ok(format!("'{}' --host 127.0.0.1 --port {} .", program.display(), self.port))
            }
            Contestant::PocketBase { program } => {
                let mut superuser = Command::new(program);
                output(
                    superuser
                        .args(["superuser", "upsert", SUPERUSER, PASSWORD, "--dir", "pb_data"])
                        .current_dir(folder),
                )?;
                Ok(format!("'{}' serve --http 127.0.0.1:{} --dir pb_data", program.display(), self.port))
            }
        }
    }
}

/// A folder with the harness's project for Alyx, and nothing else.
pub(super) fn project_folder(workspace: &Workspace) -> Result<PathBuf> {
    let folder = fresh_folder(workspace)?;
    copy_project(workspace, &folder)?;
    Ok(folder)
}

fn fresh_folder(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target().join("bench");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn copy_project(workspace: &Workspace, folder: &Path) -> Result<()> {
    for file in ["schema.yaml", "alyx.yaml"] {
        fs::copy(workspace.root.join("crates/alyx-bench").join(file), folder.join(file))?;
    }
    Ok(())
}
