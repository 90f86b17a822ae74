//! What the checker finds: each kind of broken promise, with what shows it.

use std::fmt;

/// Which promise is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Something did not come, or did not come in time.
    Lost,
    /// Something came that the client had.
    Duplicated,
    /// Something came that the caller might never read.
    Forbidden,
    /// A message is not as documented.
    Protocol,
}

/// A broken promise.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

impl Fault {
    pub(crate) fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// The same with more about where it was seen.
    pub(crate) fn seen(mut self, text: &str) -> Self {
        self.text.push('\n');
        self.text.push_str(text);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Lost => "lost",
            Kind::Duplicated => "duplicated",
            Kind::Forbidden => "forbidden",
            Kind::Protocol => "not as documented",
        };
        write!(f, "{kind}: {}", self.text)
    }
}

impl std::error::Error for Fault {}
