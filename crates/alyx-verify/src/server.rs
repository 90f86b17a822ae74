//! The server: started on a folder, killed, and started again, on the same port or another.

use std::{
    net::SocketAddr,
    process::Command,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use alyx_testing::{ADMIN_TOKEN, Client, Process, TestProject, binary};
use anyhow::{Context, Result, bail};

const PATIENCE: Duration = Duration::from_secs(60);

/// Where the server listens; others learn of it when it moves.
#[derive(Clone, Debug)]
pub(crate) struct Place(Arc<Mutex<SocketAddr>>);

impl Place {
    pub(crate) fn address(&self) -> SocketAddr {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A client with the administrator's token.
    pub(crate) fn admin(&self) -> Client {
        Client::new(self.address()).with_token(ADMIN_TOKEN)
    }
}

/// A server on a folder of its own.
pub(crate) struct Server {
    project: Arc<TestProject>,
    process: Process,
    place: Place,
}

impl Server {
    pub(crate) fn start(project: TestProject) -> Result<Self> {
        let (process, address) = launch(&project, 0)?;
        Ok(Self { project: Arc::new(project), process, place: Place(Arc::new(Mutex::new(address))) })
    }

    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }

    pub(crate) fn project(&self) -> Arc<TestProject> {
        Arc::clone(&self.project)
    }

    pub(crate) fn output(&self) -> String {
        self.process.output()
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to stop and waits for that.
    pub(crate) fn stop(&mut self) -> bool {
        self.process.terminate().success()
    }

    /// Starts it again. Somebody else may have taken the port meanwhile: then it is another.
    pub(crate) fn start_again(&mut self, same_port: bool) -> Result<()> {
        let port = if same_port { self.place.address().port() } else { 0 };
        let started = launch(&self.project, port);
        let (process, address) = if same_port { started.or_else(|_| launch(&self.project, 0))? } else { started? };
        self.process = process;
        *self.place.0.lock().unwrap_or_else(PoisonError::into_inner) = address;
        Ok(())
    }
}

/// Starts it; while another process writes to the folder of a server that is down, no server starts.
fn launch(project: &TestProject, port: u16) -> Result<(Process, SocketAddr)> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match launch_once(project, port) {
            Err(error) if error.to_string().contains("served already by alyx-cli") && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(20));
            }
            outcome => return outcome,
        }
    }
}

fn launch_once(project: &TestProject, port: u16) -> Result<(Process, SocketAddr)> {
    let mut command = Command::new(binary("alyx-server"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ALYX_")) {
        command.env_remove(name);
    }
    command.args(["--port", &port.to_string()]).current_dir(project.path());
    command.env("NO_COLOR", "1").env("ALYX_ADMIN_TOKEN", ADMIN_TOKEN);
    let mut process = Process::spawn(&mut command);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let address = printed_address(&process.output());
        if let Some(address) = address.filter(|address| is_ready(*address)) {
            return Ok((process, address));
        }
        if !process.is_running() || Instant::now() > deadline {
            thread::sleep(Duration::from_millis(20));
            bail!("the server does not start; it printed:\n{}", process.output());
        }
        thread::sleep(Duration::from_millis(3));
    }
}

fn is_ready(address: SocketAddr) -> bool {
    Client::new(address).try_send("GET", "/health/ready", None).is_ok_and(|answer| answer.status == 200)
}

fn printed_address(output: &str) -> Option<SocketAddr> {
    let line = output.lines().find_map(|line| line.strip_prefix("listening on http://"))?;
    line.trim_end_matches('/').parse().ok()
}

/// Runs `alyx-cli` beside the server; what it printed where it failed.
pub(crate) fn beside(project: &TestProject, arguments: &[&str]) -> Result<(), String> {
    let finished = alyx_testing::run("alyx-cli", project.path(), arguments);
    if finished.code == 0 { Ok(()) } else { Err(finished.stderr) }
}

/// An answer as JSON, if it is one of success.
pub(crate) fn json_of(answer: &alyx_testing::Response) -> Result<alyx_testing::Value> {
    anyhow::ensure!((200..300).contains(&answer.status), "{}: {}", answer.status, answer.text());
    serde_json::from_slice(&answer.body).context("the body is not JSON")
}
