//! Mail about accounts: what it says, and the ways it leaves.

mod console;
mod letter;
mod outbox;
mod smtp;
mod template;

use std::fmt;

use futures_util::future::BoxFuture;

pub use console::Console;
pub(crate) use letter::{Letter, Letters};
pub(crate) use outbox::Outbox;
pub(crate) use smtp::Smtp;

/// A mail that is ready to leave; shows neither its text nor its link.
#[derive(Clone)]
pub struct Mail {
    /// What kind of mail it is: `reset-password`.
    pub kind: &'static str,
    /// Whom it is for.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The link in it, if there is one.
    pub link: Option<String>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("kind", &self.kind).field("to", &self.to).finish_non_exhaustive()
    }
}

/// Why a mail did not leave.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{reason}")]
pub struct MailFault {
    /// In words.
    pub reason: String,
    /// Whether it would fail again.
    pub is_final: bool,
}

/// A way for mail to leave.
pub trait Mailer: Send + Sync {
    /// Sends one mail.
    fn send<'m>(&'m self, mail: &'m Mail) -> BoxFuture<'m, Result<(), MailFault>>;
}
