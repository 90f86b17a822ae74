//! What has to be known for an expression to have a value.

use super::Kind;

/// A set of things to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs(u8);

impl Needs {
    pub(crate) const NOTHING: Self = Self(0);
    pub(crate) const AUTH: Self = Self(1);
    pub(crate) const REQUEST: Self = Self(2);
    /// Fields of a document, other documents included.
    pub(crate) const DOCUMENT: Self = Self(4);
    pub(crate) const VARIABLE: Self = Self(8);

    /// What an expression needs besides what its parts need.
    pub(super) fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Auth(_) | Kind::Anonymous => Self::AUTH,
            Kind::Request(_) => Self::REQUEST,
            Kind::Field(_) | Kind::ExistsIn(_) => Self::DOCUMENT,
            Kind::Variable(_) => Self::VARIABLE,
            _ => Self::NOTHING,
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any of the others is among these.
    pub(crate) fn any_of(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}
