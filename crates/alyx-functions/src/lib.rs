//! A project's functions: found in its folder, built, and run by workers in containers or processes.
//!
//! It knows neither HTTP routes nor the database: who calls and what of it a function sees comes in as JSON, and what
//! a function does to documents goes over the server's socket, to whoever listens there.

mod function;
mod runtime;
pub mod worker;

pub use function::{Dependencies, Function, Manifest};
pub use runtime::Runtime;
