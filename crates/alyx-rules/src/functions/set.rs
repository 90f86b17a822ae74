//! Lists taken as sets.

use super::{Definition, no_overload};
use crate::{
    error::{Error, Result},
    value::Value,
};

/// Most comparisons of one call.
const MAX_COMPARISONS: usize = 1_000_000;

pub(super) const FUNCTIONS: &[Definition] = &[
    Definition(&["sets.contains(list(A), list(A)): bool"], |arguments| {
        of_lists(arguments, |left, right| right.iter().all(|item| holds(left, item)))
    }),
    Definition(&["sets.equivalent(list(A), list(A)): bool"], |arguments| {
        of_lists(arguments, |left, right| {
            right.iter().all(|item| holds(left, item)) && left.iter().all(|item| holds(right, item))
        })
    }),
    Definition(&["sets.intersects(list(A), list(A)): bool"], |arguments| {
        of_lists(arguments, |left, right| right.iter().any(|item| holds(left, item)))
    }),
];

fn of_lists(arguments: &[Value], test: fn(&[Value], &[Value]) -> bool) -> Result<Value> {
    match arguments {
        [Value::List(left), Value::List(right)] if left.len().saturating_mul(right.len()) > MAX_COMPARISONS => {
            Err(Error::Length)
        }
        [Value::List(left), Value::List(right)] => Ok(Value::Bool(test(left, right))),
        _ => no_overload(),
    }
}

fn holds(items: &[Value], wanted: &Value) -> bool {
    items.iter().any(|item| item.equals(wanted))
}
