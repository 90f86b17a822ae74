//! `cargo xtask test-containers`: functions in containers of a real engine, which is installed and started for it.

use anyhow::Result;

use crate::{
    command::{cargo, run as run_command},
    setup::Engine,
    workspace::Workspace,
};

/// Workers by themselves, then every behaviour of functions through the server.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let engine = Engine::start(workspace)?;
    let (node, python) = (engine.node_image()?, engine.python_image()?);
    println!("the engine answers at {}", engine.address());
    run_command(cargo(&workspace.root).args(["build", "-p", "alyx-server", "-p", "alyx-cli"]))?;
    for arguments in [
        &["test", "-p", "alyx-server", "--test", "suites", "--", "functions::", "--test-threads=2"][..],
        &["test", "-p", "alyx-functions", "--features", "engine-tests", "--test", "containers"],
    ] {
        let mut command = cargo(&workspace.root);
        command.args(arguments).env("ALYX_TEST_ENGINE", engine.address());
        command.env("ALYX_TEST_NODE_IMAGE", &node).env("ALYX_TEST_PYTHON_IMAGE", &python);
        run_command(&mut command)?;
    }
    Ok(())
}
