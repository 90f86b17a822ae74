//! A running server in a temporary project.

use std::{
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{Client, Process, Response, TestProject, binary};

/// The administrator's token of every test server.
pub const ADMIN_TOKEN: &str = "x7Kq2mVt9Rb4Wn8Zc5Jd1Hs6Lf3Py0Ge";

const PATIENCE: Duration = Duration::from_secs(60);

/// What a test server is started with.
#[derive(Debug)]
pub struct TestServerBuilder {
    project: TestProject,
    program: String,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
}

/// A running server; it is killed when the test ends.
#[derive(Debug)]
pub struct TestServer {
    settings: TestServerBuilder,
    process: Process,
    address: SocketAddr,
}

impl TestServerBuilder {
    /// Writes `alyx.yaml`.
    #[must_use]
    pub fn config(self, text: &str) -> Self {
        self.file("alyx.yaml", text)
    }

    /// Writes a file into the project.
    #[must_use]
    pub fn file(self, name: &str, text: &str) -> Self {
        self.project.write(name, text);
        self
    }

    /// Adds a command-line argument.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs `alyx-cli dev` in place of `alyx-server`.
    #[must_use]
    pub fn dev(mut self) -> Self {
        "alyx-cli".clone_into(&mut self.program);
        self.arguments.insert(0, "dev".to_owned());
        self
    }

    /// Starts it and waits until it is ready.
    #[must_use]
    #[track_caller]
    pub fn start(self) -> TestServer {
        let (process, address) = launch(&self, 0);
        TestServer { settings: self, process, address }
    }

    /// The command that starts it, for tests that expect it to fail.
    #[must_use]
    #[track_caller]
    pub fn command(&self) -> Command {
        self.command_on(0)
    }

    #[track_caller]
    fn command_on(&self, port: u16) -> Command {
        let mut command = Command::new(binary(&self.program));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ALYX_")) {
            command.env_remove(name);
        }
        command.args(&self.arguments).args(["--port", &port.to_string()]).current_dir(self.project.path());
        command.env("NO_COLOR", "1").env("ALYX_ADMIN_TOKEN", ADMIN_TOKEN);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl TestServer {
    /// Starts `alyx-server` on a free port with this `schema.yaml` and an empty database.
    #[must_use]
    #[track_caller]
    pub fn start(schema: &str) -> Self {
        Self::with_schema(schema).start()
    }

    /// The same with more settings before the start.
    #[must_use]
    pub fn with_schema(schema: &str) -> TestServerBuilder {
        Self::with_project(TestProject::with_schema(schema))
    }

    /// A server on a project folder that the test has filled.
    #[must_use]
    pub fn with_project(project: TestProject) -> TestServerBuilder {
        TestServerBuilder { project, program: "alyx-server".to_owned(), arguments: Vec::new(), variables: Vec::new() }
    }

    /// A client without a token.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// A client with the administrator's token.
    #[must_use]
    pub fn admin(&self) -> Client {
        self.client().with_token(ADMIN_TOKEN)
    }

    /// `GET path` without a token.
    #[track_caller]
    pub fn get(&self, path: &str) -> Response {
        self.client().get(path)
    }

    /// `POST path` without a token.
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Response {
        self.client().post(path, body)
    }

    /// A bare connection, for requests that no client would send.
    #[must_use]
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("the server accepts connections");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit above zero is accepted");
        stream
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its project folder.
    #[must_use]
    pub fn project(&self) -> &TestProject {
        &self.settings.project
    }

    /// Its database file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.settings.project.database()
    }

    /// The folder that it serves.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.settings.project.path()
    }

    /// The running program.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Everything it printed so far.
    #[must_use]
    pub fn output(&self) -> String {
        self.process.output()
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Stops it politely; whether it ended well.
    pub fn stop(&mut self) -> bool {
        self.process.terminate().success()
    }

    /// Starts it again on the same folder, killing it first where it still runs.
    #[track_caller]
    pub fn restart(&mut self) {
        self.process.kill();
        (self.process, self.address) = launch(&self.settings, 0);
    }

    /// The same at the same address, for clients that connect again by themselves.
    #[track_caller]
    pub fn restart_in_place(&mut self) {
        self.process.kill();
        (self.process, self.address) = launch(&self.settings, self.address.port());
    }

    /// Hands back the project, with the server killed.
    #[must_use]
    pub fn into_project(mut self) -> TestProject {
        self.process.kill();
        self.settings.project
    }
}

#[track_caller]
fn launch(settings: &TestServerBuilder, port: u16) -> (Process, SocketAddr) {
    let mut process = Process::spawn(&mut settings.command_on(port));
    let address = process.wait_for(printed_address);
    let deadline = Instant::now() + PATIENCE;
    let client = Client::new(address);
    loop {
        if client.try_send("GET", "/health/ready", None).is_ok_and(|response| response.status == 200) {
            return (process, address);
        }
        assert!(process.is_running(), "the server ended; it printed:\n{}", process.output());
        assert!(Instant::now() < deadline, "the server is not ready; it printed:\n{}", process.output());
        thread::sleep(Duration::from_millis(5));
    }
}

/// The address in the first whole line that names one.
fn printed_address(output: &str) -> Option<SocketAddr> {
    let (whole_lines, _) = output.rsplit_once('\n')?;
    whole_lines.split("http://").skip(1).find_map(|rest| {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && !".:".contains(letter)).unwrap_or(rest.len());
        rest[..end].parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::printed_address;

    #[test]
    fn an_address_is_read_only_from_a_finished_line() {
        assert_eq!(printed_address("serves on http://127.0.0.1:80"), None);
        let address = printed_address("hello\nserves on http://127.0.0.1:8091/\n");
        assert_eq!(address, "127.0.0.1:8091".parse().ok());
    }
}
