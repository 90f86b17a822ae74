//! `cargo xtask attack-timing`: builds the server and the harness of `crates/alyx-timing` for release, and lets it measure
//! whether the time of an answer tells what the answer hides.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{
    command::{cargo, output, run as run_command},
    docs,
    workspace::Workspace,
};

/// What `cargo xtask attack-timing` can be told.
#[derive(Args)]
pub(crate) struct TimingArguments {
    /// Samples of each side; fewer than 2000 show that it runs and give no verdict
    #[arg(long, default_value_t = 2000)]
    samples: u32,
    /// Only this flow; may be given more than once
    #[arg(long, value_name = "NAME")]
    flow: Vec<String>,
    /// How dear a password is; a low cost shows what the spread of a high one would hide
    #[arg(long, default_value_t = 10)]
    bcrypt_cost: u32,
    /// Print every figure as JSON in place of the table
    #[arg(long)]
    json: bool,
    /// Write the table into docs/reliability.md
    #[arg(long, conflicts_with = "flow")]
    write_docs: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &TimingArguments) -> Result<()> {
    let mut build = cargo(&workspace.root);
    build.args(["build", "--quiet", "--locked", "--release", "--package", "alyx-server", "--package", "alyx-timing"]);
    ensure!(build.status()?.success(), "the programs cannot be built");
    let folder = workspace.target().join("attack-timing");
    copy_programs(workspace, &folder)?;
    let (table, mut harness) = (folder.join("table.md"), Command::new(folder.join("alyx-timing")));
    harness.env("ALYX_BIN_DIR", &folder).args(["--samples", &arguments.samples.to_string()]).arg("--table").arg(&table);
    harness.args(["--bcrypt-cost", &arguments.bcrypt_cost.to_string()]);
    harness.args(arguments.flow.iter().flat_map(|name| ["--flow", name]));
    if arguments.json {
        // What is printed is for a program, so no command is shown before it.
        let status = harness.arg("--json").status().context("the harness cannot be started")?;
        ensure!(status.success(), "something can be told apart");
    } else {
        run_command(&mut harness)?;
    }
    if arguments.write_docs {
        let text = format!("{}\n\n{}", heading(arguments), fs::read_to_string(&table)?);
        docs::replace_part(&workspace.root.join("docs/reliability.md"), "timing", &text)?;
    }
    Ok(())
}

/// So that a build meanwhile does not change what is measured.
fn copy_programs(workspace: &Workspace, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for name in ["alyx-server", "alyx-timing"] {
        let program = workspace.program("release", name);
        let copy = folder.join(program.file_name().context("a program has a name")?);
        fs::copy(&program, copy).with_context(|| program.display().to_string())?;
    }
    Ok(())
}

fn heading(arguments: &TimingArguments) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let date = output(Command::new("date").args(["-u", "+%F"])).unwrap_or_default();
    let (samples, cost) = (arguments.samples, arguments.bcrypt_cost);
    format!(
        "On {} on {cores} cores by `cargo xtask attack-timing --samples {samples} --bcrypt-cost {cost}`:",
        date.trim()
    )
}
