//! Numbers of one type against fields of another, exactly.

use alyx_query::{Comparison, FieldRef, Predicate};
use alyx_schema::Value as Stored;

use super::{compare, compare::Equal, unless_null};
use crate::{
    tree::FieldPath,
    value::{Value, whole},
};

/// Above, doubles do not tell integers apart (2^53).
const EXACT: f64 = 9_007_199_254_740_992.0;
/// Beyond all integers of 64 bits, with and without a sign (2^64).
const BEYOND: f64 = 18_446_744_073_709_551_616.0;

/// A comparison with a number, in the field's type.
pub(super) enum Bound {
    Compare(Comparison, Stored),
    /// All numbers of the field's type lie on one side.
    Constant(bool),
}

impl Bound {
    pub(super) fn predicate(self, path: &FieldPath, field: FieldRef) -> Predicate {
        match self {
            Self::Compare(comparison, value) => compare(field, comparison, value),
            Self::Constant(holds) => unless_null(path, field, holds),
        }
    }
}

pub(super) fn equal_int(value: &Value) -> Equal {
    match value {
        Value::Int(number) => Equal::To(Stored::Int(*number)),
        Value::Uint(number) => i64::try_from(*number).map_or(Equal::Never, |number| Equal::To(Stored::Int(number))),
        // So large a double is equal to several integers.
        Value::Double(number) if number.abs() >= EXACT && number.abs() < BEYOND => Equal::Unclear,
        Value::Double(number) => whole(*number).map_or(Equal::Never, |number| Equal::To(Stored::Int(number))),
        _ => Equal::Never,
    }
}

pub(super) fn equal_double(value: &Value) -> Equal {
    match as_double(value) {
        Some(number) if number.is_finite() => Equal::To(Stored::Float(number)),
        _ => Equal::Never,
    }
}

/// The double that decides comparisons with a number; never `-0.0`, which is not stored.
#[expect(clippy::cast_precision_loss, reason = "comparisons of CEL are made with the nearest double")]
fn as_double(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Uint(number) => Some(*number as f64),
        Value::Double(number) => Some(*number + 0.0),
        _ => None,
    }
}

/// A number as the one JSON number that is equal to it.
pub(super) fn scalar(value: &Value) -> Option<serde_json::Value> {
    let is_small = as_double(value)?.abs() < EXACT;
    let number = match value {
        Value::Int(number) if is_small => (*number).into(),
        Value::Uint(number) if is_small => (*number).into(),
        Value::Double(number) if is_small => match whole(*number) {
            Some(number) => number.into(),
            None => serde_json::Number::from_f64(*number)?,
        },
        _ => return None,
    };
    Some(serde_json::Value::Number(number))
}

/// An int field against a number; nothing where the nearest doubles decide.
pub(super) fn int_bound(comparison: Comparison, value: &Value) -> Option<Bound> {
    let below = matches!(comparison, Comparison::Lt | Comparison::Lte);
    Some(match value {
        Value::Int(number) => Bound::Compare(comparison, Stored::Int(*number)),
        Value::Uint(number) => match i64::try_from(*number) {
            Ok(number) => Bound::Compare(comparison, Stored::Int(number)),
            Err(_) => Bound::Constant(below),
        },
        Value::Double(number) if number.abs() >= BEYOND => Bound::Constant(below == (*number > 0.0)),
        Value::Double(number) if number.abs() >= EXACT => return None,
        Value::Double(number) => {
            let rounded = match comparison {
                Comparison::Lt | Comparison::Gte => number.ceil(),
                _ => number.floor(),
            };
            Bound::Compare(comparison, Stored::Int(whole(rounded)?))
        }
        _ => return None,
    })
}

/// A float field against a number.
pub(super) fn double_bound(comparison: Comparison, value: &Value) -> Option<Bound> {
    let below = matches!(comparison, Comparison::Lt | Comparison::Lte);
    let number = as_double(value)?;
    Some(match number {
        // Stored floats are finite.
        _ if number.is_infinite() => Bound::Constant(below == (number > 0.0)),
        _ => Bound::Compare(comparison, Stored::Float(number)),
    })
}
