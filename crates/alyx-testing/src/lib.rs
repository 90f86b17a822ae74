//! Test support: the real binaries in a temporary project, a small HTTP client to attack them with, and
//! doubles of the services that they talk to.
//!
//! A [`TestServer`] is a running `alyx-server` process on a free port with a fresh data folder. Its
//! [`Client`]s speak HTTP/1.1 over a plain socket, so that a test sees exactly what was sent. An
//! [`OidcProvider`] or [`OAuthProvider`] is somebody to sign in with, in a [`Browser`]; an [`SmtpSink`] takes
//! mail; [`Chromium`] shows pages with scripts in them. Nothing here knows the crates it tests, and nothing here is shipped.
//!
//! ```no_run
//! use alyx_testing::{TestServer, json};
//!
//! let server = TestServer::start("version: 1\ncollections: {}\n");
//! let made = server.admin().post("/api/collections/posts", &json!({"title": "Hello"})).expect_status(201);
//! assert_eq!(made.json()["title"], "Hello");
//! server.get("/api/collections/nothing").expect_status(404);
//! ```

mod browser;
mod chromium;
mod client;
mod command;
mod long_run;
mod loopback;
mod oauth;
mod oidc;
mod process;
mod project;
mod provider;
mod request;
mod response;
mod server;
mod smtp;
mod socket;

pub use browser::{Browser, Cookie};
pub use chromium::Chromium;
pub use client::{Client, encode};
pub use command::{Finished, run};
pub use long_run::{is_full, record};
pub use oauth::OAuthProvider;
pub use oidc::{Algorithm, OidcProvider};
pub use process::{Process, binary};
pub use project::TestProject;
pub use provider::{Endpoint, Lie, Person, Provider};
pub use request::Request;
pub use response::Response;
pub use serde_json::{Value, json};
pub use server::{ADMIN_TOKEN, TestServer, TestServerBuilder};
pub use smtp::{ReceivedMail, SmtpSink};
pub use socket::{Socket, Subscribed};
