//! Types as the checker sees them: what fits where, and what they are called in messages.

use std::{collections::HashMap, fmt, sync::Arc};

use crate::value::{TypeName, Value};

/// The type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    /// Anything: known when it is evaluated.
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    /// That of types themselves.
    Meta,
    List(Arc<Type>),
    Map(Arc<Type>, Arc<Type>),
    Optional(Arc<Type>),
    /// In signatures: any of the three types of numbers.
    Number,
    /// In signatures: any type, the same wherever the letter stands.
    Parameter(char),
}

/// What the letters of a signature stand for in one call.
pub(crate) type Bindings = HashMap<char, Type>;

impl Type {
    pub(crate) fn list(item: Self) -> Self {
        Self::List(Arc::new(item))
    }

    pub(crate) fn map(key: Self, value: Self) -> Self {
        Self::Map(Arc::new(key), Arc::new(value))
    }

    pub(crate) fn optional(inner: Self) -> Self {
        Self::Optional(Arc::new(inner))
    }

    /// The type of a constant.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::List(items) => Self::list(Self::joined(items.iter().map(Self::of))),
            Value::Map(map) => Self::map(
                Self::joined(map.iter().map(|(key, _)| Self::of(&key.value()))),
                Self::joined(map.iter().map(|(_, value)| Self::of(value))),
            ),
            Value::Optional(inner) => Self::optional(inner.as_ref().map_or(Self::Dyn, |inner| Self::of(inner))),
            other => Self::named(other.type_name()),
        }
    }

    /// The type of the name, whatever it holds.
    fn named(name: TypeName) -> Self {
        match name {
            TypeName::Null => Self::Null,
            TypeName::Bool => Self::Bool,
            TypeName::Int => Self::Int,
            TypeName::Uint => Self::Uint,
            TypeName::Double => Self::Double,
            TypeName::String => Self::String,
            TypeName::Bytes => Self::Bytes,
            TypeName::List => Self::list(Self::Dyn),
            TypeName::Map => Self::map(Self::Dyn, Self::Dyn),
            TypeName::Timestamp => Self::Timestamp,
            TypeName::Duration => Self::Duration,
            TypeName::Type => Self::Meta,
            TypeName::Optional => Self::optional(Self::Dyn),
        }
    }

    /// The one type of all, or anything.
    pub(crate) fn joined(types: impl IntoIterator<Item = Self>) -> Self {
        let mut types = types.into_iter();
        let Some(first) = types.next() else { return Self::Dyn };
        types.fold(first, |joined, next| joined.join(next))
    }

    /// The type of a value that is one of two; null is a value of every type.
    pub(crate) fn join(self, other: Self) -> Self {
        match (self, other) {
            (left, right) if left == right => left,
            (Self::Null, other) | (other, Self::Null) => other,
            (Self::List(left), Self::List(right)) => Self::list((*left).clone().join((*right).clone())),
            _ => Self::Dyn,
        }
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Uint | Self::Double)
    }

    /// Whether values of the two can be equal: numbers of all types among each other, null and dyn with all.
    pub(crate) fn compares_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dyn | Self::Null, _) | (_, Self::Dyn | Self::Null) => true,
            (Self::List(left), Self::List(right)) | (Self::Optional(left), Self::Optional(right)) => {
                left.compares_with(right)
            }
            (Self::Map(key, value), Self::Map(other_key, other_value)) => {
                key.compares_with(other_key) && value.compares_with(other_value)
            }
            (left, right) => left == right || (left.is_number() && right.is_number()),
        }
    }

    /// Whether an argument of type `given` fits where a signature has this type.
    pub(crate) fn takes(&self, given: &Self, bindings: &mut Bindings) -> bool {
        match (self, given) {
            (Self::Parameter(letter), given) => match bindings.get(letter).cloned() {
                Some(Self::Dyn) | None => {
                    bindings.insert(*letter, given.clone());
                    true
                }
                Some(bound) => bound.compares_with(given),
            },
            (Self::Dyn, _) | (_, Self::Dyn) => true,
            (Self::Number, given) => given.is_number(),
            (Self::List(wanted), Self::List(given)) | (Self::Optional(wanted), Self::Optional(given)) => {
                wanted.takes(given, bindings)
            }
            (Self::Map(key, value), Self::Map(given_key, given_value)) => {
                key.takes(given_key, bindings) && value.takes(given_value, bindings)
            }
            (wanted, given) => wanted == given,
        }
    }

    /// The type with the letters of a signature replaced.
    pub(crate) fn bound(&self, bindings: &Bindings) -> Self {
        match self {
            Self::Parameter(letter) => bindings.get(letter).cloned().unwrap_or(Self::Dyn),
            Self::List(item) => Self::list(item.bound(bindings)),
            Self::Map(key, value) => Self::map(key.bound(bindings), value.bound(bindings)),
            Self::Optional(inner) => Self::optional(inner.bound(bindings)),
            other => other.clone(),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dyn => f.write_str("dyn"),
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Uint => f.write_str("uint"),
            Self::Double => f.write_str("double"),
            Self::String => f.write_str("string"),
            Self::Bytes => f.write_str("bytes"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Duration => f.write_str("duration"),
            Self::Meta => f.write_str("type"),
            Self::List(item) => write!(f, "list({item})"),
            Self::Map(key, value) => write!(f, "map({key}, {value})"),
            Self::Optional(inner) => write!(f, "optional({inner})"),
            Self::Number => f.write_str("number"),
            Self::Parameter(letter) => write!(f, "{letter}"),
        }
    }
}
