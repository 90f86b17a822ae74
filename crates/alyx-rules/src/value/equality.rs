//! Equality and order across types, as the specification has them, and sameness, which the syntax tree needs.

use std::cmp::Ordering;

use super::{Map, Value};
use crate::error::{Error, Result};

/// A number of any of the three types.
#[derive(Clone, Copy)]
enum Number {
    Whole(i128),
    Double(f64),
}

impl Value {
    /// CEL's `==`: numbers by what they are, values of different types never.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        if let (Some(left), Some(right)) = (self.number(), other.number()) {
            return order(left, right) == Some(Ordering::Equal);
        }
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::String(left), Self::String(right)) => left == right,
            (Self::Bytes(left), Self::Bytes(right)) => left == right,
            (Self::Timestamp(left), Self::Timestamp(right)) => left == right,
            (Self::Duration(left), Self::Duration(right)) => left == right,
            (Self::Type(left), Self::Type(right)) => left == right,
            (Self::List(left), Self::List(right)) => all_pairs(left, right, Self::equals),
            (Self::Map(left), Self::Map(right)) => maps(left, right, Self::equals),
            (Self::Optional(left), Self::Optional(right)) => match (left, right) {
                (Some(left), Some(right)) => left.equals(right),
                _ => left.is_none() && right.is_none(),
            },
            _ => false,
        }
    }

    /// The order of two values.
    pub(crate) fn order(&self, other: &Self) -> Result<Ordering> {
        if let (Some(left), Some(right)) = (self.number(), other.number()) {
            return order(left, right).ok_or(Error::NotANumber);
        }
        Ok(match (self, other) {
            (Self::Bool(left), Self::Bool(right)) => left.cmp(right),
            (Self::String(left), Self::String(right)) => left.cmp(right),
            (Self::Bytes(left), Self::Bytes(right)) => left.cmp(right),
            (Self::Timestamp(left), Self::Timestamp(right)) => left.cmp(right),
            (Self::Duration(left), Self::Duration(right)) => left.cmp(right),
            _ => return Err(Error::NoOverload),
        })
    }

    fn number(&self) -> Option<Number> {
        match self {
            Self::Int(number) => Some(Number::Whole(i128::from(*number))),
            Self::Uint(number) => Some(Number::Whole(i128::from(*number))),
            Self::Double(number) => Some(Number::Double(*number)),
            _ => None,
        }
    }
}

fn order(left: Number, right: Number) -> Option<Ordering> {
    match (left, right) {
        (Number::Whole(left), Number::Whole(right)) => Some(left.cmp(&right)),
        (Number::Double(left), Number::Double(right)) => left.partial_cmp(&right),
        (Number::Whole(left), Number::Double(right)) => whole_and_double(left, right),
        (Number::Double(left), Number::Whole(right)) => whole_and_double(right, left).map(Ordering::reverse),
    }
}

/// The nearest double of the whole number decides, as in other implementations of CEL; below 2^53 it is the number.
#[expect(clippy::cast_precision_loss, reason = "said above")]
fn whole_and_double(whole: i128, double: f64) -> Option<Ordering> {
    (whole as f64).partial_cmp(&double)
}

fn all_pairs(left: &[Value], right: &[Value], same: fn(&Value, &Value) -> bool) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
}

fn maps(left: &Map, right: &Map, same: fn(&Value, &Value) -> bool) -> bool {
    left.len() == right.len() && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
}

/// Sameness: `1` is not `1.0`, and NaN is itself.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(left), Self::Int(right)) => left == right,
            (Self::Uint(left), Self::Uint(right)) => left == right,
            (Self::Double(left), Self::Double(right)) => {
                left.to_bits() == right.to_bits() || (left.is_nan() && right.is_nan())
            }
            (Self::List(left), Self::List(right)) => all_pairs(left, right, Self::eq),
            (Self::Map(left), Self::Map(right)) => maps(left, right, Self::eq),
            (Self::Optional(Some(left)), Self::Optional(Some(right))) => left == right,
            _ => self.number().is_none() && other.number().is_none() && self.equals(other),
        }
    }
}
