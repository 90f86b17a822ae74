//! Why an evaluation has no value. To a rule all of these are one: unknown.

/// An evaluation without a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    #[error("nothing of that name takes such operands")]
    NoOverload,
    #[error("there is no such key")]
    NoKey,
    #[error("the index is out of range")]
    Index,
    #[error("a key must be a bool, a whole number or a text")]
    KeyType,
    #[error("a key stands twice")]
    KeyTwice,
    #[error("the number is too large")]
    Overflow,
    #[error("NaN has no order")]
    NotANumber,
    #[error("division by zero")]
    DivisionByZero,
    #[error("{0}")]
    Argument(&'static str),
    #[error("there is no such document")]
    NoDocument,
    #[error("the caller is anonymous")]
    Anonymous,
    #[error("the stored value has another type")]
    Stored,
    #[error("it takes too many steps")]
    Steps,
    #[error("the result is too long")]
    Length,
    #[error("it cannot be known")]
    Unknown,
}

pub(crate) type Result<T> = std::result::Result<T, Error>;
