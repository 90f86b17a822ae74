//! Why a call failed, in the caller's terms. HTTP statuses are decided in `alyx-http`, not here.

use std::{io, path::PathBuf};

use alyx_schema::{Diagnostic, FieldFault};
use alyx_store::Error as StoreError;

use crate::password::PasswordFault;

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failed call; none of them shows a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No account has this address and this password.
    #[error("the e-mail address or the password is wrong")]
    InvalidCredentials,
    /// The token is not one that is good for this.
    #[error("the token is not valid: {why}")]
    InvalidToken {
        /// In a few words.
        why: &'static str,
    },
    /// The token was good once.
    #[error("the token has expired")]
    TokenExpired,
    /// The account is shut out.
    #[error("this account is banned")]
    Banned,
    /// The account must confirm its address first.
    #[error("the e-mail address of this account is not confirmed yet")]
    NotVerified,
    /// The password does not meet the rules for passwords.
    #[error("the password is too weak: it {}", join(.faults))]
    WeakPassword {
        /// Every rule that it breaks.
        faults: Vec<PasswordFault>,
    },
    /// What was sent is not what is wanted.
    #[error("{} is wrong: it {}", .0.first().map_or("something", |fault| &fault.field), .0.first().map_or("", |fault| &fault.message))]
    Invalid(Vec<FieldFault>),
    /// Another account, profile or token has this already.
    #[error("{} must be unique and this value is taken", .fields.join(", "))]
    Taken {
        /// What is taken.
        fields: Vec<String>,
    },
    /// The create rule of the profile does not let this caller make an account.
    #[error("making an account is not allowed")]
    Denied,
    /// There were too many attempts.
    #[error("too many attempts; try again in {retry_after} s")]
    RateLimited {
        /// Seconds until the next one may succeed.
        retry_after: u64,
    },
    /// More passwords wait to be checked than the server takes on.
    #[error("too many passwords wait to be checked")]
    Busy,
    /// There is no such role.
    #[error("there is no role {role}; there are {}", .known.join(", "))]
    UnknownRole {
        /// The role.
        role: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// There is no such provider to sign in with.
    #[error("there is no sign-in with {name}")]
    UnknownProvider {
        /// The name.
        name: String,
    },
    /// A provider to sign in with is of no use, as it answers or as it is configured.
    #[error("sign-in with {name} does not work: {why}")]
    Provider {
        /// Its name.
        name: String,
        /// In words for the log.
        why: String,
    },
    /// There is no such account.
    #[error("there is no such account")]
    UnknownAccount,
    /// There is no such session.
    #[error("there is no such session")]
    UnknownSession,
    /// There is no such deploy token.
    #[error("there is no deploy token {name}")]
    UnknownDeployToken {
        /// The name.
        name: String,
    },
    /// There is an administrator, so nothing is to be set up.
    #[error("there is an administrator already")]
    AlreadySetUp,
    /// The keys that sign tokens cannot be had.
    #[error("cannot {doing} {}", path.display())]
    Keys {
        /// What was being done.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A secret of the configuration signs tokens, so there is no key to rotate.
    #[error("auth.jwt.secret signs tokens: change it, and put the old one into auth.jwt.previous_secrets")]
    KeyIsConfigured,
    /// Texts of mail that the project brings are wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Templates(Vec<Diagnostic>),
    /// Mail cannot be sent as it is configured.
    #[error("mail cannot be sent: {0}")]
    Mail(String),
    /// The system has no randomness to give.
    #[error("the system has no randomness to give")]
    NoRandomness,
    /// The threads that check passwords cannot be started, or are gone.
    #[error("passwords cannot be checked")]
    NoWorkers(#[source] io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken { fields } => {
                Self::Taken { fields: fields.iter().map(|field| field.as_str().to_owned()).collect() }
            }
            other => Self::Store(other),
        }
    }
}

/// One fault of what was sent.
pub(crate) fn fault(field: &str, code: &'static str, message: impl Into<String>) -> FieldFault {
    FieldFault { field: field.to_owned(), code, message: message.into() }
}

fn join(faults: &[PasswordFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
