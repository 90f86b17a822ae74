//! What an operator makes of a stored value.

use std::{cmp::Ordering, collections::HashSet};

use serde_json::Value as Json;

use super::{FieldFault, Operator, limits};
use crate::{Field, Value, field_type::Wrong};

impl Operator {
    /// The new value of a field that holds `stored`, checked as if it had been sent.
    ///
    /// # Errors
    /// Every fault of the new value.
    pub fn apply(&self, field: &Field, stored: Value) -> Result<Value, Vec<FieldFault>> {
        let mut faults = Vec::new();
        let value = match self.result(stored) {
            Ok(value) => limits::accept(field, &value.to_json(), &mut faults),
            Err(Wrong { code, message }) => {
                faults.push(FieldFault::new(field.name.as_str(), code, message));
                None
            }
        };
        value.filter(|_| faults.is_empty()).ok_or(faults)
    }

    fn result(&self, stored: Value) -> Result<Value, Wrong> {
        match self {
            Self::Increase(by) => arithmetic(stored, by, i64::checked_add, |left, right| left + right),
            Self::Multiply(by) => arithmetic(stored, by, i64::checked_mul, |left, right| left * right),
            Self::Least(value) => chosen(stored, value, Ordering::Less),
            Self::Greatest(value) => chosen(stored, value, Ordering::Greater),
            Self::Push(items) => {
                let mut list = list(stored)?.unwrap_or_default();
                list.extend_from_slice(items);
                Ok(Value::Json(list.into()))
            }
            Self::Pull(item) => Ok(match list(stored)? {
                Some(list) => Value::Json(list.into_iter().filter(|known| known != item).collect()),
                None => Value::Null,
            }),
            Self::AddToSet(items) => {
                let mut list = list(stored)?.unwrap_or_default();
                // Equal JSON in canonical form is equal text.
                let mut known: HashSet<String> = list.iter().map(Json::to_string).collect();
                list.extend(items.iter().filter(|item| known.insert(item.to_string())).cloned());
                Ok(Value::Json(list.into()))
            }
        }
    }
}

fn arithmetic(
    stored: Value,
    by: &Value,
    whole: fn(i64, i64) -> Option<i64>,
    float: fn(f64, f64) -> f64,
) -> Result<Value, Wrong> {
    match (stored, by) {
        (Value::Null, Value::Int(by)) => whole(0, *by).map(Value::Int).ok_or_else(too_large),
        (Value::Int(stored), Value::Int(by)) => whole(stored, *by).map(Value::Int).ok_or_else(too_large),
        (Value::Null, Value::Float(by)) => finite(float(0.0, *by)),
        (Value::Float(stored), Value::Float(by)) => finite(float(stored, *by)),
        _ => Err(not_of_the_type()),
    }
}

fn finite(result: f64) -> Result<Value, Wrong> {
    if result.is_finite() { Ok(Value::Float(result)) } else { Err(too_large()) }
}

fn too_large() -> Wrong {
    Wrong::new("RANGE", "would be larger than its type can hold")
}

/// The value that comes first in this order; the stored one where they are equal.
fn chosen(stored: Value, value: &Value, wanted: Ordering) -> Result<Value, Wrong> {
    let order = match (&stored, value) {
        (Value::Null, _) => return Ok(value.clone()),
        (Value::Int(stored), Value::Int(value)) => Some(value.cmp(stored)),
        (Value::Float(stored), Value::Float(value)) => value.partial_cmp(stored),
        // The order of text is that of its bytes, as in a sort; times are written so that it is theirs.
        (Value::Text(stored), Value::Text(value)) => Some(value.cmp(stored)),
        _ => return Err(not_of_the_type()),
    };
    Ok(if order == Some(wanted) { value.clone() } else { stored })
}

/// The items of a stored list; `None` is null.
fn list(stored: Value) -> Result<Option<Vec<Json>>, Wrong> {
    match stored {
        Value::Null | Value::Json(Json::Null) => Ok(None),
        Value::Json(Json::Array(items)) => Ok(Some(items)),
        _ => Err(Wrong::new("TYPE", "holds no list, which its operators change")),
    }
}

/// Such a value comes from somebody who writes to the database past the server.
fn not_of_the_type() -> Wrong {
    Wrong::new("TYPE", "holds a value of another type")
}
