//! Starting and stopping the server under test.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use tokio::{
    net::TcpStream,
    process::{Child, Command},
    time::{sleep, timeout},
};

use crate::{
    http::{Connection, Request},
    procfs::rounded,
};

const START_PATIENCE: Duration = Duration::from_secs(60);
const STOP_PATIENCE: Duration = Duration::from_secs(15);

/// As many open files as may be: a subscriber is one.
const ALL_FILES: &str = "ulimit -n $(ulimit -H -n);";

/// A server that this program started.
pub(crate) struct Server {
    child: Child,
    /// Milliseconds from the start to the first good health answer.
    pub(crate) startup_ms: f64,
    pub(crate) pid: u32,
}

impl Server {
    /// Starts it with a shell command and waits for its health.
    pub(crate) async fn start(command: &str, address: &str, health: &Request) -> Result<Self> {
        ensure!(TcpStream::connect(address).await.is_err(), "something listens on {address} already");
        let started = Instant::now();
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{ALL_FILES} exec {command}")]).kill_on_drop(true);
        // A log of millions of requests is written, as it would be in production, but not kept.
        shell.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = shell.spawn()?;
        let pid = child.id().context("the server ended at once")?;
        while started.elapsed() < START_PATIENCE {
            if matches!(Connection::new(address).send(health, None).await, Ok((200, _))) {
                return Ok(Self { child, startup_ms: rounded(started.elapsed().as_secs_f64() * 1e3), pid });
            }
            if let Some(status) = child.try_wait()? {
                bail!("the server ended with {status}; start it by hand to see why: {command}");
            }
            sleep(Duration::from_millis(1)).await;
        }
        bail!("the server did not answer within {} s", START_PATIENCE.as_secs())
    }

    /// Asks it to end and waits; kills it where it does not.
    pub(crate) async fn stop(mut self) -> Result<()> {
        Command::new("kill").arg(self.pid.to_string()).status().await?;
        if timeout(STOP_PATIENCE, self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        Ok(())
    }
}
