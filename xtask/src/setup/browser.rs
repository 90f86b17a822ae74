//! Chromium, in which tests open pages: the one of this machine, else Debian's package where this user may install it.

use std::{env, path::PathBuf};

use anyhow::{Context, Result};

use super::install_package;

/// As the tests look for it (`alyx-testing`).
const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// The browser, installed where it is missing.
pub(super) fn find() -> Result<PathBuf> {
    let installed = || install_package("chromium").then(present).flatten();
    present().or_else(installed).context("Chromium is missing (on Debian: apt-get install chromium)")
}

fn present() -> Option<PathBuf> {
    if let Some(named) = env::var_os("ALYX_CHROMIUM") {
        return Some(named.into());
    }
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    NAMES.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file()))
}
