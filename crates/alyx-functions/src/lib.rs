//! A project's functions: found in its folder, built, and run by workers in containers or processes.
//!
//! It knows neither HTTP routes nor the database: who calls and what of it a function sees comes in as JSON, and what
//! a function does to documents goes over the server's socket, to whoever listens there.

mod build;
mod client;
mod deploy;
mod deployed;
mod discover;
mod embedded;
mod execution;
mod function;
mod functions;
mod invoke;
mod layer;
mod options;
mod pool;
mod runtime;
mod typescript;
pub mod worker;

pub use deploy::{Deployer, Deployment};
pub use deployed::Deployed;
pub use discover::{Found, Variables, discover};
pub use execution::{Execution, Failure, FailureKind, LogEntry};
pub use function::{Dependencies, Function, Manifest};
pub use functions::{Entry, Functions};
pub use invoke::Call;
pub use layer::LayerFolder;
pub use options::{FunctionOptions, RuntimeOptions};
pub use pool::Figures;
pub use runtime::Runtime;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
