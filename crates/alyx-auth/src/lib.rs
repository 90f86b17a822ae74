//! Who somebody is: accounts, sessions and tokens.
//!
//! It leaves out what somebody may do (rules), how it looks over HTTP, and SQL. Time, ids and randomness are arguments.
//!
//! ```
//! use alyx_auth::{Auth, AuthOptions, Authority, Client, Principal};
//! use alyx_store::{Database, StoreOptions};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let project = folder.path();
//! # let schema = alyx_schema::parse_schema("schema.yaml", "version: 1\ncollections: {}").map_err(|faults| format!("{faults:?}"))?;
//! # let store = Database::open(&StoreOptions::new(project.join("alyx.db"))).await?.into_store(schema.into()).await?;
//! let auth = Auth::open(AuthOptions::new(&alyx_config::Config::default(), project))?;
//! auth.create_administrator(&store, ("ada@example.com", "correct horse"), &Authority::cli()).await?;
//! let signed_in = auth.login(&store, "Ada@example.com", "correct horse", &Client::default()).await?;
//! match auth.authenticate(&store, &signed_in.tokens.access_token).await? {
//!     Principal::Account(ada) => assert!(ada.is_administrator()),
//!     Principal::DeployToken(_) => unreachable!("that is another kind of token"),
//! }
//! # store.close().await;
//! # Ok(())
//! # }
//! ```

mod account;
mod auth;
mod authenticate;
mod background;
mod cache;
mod client;
mod error;
mod jwt_crypto;
mod keyring;
mod limits;
mod links;
mod mail;
pub mod oauth;
mod pace;
mod password;
mod permission;
mod random;
mod remembered;
mod session;
mod token;
mod verified;

pub use account::{AccountChanges, AccountDraft, Authority, CreatedDeployToken, Registered};
pub use auth::{ADMINISTRATOR, Auth, AuthOptions, USER};
pub use authenticate::{AccountPrincipal, DeployPrincipal, Principal};
pub use client::Client;
pub use error::{Error, Result};
pub use keyring::{RotatedKey, rotate_keys};
pub use mail::{Console, Mail, MailFault, Mailer};
pub use password::{PasswordFault, seed_hasher};
pub use permission::Permission;
pub use random::{Random, SystemRandom};
pub use session::SignedIn;
pub use token::Tokens;
