//! `config`: what the settings are, and whether they are right.

use std::process::ExitCode;

use alyx_project::{Flags, Settings};
use serde_json::json;

use crate::output::{Session, shown};

/// What to do with the settings.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Config {
    /// Check alyx.yaml and the ALYX_ variables
    Check,
    /// Print the JSON Schema of alyx.yaml, for editors
    Schema,
    /// Print every setting that is in force, without secrets
    Show,
}

impl Config {
    pub(crate) fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        match self {
            Self::Check => check(session),
            Self::Schema => {
                session.say(&format!("{:#}", alyx_config::json_schema()));
                Ok(ExitCode::SUCCESS)
            }
            Self::Show => show(session),
        }
    }
}

fn check(session: &Session) -> anyhow::Result<ExitCode> {
    let settings = Settings::load(&session.project, &Flags::default())?;
    let file = session.project.join(alyx_config::FILE_NAME);
    let subject = match settings.has_file {
        true => shown(&file),
        false => format!("there is no {}, so every setting has its default, which", shown(&file)),
    };
    let lines = format!("{} {subject} is fine", session.style.green("ok"));
    session.answer(&json!({ "ok": true, "file": settings.has_file.then_some(file) }), &lines);
    Ok(ExitCode::SUCCESS)
}

fn show(session: &Session) -> anyhow::Result<ExitCode> {
    let settings = Settings::load(&session.project, &Flags::default())?;
    let shown = settings.config.redacted_json();
    let lines = serde_yaml::to_string(&shown)?;
    session.answer(&shown, &lines);
    Ok(ExitCode::SUCCESS)
}
