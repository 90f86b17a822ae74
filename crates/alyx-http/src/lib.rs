//! The HTTP face of Alyx: the collections API, health, metrics, OpenAPI and the documentation page.
//!
//! It turns requests into calls of the store and answers into bytes. It holds no SQL, decides nothing
//! about data, and reads no files besides certificates. [`serve`] runs a server; [`configure`] mounts
//! the same routes in an actix app of your own.
//!
//! ```no_run
//! use alyx_http::{AppState, Options, Served, serve};
//!
//! # async fn run(served: Served, auth: alyx_auth::Auth) -> Result<(), alyx_http::ServeError> {
//! let listener = std::net::TcpListener::bind("127.0.0.1:8090").expect("the port is free");
//! let server = serve(AppState::new(served, auth, Options::default()), vec![listener])?;
//! println!("listening on {}", server.addresses()[0]);
//! server.run_until_signal().await
//! # }
//! ```

mod access;
mod admin;
mod auth;
mod body;
mod client_address;
mod collections;
mod docs;
mod error;
mod functions;
mod layer;
mod metrics;
pub mod openapi;
mod options;
mod pages;
mod query_string;
mod realtime;
mod routes;
mod served;
mod server;
mod state;
mod system;
mod transactions;

pub use error::{ApiError, Code, Detail};
pub use options::{
    AdminToken, CorsOptions, ExecutionOptions, ListenOptions, Options, RealtimeOptions, TlsFiles, TransactionOptions,
};
pub use routes::{configure, configure_with};
pub use served::Served;
pub use server::{ServeError, ServerHandle, serve};
pub use state::AppState;
