//! Test support: the real binaries in a temporary project, and a small HTTP client to attack them with.
//!
//! A [`TestServer`] is a running `alyx-server` process on a free port with a fresh data folder. Its
//! [`Client`]s speak HTTP/1.1 over a plain socket, so that a test sees exactly what was sent. Nothing
//! here knows the crates it tests, and nothing here is shipped.
//!
//! ```no_run
//! use alyx_testing::{TestServer, json};
//!
//! let server = TestServer::start("version: 1\ncollections: {}\n");
//! let made = server.admin().post("/api/collections/posts", &json!({"title": "Hello"})).expect_status(201);
//! assert_eq!(made.json()["title"], "Hello");
//! server.get("/api/collections/nothing").expect_status(404);
//! ```

mod client;
mod command;
mod long_run;
mod process;
mod project;
mod response;
mod server;

pub use client::{Client, encode};
pub use command::{Finished, run};
pub use long_run::{is_full, record};
pub use process::{Process, binary};
pub use project::TestProject;
pub use response::Response;
pub use serde_json::{Value, json};
pub use server::{ADMIN_TOKEN, TestServer, TestServerBuilder};
