//! Operators on values: comparisons across types, arithmetic without overflow, `in`, indexes.

use std::{cmp::Ordering, sync::Arc};

use crate::{
    error::{Error, Result},
    limits::MAX_LENGTH,
    time::{Duration, Timestamp},
    tree::Operator,
    value::{Key, Value},
};

/// The value of an operator; the right operand of a negation is not looked at.
pub(crate) fn apply(operator: Operator, left: &Value, right: &Value) -> Result<Value> {
    match operator {
        Operator::Equal | Operator::NotEqual if left.is_open() || right.is_open() => Err(Error::Unknown),
        Operator::In if left.is_open() || right.hides(left) => Err(Error::Unknown),
        Operator::Index | Operator::OptionalIndex | Operator::OptionalSelect if left.hides(right) => {
            Err(Error::Unknown)
        }
        Operator::Equal => Ok(Value::Bool(left.equals(right))),
        Operator::NotEqual => Ok(Value::Bool(!left.equals(right))),
        Operator::Less => compare(left, right, Ordering::is_lt),
        Operator::LessEqual => compare(left, right, Ordering::is_le),
        Operator::Greater => compare(left, right, Ordering::is_gt),
        Operator::GreaterEqual => compare(left, right, Ordering::is_ge),
        Operator::In => is_in(left, right),
        Operator::Add => add(left, right),
        Operator::Subtract => subtract(left, right),
        Operator::Multiply => multiply(left, right),
        Operator::Divide => divide(left, right),
        Operator::Remainder => remainder(left, right),
        Operator::Negate => negate(left),
        Operator::Index => index(left, right),
        Operator::OptionalIndex | Operator::OptionalSelect => optional(left, right),
    }
}

fn compare(left: &Value, right: &Value, holds: fn(Ordering) -> bool) -> Result<Value> {
    Ok(Value::Bool(holds(left.order(right)?)))
}

fn is_in(item: &Value, container: &Value) -> Result<Value> {
    match container {
        Value::List(items) => Ok(Value::Bool(items.iter().any(|known| known.equals(item)))),
        Value::Map(map) => match (Key::to_find(item), item) {
            (Some(_), _) => Ok(Value::Bool(map.find(item).is_some())),
            (None, Value::Double(_)) => Ok(Value::Bool(false)),
            // What can be no key of any map is not looked for.
            (None, _) => Err(Error::NoOverload),
        },
        _ => Err(Error::NoOverload),
    }
}

fn add(left: &Value, right: &Value) -> Result<Value> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => left.checked_add(*right).map(Value::Int).ok_or(Error::Overflow),
        (Value::Uint(left), Value::Uint(right)) => left.checked_add(*right).map(Value::Uint).ok_or(Error::Overflow),
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left + right)),
        (Value::String(left), Value::String(right)) => {
            within(left.len(), right.len())?;
            Ok(Value::string(format!("{left}{right}")))
        }
        (Value::Bytes(left), Value::Bytes(right)) => {
            within(left.len(), right.len())?;
            Ok(Value::bytes([&**left, &**right].concat()))
        }
        (Value::List(left), Value::List(right)) => {
            within(left.len(), right.len())?;
            Ok(Value::list(left.iter().chain(right.iter()).cloned().collect()))
        }
        (Value::Timestamp(moment), Value::Duration(length)) | (Value::Duration(length), Value::Timestamp(moment)) => {
            time(moment.plus(*length))
        }
        (Value::Duration(left), Value::Duration(right)) => duration(left.plus(*right)),
        _ => Err(Error::NoOverload),
    }
}

fn subtract(left: &Value, right: &Value) -> Result<Value> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => left.checked_sub(*right).map(Value::Int).ok_or(Error::Overflow),
        (Value::Uint(left), Value::Uint(right)) => left.checked_sub(*right).map(Value::Uint).ok_or(Error::Overflow),
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left - right)),
        (Value::Timestamp(moment), Value::Duration(length)) => time(moment.minus(*length)),
        (Value::Timestamp(left), Value::Timestamp(right)) => duration(left.since(*right)),
        (Value::Duration(left), Value::Duration(right)) => duration(left.minus(*right)),
        _ => Err(Error::NoOverload),
    }
}

