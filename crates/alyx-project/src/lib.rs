//! A project folder, read and checked, and the server that runs it: what both binaries share.
//!
//! [`Settings::load`] reads `alyx.yaml`, [`Project::load`] the data model and the migrations besides;
//! [`Project::open`] brings the database in line and [`Running`] is the server on it. Faults in the
//! user's files become [`Faults`], drawn with the line that they are about. No arguments are parsed here.
//!
//! ```
//! use alyx_project::{Flags, Project, Style};
//!
//! let folder = tempfile::tempdir().unwrap();
//! std::fs::write(folder.path().join("schema.yaml"), "version: 1\ncollectoins: {}\n").unwrap();
//! let error = Project::load(folder.path(), &Flags::default()).unwrap_err();
//! assert!(error.draw(Style::Plain).contains("--> schema.yaml:2:1"));
//! ```

mod accounts;
mod database;
mod error;
mod faults;
mod files;
mod functions;
mod lock;
mod logging;
mod options;
mod port;
mod project;
mod reload;
mod server;
mod settings;
mod style;
mod token;

pub use accounts::Accounts;
pub use alyx_functions::Deployment;
pub use database::Opened;
pub use error::{Error, Result, draw_chain};
pub use faults::Faults;
pub use files::{MIGRATIONS, SCHEMA, TextFile, migration_texts, read_text, seed_file};
pub use functions::FUNCTIONS;
pub use lock::DataLock;
pub use logging::start_logging;
pub use project::Project;
pub use reload::Reloader;
pub use server::{Running, Serving};
pub use settings::{ADMIN_TOKEN_VARIABLE, Flags, Settings};
pub use style::Style;
pub use token::{TokenSource, admin_token, developer_token};
