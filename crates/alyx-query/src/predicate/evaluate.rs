//! The matcher: what a predicate says of a document in memory.
//!
//! The store says the same in SQL; a property test there holds the two equal.

use std::{cmp::Ordering, ops::Not};

use alyx_schema::Value;
use serde_json::Value as Json;

use super::{Comparison, Fields, Predicate, Truth};
use crate::like::like;

impl Predicate {
    /// Whether the document is a match: unknown is none.
    #[must_use]
    pub fn matches<F: Fields + ?Sized>(&self, document: &F) -> bool {
        self.evaluate(document) == Truth::True
    }

    /// What the predicate says of the document.
    #[must_use]
    pub fn evaluate<F: Fields + ?Sized>(&self, document: &F) -> Truth {
        match self {
            Self::Constant(truth) => *truth,
            Self::Compare { field, comparison, value } => comparison.evaluate(document.value(field), value),
            Self::In { field, values } => values.contains(document.value(field)).into(),
            Self::Like { field, pattern } => of_text(document.value(field), |text| like(pattern, text)),
            Self::ContainsText { field, text } => of_text(document.value(field), |whole| whole.contains(text.as_str())),
            Self::ContainsItem { field, item } => contains_item(document.value(field), item),
            Self::IsNull(field) => document.value(field).is_null().into(),
            Self::And(parts) => decide(parts, document, Truth::False),
            Self::Or(parts) => decide(parts, document, Truth::True),
            Self::Not(inner) => !inner.evaluate(document),
        }
    }
}

/// The first operand that is `deciding` ends it; otherwise one unknown operand makes it unknown.
fn decide<F: Fields + ?Sized>(parts: &[Predicate], document: &F, deciding: Truth) -> Truth {
    let mut result = !deciding;
    for part in parts {
        match part.evaluate(document) {
            truth if truth == deciding => return truth,
            Truth::Unknown => result = Truth::Unknown,
            _ => {}
        }
    }
    result
}

impl Comparison {
    /// What this comparison says of two values of one type.
    #[must_use]
    pub fn evaluate(self, left: &Value, right: &Value) -> Truth {
        let holds: fn(Ordering) -> bool = match self {
            Self::Eq => return (left == right).into(),
            Self::Ne => return (left != right).into(),
            Self::Gt => Ordering::is_gt,
            Self::Gte => Ordering::is_ge,
            Self::Lt => Ordering::is_lt,
            Self::Lte => Ordering::is_le,
        };
        order(left, right).map_or(Truth::Unknown, |ordering| holds(ordering).into())
    }
}

/// The order of two values of one type; none with null, and for types without an order.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn of_text(value: &Value, holds: impl FnOnce(&str) -> bool) -> Truth {
    match value {
        Value::Text(text) => holds(text).into(),
        _ => Truth::Unknown,
    }
}

fn contains_item(value: &Value, item: &Json) -> Truth {
    match value {
        Value::Json(Json::Array(items)) => items.contains(item).into(),
        Value::Json(_) => Truth::False,
        _ => Truth::Unknown,
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}
