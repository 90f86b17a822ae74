//! Accounts, their sessions and what proves that somebody may act for one: tables and statements.
//!
//! Nothing here decides: passwords, tokens and rules are the business of `alyx-auth`. Reads are methods of
//! [`crate::Store`]; writes are methods of [`crate::Transaction`], so that an act of several is one transaction.

mod audit;
mod cells;
mod changes;
mod deploy_token;
mod email;
mod id;
mod oauth;
mod one_time_token;
mod profile;
mod session;
mod user;

pub use audit::{Actor, ActorKind, AuditEntry, AuditQuery, NewAuditEntry};
pub use changes::{AccountChange, AccountChangeKind, AccountChanges};
pub use deploy_token::{DeployToken, NewDeployToken, StoredDeployToken};
pub use email::canonical_email;
pub use id::{AccountId, SessionId};
pub use oauth::{NewOAuthState, OAuthAccount, OAuthState};
pub use one_time_token::{NewOneTimeToken, OneTimeToken};
pub use session::{NewSession, RefreshState, Rotation, Session, SessionState};
pub use user::{Account, AccountQuery, AccountUpdate, Accounts, Credentials, NewAccount};

pub(crate) use changes::TRIM as TRIM_CHANGES;
pub(crate) use user::insertion;

/// Rows that have expired go, so many in one statement.
pub(crate) const EXPIRED: [&str; 3] = [session::EXPIRED, one_time_token::EXPIRED, oauth::EXPIRED];

#[cfg(test)]
mod tests;
