//! The sections of `alyx.yaml`, one file each. A setting is added by one line in its section.

mod auth;
mod database;
mod development;
mod frontend;
mod functions;
mod logging;
mod mail;
mod oauth;
mod pages;
mod realtime;
mod server;

pub use auth::{Algorithm, Auth, Jwt, Links, Password, RateLimit};
pub use database::{Database, Synchronous, Transactions};
pub use development::Dev;
pub use frontend::Frontend;
pub use functions::{FunctionMode, FunctionNetwork, Functions, Runtime};
pub use logging::{LogFormat, LogLevel, Logging};
pub use mail::{Encryption, Mail};
pub use oauth::{Apple, Discord, GitHub, GitLab, Google, Microsoft, OAuth, OpenId};
pub use pages::{AdminUi, Docs};
pub use realtime::Realtime;
pub use server::{Cors, Server, Timeouts, Tls};
