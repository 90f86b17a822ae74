//! A child process whose output is collected and that dies with the test.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// A running program.
#[derive(Debug)]
pub struct Process {
    child: Child,
    output: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    /// Starts a command and collects what it prints.
    #[must_use]
    #[track_caller]
    pub fn spawn(command: &mut Command) -> Self {
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = match started {
            Ok(child) => child,
            Err(fault) => panic!("{command:?} does not start: {fault}"),
        };
        let output = Arc::new(Mutex::new(String::new()));
        let readers = [collect(child.stdout.take(), &output), collect(child.stderr.take(), &output)];
        Self { child, output, readers: readers.into_iter().flatten().collect() }
    }

    /// Everything printed so far, on either stream.
    #[must_use]
    pub fn output(&self) -> String {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until the output answers `find`; fails the test where the program ends or is silent for a minute.
    #[track_caller]
    pub fn wait_for<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let ended = self.child.try_wait().ok().flatten();
            if let Some(found) = find(&self.output()) {
                return found;
            }
            if let Some(status) = ended {
                panic!("the program ended with {status}; it printed:\n{}", self.output());
            }
            assert!(Instant::now() < deadline, "waited too long; the program printed:\n{}", self.output());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a power cut would (SIGKILL) and waits for the end.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Presses Ctrl+C (SIGINT) and waits for the end; how it ended, and all that it printed.
    pub fn interrupt(&mut self) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-INT", &id]).status().expect("kill(1) can be run");
        let status = self.wait();
        for reader in self.readers.drain(..) {
            reader.join().expect("reading does not panic");
        }
        (status, self.output())
    }

    /// Asks it to stop (SIGTERM) and waits for the end.
    pub fn terminate(&mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().expect("kill(1) can be run");
        self.child.wait().expect("the program ends")
    }

    /// Waits for the end.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("the program ends")
    }

    /// Whether it still runs.
    #[must_use]
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Resident memory in KiB, where the system tells it.
    #[must_use]
    pub fn resident_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().trim_end_matches(" kB").parse().ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn collect(stream: Option<impl Read + Send + 'static>, output: &Arc<Mutex<String>>) -> Option<JoinHandle<()>> {
    let stream = stream?;
    let output = Arc::clone(output);
    Some(thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            output.lock().unwrap_or_else(PoisonError::into_inner).push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    }))
}

/// Where a program of this workspace was built: `$ALYX_BIN_DIR`, or the folder that the test itself was built into.
#[must_use]
#[track_caller]
pub fn binary(name: &str) -> PathBuf {
    let folder = env::var_os("ALYX_BIN_DIR").map_or_else(build_folder, PathBuf::from);
    let path = folder.join(format!("{name}{}", env::consts::EXE_SUFFIX));
    assert!(path.is_file(), "{} is not built; run `cargo build --bin {name}` first", path.display());
    path
}

fn build_folder() -> PathBuf {
    let own = env::current_exe().expect("a test knows its own path");
    let folder = own.parent().expect("a program lies in a folder");
    if folder.ends_with("deps") { folder.parent().expect("deps lies in a folder") } else { folder }.to_owned()
}
