//! Why a provider was of no use: for the log alone, in our words and without anything that proves who somebody is.

use std::borrow::Cow;

/// What went wrong with a provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Fault(pub(super) Cow<'static, str>);

impl Fault {
    pub(super) fn because(words: impl Into<Cow<'static, str>>) -> Self {
        Self(words.into())
    }

    /// A call that did not end with an answer. Its address is left out, since parameters could stand in it.
    pub(super) fn of_call(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut words = format!("a call failed: {error}");
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            words.push_str(&format!(": {error}"));
            cause = error.source();
        }
        Self(words.into())
    }
}
