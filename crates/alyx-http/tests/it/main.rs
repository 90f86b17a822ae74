//! The HTTP face over real sockets: a server in this process, a database in a temporary folder.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod anonymity;
mod bodies;
mod compression;
mod cors;
mod create;
mod delete;
mod descriptions;
mod errors;
mod get;
mod health;
mod hostile;
mod list;
mod mounted;
mod request_ids;
mod shutdown;
mod support;
mod tls;
mod update;
