//! A password from a person or a script, never from the arguments, which every process on the machine can read.

use std::io::{self, IsTerminal, Read};

use alyx_config::Secret;
use anyhow::{Context, bail};

/// Longest input that can be a password.
const LONGEST: u64 = 4096;

/// Reads the first line of standard input, or asks on the terminal, twice and unseen.
pub(super) fn ask(from_stdin: bool) -> anyhow::Result<Secret> {
    if from_stdin {
        let mut text = String::new();
        io::stdin().take(LONGEST).read_to_string(&mut text).context("the password cannot be read")?;
        return Ok(Secret::new(text.lines().next().unwrap_or_default()));
    }
    if !io::stdin().is_terminal() {
        bail!("there is no terminal to ask for a password; give it with --password-stdin");
    }
    let first = rpassword::prompt_password("Password: ").context("the password cannot be read")?;
    let second = rpassword::prompt_password("Again: ").context("the password cannot be read")?;
    if first != second {
        bail!("the two passwords differ");
    }
    Ok(Secret::new(first))
}
