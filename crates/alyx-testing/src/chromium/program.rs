//! Where the browser is, and what becomes of a test without one.

use std::{
    env,
    io::{self, Write},
    path::PathBuf,
};

/// What it may be called; `ALYX_CHROMIUM` names another.
const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Nothing leaves this machine, and no sandbox is needed for pages of our own, which containers forbid.
pub(super) const ARGUMENTS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-proxy-server",
    "--window-size=1024,700",
    "--remote-debugging-port=0",
];

/// The browser of this machine. Without one a test says that it was not run, and fails under `CI=true`.
#[track_caller]
pub(super) fn find() -> Option<PathBuf> {
    let found = match env::var_os("ALYX_CHROMIUM") {
        Some(named) => Some(PathBuf::from(named)),
        None => in_path(),
    };
    if found.is_none() {
        let missing = "Chromium is missing (on Debian: apt-get install chromium; elsewhere name it in ALYX_CHROMIUM)";
        assert!(env::var_os("CI").is_none_or(|value| value != "true"), "{missing}");
        // Past the capture of the test's output: `cargo xtask test` counts it among what was skipped.
        let line = format!("\nskipped: a page in a browser: {missing}\n");
        io::stdout().write_all(line.as_bytes()).expect("standard output can be written");
    }
    found
}

fn in_path() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let candidates = NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|program| program.is_file())
}
