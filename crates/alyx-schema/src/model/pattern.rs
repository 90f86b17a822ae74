//! A regular expression as written, compiled once.

use std::{fmt, ops::Deref, sync::Arc};

use regex::{Regex, RegexBuilder};

/// Most memory that one compiled expression may take.
const SIZE_LIMIT: usize = 1 << 20;

/// A regular expression, found anywhere in the text unless anchored; equal when written alike.
#[derive(Clone)]
pub struct Pattern {
    text: Arc<str>,
    regex: Regex,
}

/// Why a regular expression is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PatternError(String);

impl Pattern {
    /// Compiles the expression (syntax of the `regex` crate: linear time, no look-around).
    ///
    /// # Errors
    /// The expression is malformed or too large.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        match RegexBuilder::new(text).size_limit(SIZE_LIMIT).build() {
            Ok(regex) => Ok(Self { text: text.into(), regex }),
            Err(regex::Error::CompiledTooBig(_)) => Err(PatternError("it is too large".to_owned())),
            Err(error) => Err(PatternError(last_line(&error.to_string()))),
        }
    }

    /// The expression as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is found in `text`.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// The library draws the place over several lines; the reason is in the last.
fn last_line(message: &str) -> String {
    let line = message.lines().last().unwrap_or(message).trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

impl Deref for Pattern {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl serde::Serialize for Pattern {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}