fn time(moment: Option<Timestamp>) -> Result<Value> {
    moment.map(Value::Timestamp).ok_or(Error::Overflow)
}

fn duration(length: Option<Duration>) -> Result<Value> {
    length.map(Value::Duration).ok_or(Error::Overflow)
}

fn within(left: usize, right: usize) -> Result<()> {
    if left + right > MAX_LENGTH { Err(Error::Length) } else { Ok(()) }
}

fn multiply(left: &Value, right: &Value) -> Result<Value> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => left.checked_mul(*right).map(Value::Int).ok_or(Error::Overflow),
        (Value::Uint(left), Value::Uint(right)) => left.checked_mul(*right).map(Value::Uint).ok_or(Error::Overflow),
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left * right)),
        _ => Err(Error::NoOverload),
    }
}

fn divide(left: &Value, right: &Value) -> Result<Value> {
    match (left, right) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => Err(Error::DivisionByZero),
        (Value::Int(left), Value::Int(right)) => left.checked_div(*right).map(Value::Int).ok_or(Error::Overflow),
        (Value::Uint(left), Value::Uint(right)) => Ok(Value::Uint(left / right)),
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left / right)),
        _ => Err(Error::NoOverload),
    }
}

fn remainder(left: &Value, right: &Value) -> Result<Value> {
    match (left, right) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => Err(Error::DivisionByZero),
        (Value::Int(left), Value::Int(right)) => left.checked_rem(*right).map(Value::Int).ok_or(Error::Overflow),
        (Value::Uint(left), Value::Uint(right)) => Ok(Value::Uint(left % right)),
        _ => Err(Error::NoOverload),
    }
}

fn negate(operand: &Value) -> Result<Value> {
    match operand {
        Value::Int(number) => number.checked_neg().map(Value::Int).ok_or(Error::Overflow),
        Value::Double(number) => Ok(Value::Double(-number)),
        Value::Duration(length) => duration(length.negated()),
        _ => Err(Error::NoOverload),
    }
}

fn index(container: &Value, key: &Value) -> Result<Value> {
    match container {
        Value::List(items) => {
            let at = position(key)?.ok_or(Error::Index)?;
            items.get(at).cloned().ok_or(Error::Index)
        }
        Value::Map(map) => match Key::to_find(key) {
            Some(_) => map.find(key).cloned().ok_or(Error::NoKey),
            None => Err(Error::NoOverload),
        },
        Value::Optional(_) => optional(container, key),
        _ => Err(Error::NoOverload),
    }
}

/// The index that a number is; none where it is not within any list.
fn position(key: &Value) -> Result<Option<usize>> {
    match Key::to_find(key) {
        Some(Key::Int(at)) => Ok(usize::try_from(at).ok()),
        Some(Key::Uint(at)) => Ok(usize::try_from(at).ok()),
        None if matches!(key, Value::Double(_)) => Ok(None),
        _ => Err(Error::NoOverload),
    }
}

/// What stands there, or nothing: `a[?b]` and `a.?b`.
fn optional(container: &Value, key: &Value) -> Result<Value> {
    let found = match container {
        Value::Optional(None) => return Ok(Value::NONE),
        Value::Optional(Some(inner)) if inner.hides(key) => return Err(Error::Unknown),
        Value::Optional(Some(inner)) => return optional(inner, key),
        Value::List(items) => position(key)?.and_then(|at| items.get(at)),
        Value::Map(map) => map.find(key),
        _ => return Err(Error::NoOverload),
    };
    Ok(Value::Optional(found.map(|value| Arc::new(value.clone()))))
}
