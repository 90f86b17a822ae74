//! The values of CEL. What they are equal to is in `equality`, where they come from in `convert`.

mod convert;
mod equality;
mod map;

use std::{fmt, sync::Arc};

use crate::{
    limits::MAX_WEIGHT,
    time::{Duration, Timestamp},
};

pub(crate) use convert::{from_json, from_stored, whole};
pub(crate) use map::{Key, Map, Operators};

/// One value. Cloning is cheap.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Arc<str>),
    Bytes(Arc<[u8]>),
    List(Arc<Vec<Value>>),
    Map(Arc<Map>),
    Timestamp(Timestamp),
    Duration(Duration),
    Type(TypeName),
    Optional(Option<Arc<Value>>),
}

/// A type as a value, as `type(x)` answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeName {
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    List,
    Map,
    Timestamp,
    Duration,
    Type,
    Optional,
}

impl TypeName {
    pub(crate) const ALL: [Self; 13] = [
        Self::Null,
        Self::Bool,
        Self::Int,
        Self::Uint,
        Self::Double,
        Self::String,
        Self::Bytes,
        Self::List,
        Self::Map,
        Self::Timestamp,
        Self::Duration,
        Self::Type,
        Self::Optional,
    ];

    /// Its name in CEL.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Double => "double",
            Self::String => "string",
            Self::Bytes => "bytes",
            Self::List => "list",
            Self::Map => "map",
            Self::Timestamp => "google.protobuf.Timestamp",
            Self::Duration => "google.protobuf.Duration",
            Self::Type => "type",
            Self::Optional => "optional_type",
        }
    }
}

impl Value {
    pub(crate) fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    pub(crate) fn bytes(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::Bytes(bytes.into())
    }

    pub(crate) fn list(items: Vec<Self>) -> Self {
        Self::List(Arc::new(items))
    }

    pub(crate) fn map(map: Map) -> Self {
        Self::Map(Arc::new(map))
    }

    pub(crate) fn some(value: Self) -> Self {
        Self::Optional(Some(Arc::new(value)))
    }

    pub(crate) const NONE: Self = Self::Optional(None);

    pub(crate) fn type_name(&self) -> TypeName {
        match self {
            Self::Null => TypeName::Null,
            Self::Bool(_) => TypeName::Bool,
            Self::Int(_) => TypeName::Int,
            Self::Uint(_) => TypeName::Uint,
            Self::Double(_) => TypeName::Double,
            Self::String(_) => TypeName::String,
            Self::Bytes(_) => TypeName::Bytes,
            Self::List(_) => TypeName::List,
            Self::Map(_) => TypeName::Map,
            Self::Timestamp(_) => TypeName::Timestamp,
            Self::Duration(_) => TypeName::Duration,
            Self::Type(_) => TypeName::Type,
            Self::Optional(_) => TypeName::Optional,
        }
    }

    /// Whether it is no value that can be compared: an operator of an update, or a body that has some.
    ///
    /// What a field becomes by an operator is not known, so that whatever a rule says of it is unknown too.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Map(map) => map.operators() != Operators::None,
            Self::Optional(Some(inner)) => inner.is_open(),
            _ => false,
        }
    }

    /// Whether such a key is in the place of a value that is not known. Of an operator only its name is a key.
    pub(crate) fn hides(&self, key: &Self) -> bool {
        let is_name = matches!(key, Self::String(key) if key.starts_with('$'));
        matches!(self, Self::Map(map) if map.operators() == Operators::Itself) && !is_name
    }

    /// Whether it is what its type starts from: 0, the empty text, null and the like.
    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(flag) => !flag,
            Self::Int(number) => *number == 0,
            Self::Uint(number) => *number == 0,
            Self::Double(number) => *number == 0.0,
            Self::String(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(map) => map.is_empty(),
            Self::Timestamp(time) => *time == Timestamp::EPOCH,
            Self::Duration(length) => *length == Duration::ZERO,
            Self::Type(_) => false,
            Self::Optional(inner) => inner.is_none(),
        }
    }

    /// How much work it is to look at all of it, in bytes or items: [`MAX_WEIGHT`] at most.
    ///
    /// Lists that hold one list many times are larger than the work that it took to make them, so that this stops.
    pub(crate) fn weight(&self) -> usize {
        let mut left = MAX_WEIGHT;
        self.weigh(&mut left);
        MAX_WEIGHT - left
    }

    /// Takes what it weighs off what is left, as long as something is.
    fn weigh(&self, left: &mut usize) {
        match self {
            _ if *left == 0 => {}
            Self::List(items) => items.iter().take_while(|item| item.weigh_within(16, left)).for_each(drop),
            Self::Map(map) => {
                map.iter().take_while(|(key, value)| value.weigh_within(32 + key.weight(), left)).for_each(drop);
            }
            Self::Optional(Some(inner)) => inner.weigh(left),
            Self::String(text) => *left = left.saturating_sub(text.len()),
            Self::Bytes(bytes) => *left = left.saturating_sub(bytes.len()),
            _ => {}
        }
    }

    /// The same for a part of something; whether anything is left.
    fn weigh_within(&self, own: usize, left: &mut usize) -> bool {
        *left = left.saturating_sub(own);
        self.weigh(left);
        *left > 0
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
