//! A server on a copy of a project, for suites that are not written in Rust.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// The administrator's token of servers under test.
pub(super) const ADMIN_TOKEN: &str = "m4Tz8Lw1Qe6Yc3Hr9Xb5Vn2Kd7Pj0FsUa2";

const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; it ends with this value.
pub(super) struct ProjectServer {
    child: Child,
    pub(super) address: String,
    log: PathBuf,
}

impl ProjectServer {
    /// Copies the files of a project into `folder`, which is emptied first, and serves them.
    pub(super) fn start(program: &Path, project: &Path, folder: &Path) -> Result<Self> {
        copy_files(project, folder)?;
        let address = free_address()?;
        let port = address.rsplit_once(':').context("an address has a port")?.1;
        let log = folder.join("server.log");
        let file = File::create(&log)?;
        let mut command = Command::new(program);
        command.arg(folder).args(["--host", "127.0.0.1", "--port", port]).env("ALYX_ADMIN_TOKEN", ADMIN_TOKEN);
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().with_context(|| format!("{} does not start", program.display()))?;
        let mut server = Self { child, address, log };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// Whether it still runs.
    pub(super) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What it printed.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !is_ready(&self.address) {
            if !self.is_running() || Instant::now() > deadline {
                bail!("the server is not ready; it printed:\n{}", self.log());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for ProjectServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_ready(address: &str) -> bool {
    let request = "GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    let asked = TcpStream::connect(address).and_then(|mut stream| {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(request.as_bytes())?;
        stream.read_to_string(&mut answer)
    });
    asked.is_ok() && answer.starts_with("HTTP/1.1 200")
}

fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// The files of a project and of its folder `migrations`.
fn copy_files(project: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    for part in ["", "migrations"] {
        let Ok(entries) = fs::read_dir(project.join(part)) else { continue };
        fs::create_dir_all(folder.join(part))?;
        for entry in entries {
            let path = entry?.path();
            if let (true, Some(name)) = (path.is_file(), path.file_name()) {
                fs::copy(&path, folder.join(part).join(name))?;
            }
        }
    }
    Ok(())
}
