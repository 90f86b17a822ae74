//! The interpreters of this machine.

use std::{path::PathBuf, process::Stdio};

use tokio::{process::Command, sync::OnceCell};

use crate::{Runtime, worker::StartError};

/// Where the interpreters are, looked for once: what is found by name may be a script that only looks for another.
#[derive(Default)]
pub(super) struct Programs {
    node: OnceCell<PathBuf>,
    python: OnceCell<PathBuf>,
}

impl Programs {
    pub(super) async fn node(&self) -> Result<PathBuf, StartError> {
        let asked = self.node.get_or_try_init(|| real("node", &["-p", "process.execPath"], Runtime::Node));
        asked.await.cloned()
    }

    pub(super) async fn python(&self) -> Result<PathBuf, StartError> {
        let asking = ["-c", "import sys; print(sys.executable)"];
        self.python.get_or_try_init(|| real("python3", &asking, Runtime::Python)).await.cloned()
    }
}

async fn real(program: &'static str, asking: &[&str], runtime: Runtime) -> Result<PathBuf, StartError> {
    let answer = Command::new(program).args(asking).stdin(Stdio::null()).kill_on_drop(true).output().await;
    let answer = answer.ok().filter(|answer| answer.status.success());
    let path = answer.map(|answer| PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim()));
    path.filter(|path| path.is_file()).ok_or(StartError::NoProgram { program, runtime })
}
