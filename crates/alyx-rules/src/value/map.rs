//! Maps: keys are bools, numbers and texts; `1`, `1u` and `1.0` are one key.

use std::hash::{Hash, Hasher};

use indexmap::IndexMap;

use super::Value;
use crate::error::{Error, Result};

/// A key as it was written.
#[derive(Clone, Debug)]
pub(crate) enum Key {
    Bool(bool),
    Int(i64),
    Uint(u64),
    String(std::sync::Arc<str>),
}

impl Key {
    /// The key to look up; none where no map can hold such a key.
    pub(crate) fn to_find(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(Self::Bool(*flag)),
            Value::Int(number) => Some(Self::Int(*number)),
            Value::Uint(number) => Some(Self::Uint(*number)),
            Value::Double(number) => Self::whole(*number),
            Value::String(text) => Some(Self::String(text.clone())),
            _ => None,
        }
    }

    /// The key to insert; doubles are none.
    pub(crate) fn to_insert(value: &Value) -> Result<Self> {
        match value {
            Value::Double(_) => Err(Error::KeyType),
            _ => Self::to_find(value).ok_or(Error::KeyType),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "whole and within the bounds of the type")]
    #[expect(clippy::cast_sign_loss, reason = "not below zero")]
    fn whole(number: f64) -> Option<Self> {
        const TWO_63: f64 = 9_223_372_036_854_775_808.0;
        let is_whole = number.fract() == 0.0;
        match number {
            _ if is_whole && (-TWO_63..TWO_63).contains(&number) => Some(Self::Int(number as i64)),
            _ if is_whole && (TWO_63..TWO_63 * 2.0).contains(&number) => Some(Self::Uint(number as u64)),
            _ => None,
        }
    }

    fn number(&self) -> Option<i128> {
        match self {
            Self::Int(number) => Some(i128::from(*number)),
            Self::Uint(number) => Some(i128::from(*number)),
            Self::Bool(_) | Self::String(_) => None,
        }
    }

    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Int(number) => Value::Int(*number),
            Self::Uint(number) => Value::Uint(*number),
            Self::String(text) => Value::String(text.clone()),
        }
    }

    pub(super) fn weight(&self) -> usize {
        if let Self::String(text) = self { text.len() } else { 0 }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::String(left), Self::String(right)) => left == right,
            _ => self.number().is_some() && self.number() == other.number(),
        }
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Bool(flag) => flag.hash(state),
            Self::String(text) => text.hash(state),
            Self::Int(_) | Self::Uint(_) => self.number().hash(state),
        }
    }
}

/// A map in the order in which it was written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Map {
    entries: IndexMap<Key, Value>,
    operators: Operators,
}

/// What a map has to do with the operators of an update, such as `{"$inc": 1}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Operators {
    /// Nothing.
    #[default]
    None,
    /// It is a body in which some are.
    Within,
    /// It is one, in the place of a value that is not known.
    Itself,
}

impl Map {
    /// The value of a key, if it is there.
    pub(crate) fn find(&self, key: &Value) -> Option<&Value> {
        self.entries.get(&Key::to_find(key)?)
    }

    /// The value of a textual key.
    pub(crate) fn field(&self, name: &std::sync::Arc<str>) -> Option<&Value> {
        self.entries.get(&Key::String(name.clone()))
    }

    /// The same map, of which this is known.
    pub(crate) fn with(self, operators: Operators) -> Self {
        Self { operators, ..self }
    }

    pub(crate) fn operators(&self) -> Operators {
        self.operators
    }

    /// Adds an entry; a key that is there already is an error.
    pub(crate) fn insert(&mut self, key: Key, value: Value) -> Result<()> {
        match self.entries.insert(key, value) {
            None => Ok(()),
            Some(_) => Err(Error::KeyTwice),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Key, &Value)> {
        self.entries.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Value> {
        self.entries.get(key)
    }
}
