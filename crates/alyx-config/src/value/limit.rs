//! Limits, which can be switched off.

use serde_json::Value as Json;

use super::{Value, Wrong};
use crate::Kind;

/// A limit, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit<T> {
    /// No limit.
    Off,
    /// This much and no more.
    At(T),
}

impl<T> Limit<T> {
    /// The limit, if there is one.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Off => None,
            Self::At(value) => Some(value),
        }
    }
}

impl<T: Value> Value for Limit<T> {
    fn kind() -> Kind {
        Kind::Limit(Box::new(T::kind()))
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        if text == "off" { Ok(Self::Off) } else { T::parse(text).map(Self::At) }
    }

    fn redacted(&self) -> Json {
        match self {
            Self::Off => "off".into(),
            Self::At(value) => value.redacted(),
        }
    }
}
