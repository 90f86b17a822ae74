//! Sizes, and functions of lists.

use std::cmp::Ordering;

use super::{Definition, no_overload};
use crate::{
    error::{Error, Result},
    limits::MAX_LENGTH,
    value::Value,
};

/// Longest list whose items are all compared with each other.
const MAX_COMPARED: usize = 1000;

pub(super) const FUNCTIONS: &[Definition] = &[
    Definition(
        &[
            "size(string): int",
            "size(bytes): int",
            "size(list(A)): int",
            "size(map(A, B)): int",
            "string.size(): int",
            "bytes.size(): int",
            "list(A).size(): int",
            "map(A, B).size(): int",
        ],
        size,
    ),
    Definition(&["list(A).distinct(): list(A)"], distinct),
    Definition(&["list(dyn).flatten(): list(dyn)", "list(dyn).flatten(int): list(dyn)"], flatten),
    Definition(&["list(A).slice(int, int): list(A)"], slice),
    Definition(&["list(A).sort(): list(A)"], sort),
    Definition(&["list(A).reverse(): list(A)", "string.reverse(): string"], reverse),
    Definition(&["lists.range(int): list(int)"], range),
];

/// A length as an int.
pub(super) fn length(length: usize) -> Value {
    Value::Int(i64::try_from(length).unwrap_or(i64::MAX))
}

fn size(arguments: &[Value]) -> Result<Value> {
    match arguments {
        [Value::String(text)] => Ok(length(text.chars().count())),
        [Value::Bytes(bytes)] => Ok(length(bytes.len())),
        [Value::List(items)] => Ok(length(items.len())),
        [Value::Map(map)] => Ok(length(map.len())),
        _ => no_overload(),
    }
}

fn distinct(arguments: &[Value]) -> Result<Value> {
    let [Value::List(items)] = arguments else { return no_overload() };
    if items.len() > MAX_COMPARED {
        return Err(Error::Length);
    }
    let mut seen: Vec<Value> = Vec::new();
    for item in items.iter() {
        if !seen.iter().any(|known| known.equals(item)) {
            seen.push(item.clone());
        }
    }
    Ok(Value::list(seen))
}

fn flatten(arguments: &[Value]) -> Result<Value> {
    let (items, depth) = match arguments {
        [Value::List(items)] => (items, 1),
        [Value::List(items), Value::Int(depth)] if *depth >= 0 => (items, *depth),
        [Value::List(_), Value::Int(_)] => return Err(Error::Argument("flatten() takes a depth of 0 or more")),
        _ => return no_overload(),
    };
    let mut flat = Vec::new();
    flatten_into(items, depth, &mut flat)?;
    Ok(Value::list(flat))
}

fn flatten_into(items: &[Value], depth: i64, flat: &mut Vec<Value>) -> Result<()> {
    for item in items {
        match item {
            Value::List(inner) if depth > 0 => flatten_into(inner, depth - 1, flat)?,
            other => flat.push(other.clone()),
        }
        if flat.len() > MAX_LENGTH {
            return Err(Error::Length);
        }
    }
    Ok(())
}

fn slice(arguments: &[Value]) -> Result<Value> {
    let [Value::List(items), Value::Int(start), Value::Int(end)] = arguments else { return no_overload() };
    let bound = |at: &i64| usize::try_from(*at).map_err(|_| Error::Index);
    items.get(bound(start)?..bound(end)?).map(|part| Value::list(part.to_vec())).ok_or(Error::Index)
}

fn sort(arguments: &[Value]) -> Result<Value> {
    let [Value::List(items)] = arguments else { return no_overload() };
    // Values of one type that have an order with themselves have one among each other, which sorting relies on.
    let is_total = items.windows(2).all(|pair| pair[0].type_name() == pair[1].type_name());
    if !is_total || items.iter().any(|item| item.order(item).is_err()) {
        return no_overload();
    }
    let mut sorted = items.to_vec();
    sorted.sort_by(|left, right| left.order(right).unwrap_or(Ordering::Equal));
    Ok(Value::list(sorted))
}

fn reverse(arguments: &[Value]) -> Result<Value> {
    match arguments {
        [Value::List(items)] => Ok(Value::list(items.iter().rev().cloned().collect())),
        [Value::String(text)] => Ok(Value::string(text.chars().rev().collect::<String>())),
        _ => no_overload(),
    }
}

fn range(arguments: &[Value]) -> Result<Value> {
    let [Value::Int(end)] = arguments else { return no_overload() };
    match usize::try_from(*end) {
        Ok(count) if count <= MAX_LENGTH => Ok(Value::list((0..*end).map(Value::Int).collect())),
        _ => Err(Error::Length),
    }
}
