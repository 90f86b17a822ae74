//! Where text goes: results to standard output, everything else to standard error.

use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use alyx_project::{Error, Style};
use serde_json::{Value, json};

use crate::arguments::Arguments;

/// What every command knows: the project folder, and how to speak.
#[derive(Debug)]
pub(crate) struct Session {
    /// The folder given with `-C`.
    pub(crate) project: PathBuf,
    /// Whether a script reads the answer.
    pub(crate) json: bool,
    /// For standard output.
    pub(crate) style: Style,
    error_style: Style,
}

impl Session {
    /// Speaks as the arguments and the terminals want it.
    pub(crate) fn new(arguments: &Arguments) -> Self {
        Self {
            project: arguments.project.clone(),
            json: arguments.json,
            style: Style::of_stdout(),
            error_style: Style::of_stderr(),
        }
    }

    /// Prints a line of the result.
    pub(crate) fn say(&self, line: &str) {
        print(line);
    }

    /// Prints the result: as JSON for scripts, else as the lines for people.
    pub(crate) fn answer(&self, json: &Value, lines: &str) {
        if self.json {
            print(&format!("{json:#}"));
        } else if !lines.is_empty() {
            print(lines.trim_end_matches('\n'));
        }
    }

    /// Prints a remark that is not part of the result.
    pub(crate) fn remark(&self, line: &str) {
        let _ = writeln!(io::stderr().lock(), "{line}");
    }

    /// A warning to a person.
    pub(crate) fn warn(&self, text: &str) {
        self.remark(&format!("{}: {text}", self.error_style.yellow("warning")));
    }

    /// Shows why a command failed.
    pub(crate) fn fail(&self, fault: &anyhow::Error) -> ExitCode {
        if self.json {
            print(&format!("{:#}", as_json(fault)));
        } else {
            self.complain(fault);
        }
        ExitCode::FAILURE
    }

    /// The same among results of which each is a line.
    pub(crate) fn fail_on_a_line(&self, fault: &anyhow::Error) -> ExitCode {
        if !self.json {
            return self.fail(fault);
        }
        print(&as_json(fault).to_string());
        ExitCode::FAILURE
    }

    /// Shows what went wrong, and goes on.
    pub(crate) fn complain(&self, fault: &anyhow::Error) {
        self.remark(self.draw(fault).trim_end());
    }

    /// Asks a yes-or-no question; without a terminal the answer is no.
    pub(crate) fn confirm(&self, question: &str) -> bool {
        let _ = write!(io::stderr().lock(), "{question} [y/N] ");
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer).unwrap_or(0);
        if read == 0 || !io::stdin().is_terminal() {
            self.remark("");
        }
        matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
    }

    fn draw(&self, fault: &anyhow::Error) -> String {
        let style = self.error_style;
        if let Some(error) = fault.downcast_ref::<Error>() {
            return error.draw(style);
        }
        alyx_project::draw_chain(fault.chain().map(ToString::to_string), style)
    }
}

fn as_json(fault: &anyhow::Error) -> Value {
    let causes: Vec<String> = fault.chain().skip(1).map(ToString::to_string).collect();
    let diagnostics = fault.downcast_ref::<Error>().and_then(Error::faults).map(|faults| &faults.diagnostics);
    json!({ "error": fault.to_string(), "causes": causes, "diagnostics": diagnostics })
}

/// A reader that went away, as `head` does, ends the program quietly.
fn print(line: &str) {
    if writeln!(io::stdout().lock(), "{line}").is_err() {
        std::process::exit(0);
    }
}

/// `1 field`, `7 fields`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A path as a person would type it: relative where it lies below the current folder.
pub(crate) fn shown(path: &Path) -> String {
    let short = std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_path_buf));
    let short = short.unwrap_or_else(|| path.to_path_buf());
    let plain: PathBuf = short.components().filter(|part| !matches!(part, std::path::Component::CurDir)).collect();
    if plain.as_os_str().is_empty() { ".".to_owned() } else { plain.display().to_string() }
}
