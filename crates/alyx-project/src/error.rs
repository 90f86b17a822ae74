//! Why a project does not load or start, and how that is shown to a person.

use std::{io, path::PathBuf};

use alyx_config::WeakSecret;

use crate::{Faults, Style};

/// The result of a call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a project does not load or start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The project folder is not there.
    #[error("there is no folder {}", folder.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder is no project.
    #[error("there is no schema.yaml in {}", folder.display())]
    NoSchema {
        /// The folder.
        folder: PathBuf,
    },
    /// Something in the user's files is wrong.
    #[error("{}", count(.0))]
    Faults(Faults),
    /// A file cannot be read or written.
    #[error("cannot {doing} {}", path.display())]
    File {
        /// What was to be done: `read`, `write`, `make`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Another process uses the database in a way that shuts others out.
    #[error("the project is being served already{}", by(.holder.as_deref()))]
    Served {
        /// Who serves it, where that is known.
        holder: Option<String>,
    },
    /// Another process serves the database with an older data model.
    #[error("schema.yaml has changed since the server was started")]
    Outdated,
    /// Functions are to run in containers, and no engine answers.
    #[error("functions cannot run in containers")]
    Engine(#[source] alyx_functions::worker::StartError),
    /// Migration files wait for the next start.
    #[error("{} {} not applied yet", .files.join(", "), if .files.len() == 1 { "is" } else { "are" })]
    FilesWait {
        /// The files.
        files: Vec<String>,
    },
    /// The administrator's token is too weak.
    #[error("ALYX_ADMIN_TOKEN {0}")]
    WeakToken(WeakSecret),
    /// The address is taken.
    #[error("cannot listen on {address}: the port is taken{}", by(.holder.as_deref()))]
    Taken {
        /// Where the server was to listen.
        address: String,
        /// Who listens there, where that is known.
        holder: Option<String>,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where the server was to listen.
        address: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The server does not start, or stopped by itself.
    #[error(transparent)]
    Server(#[from] alyx_http::ServeError),
    /// Accounts do not do what was asked.
    #[error(transparent)]
    Auth(#[from] alyx_auth::Error),
    /// The database does not do what was asked.
    #[error(transparent)]
    Store(#[from] alyx_store::Error),
    /// The database cannot be brought in line with the project.
    #[error(transparent)]
    Migration(#[from] alyx_store::migration::Error),
}

impl Error {
    /// The faults in the user's files, where that is what it is.
    #[must_use]
    pub fn faults(&self) -> Option<&Faults> {
        if let Self::Faults(faults) = self { Some(faults) } else { None }
    }

    /// For a person: what is wrong, why, and what to do about it.
    #[must_use]
    pub fn draw(&self, style: Style) -> String {
        if let Self::Faults(faults) = self {
            return format!("{}\n{}: {self}\n", faults.draw(style), style.red("error"));
        }
        let mut causes = Vec::new();
        let mut next: Option<&dyn std::error::Error> = Some(self);
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        let mut drawing = draw_chain(causes, style);
        if let Some(hint) = self.hint() {
            drawing.push_str(&format!("{}: {hint}\n", style.green("hint")));
        }
        drawing
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoFolder { .. } => Some("`alyx-cli init NAME` makes a project".to_owned()),
            Self::NoSchema { .. } => {
                Some("give the project's folder, or make a project with `alyx-cli init NAME`".to_owned())
            }
            Self::Served { .. } => Some("stop that server first".to_owned()),
            Self::Outdated => Some("start the server again, so that the change is applied".to_owned()),
            Self::FilesWait { .. } => {
                Some("`alyx-cli migrate apply --dry-run` tries it on a copy, and the next start applies it".to_owned())
            }
            Self::Engine(_) => Some(
                "start Docker or Podman, name its socket by functions.engine, or set functions.mode to auto or process"
                    .to_owned(),
            ),
            Self::WeakToken(_) => Some("make one with `openssl rand -hex 32`".to_owned()),
            Self::Taken { .. } => Some("stop it, or choose another port: `--port 8091`".to_owned()),
            _ => None,
        }
    }
}

/// Draws an error and its causes, the outermost first.
#[must_use]
pub fn draw_chain(causes: impl IntoIterator<Item = String>, style: Style) -> String {
    let mut drawing = String::new();
    let mut last = String::new();
    for cause in causes {
        if drawing.is_empty() {
            drawing = format!("{}: {cause}\n", style.red("error"));
        } else if cause != last {
            drawing.push_str(&format!("  {}: {cause}\n", style.dim("because")));
        }
        last = cause;
    }
    drawing
}

/// ` by NAME`, where the name is known.
fn by(holder: Option<&str>) -> String {
    holder.map(|holder| format!(" by {holder}")).unwrap_or_default()
}

fn count(faults: &Faults) -> String {
    match faults.diagnostics.len() {
        1 => "1 fault in the project's files".to_owned(),
        number => format!("{number} faults in the project's files"),
    }
}
