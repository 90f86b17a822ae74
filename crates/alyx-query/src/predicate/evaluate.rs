//! The matcher: what a predicate says of a document in memory.
//!
//! The store says the same in SQL; a property test there holds the two equal.

use std::{cmp::Ordering, ops::Not};

use alyx_schema::{Collection, Document, Value};
use serde_json::Value as Json;

use super::{Comparison, FieldAt, FieldRef, Fields, Hop, Operand, Predicate, RelatedKey, Scan, Truth};
use crate::like::like;

/// The documents that a predicate can reach besides the one it is about.
pub trait World {
    /// The document whose unique field has this value.
    fn find(&self, collection: &Collection, field: &FieldRef, value: &Value) -> Option<Document>;

    /// Every document of a collection.
    fn all(&self, collection: &Collection) -> Vec<Document>;
}

impl Predicate {
    /// Whether the document is a match: unknown is none. Only what [is local](Predicate::is_local)
    /// can be one; use [`Predicate::evaluate_in`] for the rest.
    #[must_use]
    pub fn matches<F: Fields>(&self, document: &F) -> bool {
        self.evaluate(document) == Truth::True
    }

    /// What the predicate says of the document; what it would have to ask of others is unknown.
    #[must_use]
    pub fn evaluate<F: Fields>(&self, document: &F) -> Truth {
        self.in_reach(&Reach { document, outer: None, world: None })
    }

    /// What the predicate says of the document among others.
    #[must_use]
    pub fn evaluate_in<F: Fields>(&self, document: &F, world: &dyn World) -> Truth {
        self.in_reach(&Reach { document, outer: None, world: Some(world) })
    }

    fn in_reach(&self, reach: &Reach<'_>) -> Truth {
        let document = reach.document;
        match self {
            Self::Constant(truth) => *truth,
            Self::Compare { field, comparison, value } => comparison.evaluate(document.value(field), value),
            Self::In { field, values } => values.contains(document.value(field)).into(),
            Self::Like { field, pattern } => of_text(document.value(field), |text| like(pattern, text)),
            Self::ContainsText { field, text } => of_text(document.value(field), |whole| whole.contains(text.as_str())),
            Self::ContainsItem { field, item } => contains_item(document.value(field), item),
            Self::IsNull(field) => document.value(field).is_null().into(),
            Self::And(parts) => decide(parts, reach, Truth::False),
            Self::Or(parts) => decide(parts, reach, Truth::True),
            Self::Not(inner) => !inner.in_reach(reach),
            Self::CompareFields { left, comparison, right } => match (reach.at(left), reach.at(right)) {
                (Some(left), Some(right)) => comparison.evaluate(left, right),
                _ => Truth::Unknown,
            },
            Self::Related { key, target, target_field, predicate } => reach
                .related(key, (target, target_field))
                .map_or(Truth::Unknown, |found| reach.inside(&found, predicate)),
            Self::Exists { collection, predicate } => reach.exists(collection, predicate),
            Self::Outer { level, predicate } => {
                reach.outward(*level).map_or(Truth::Unknown, |outer| predicate.in_reach(outer))
            }
            Self::Scan(scan) => reach.scan(scan),
        }
    }
}

/// A document, those around it, and the rest of the world.
struct Reach<'a> {
    document: &'a dyn Fields,
    outer: Option<&'a Reach<'a>>,
    world: Option<&'a dyn World>,
}

impl Reach<'_> {
    fn outward(&self, level: usize) -> Option<&Reach<'_>> {
        if level == 0 { Some(self) } else { self.outer?.outward(level - 1) }
    }

    fn at(&self, place: &FieldAt) -> Option<&Value> {
        Some(self.outward(place.level)?.document.value(&place.field))
    }

    fn related(&self, key: &RelatedKey, (target, field): (&Collection, &FieldRef)) -> Option<Document> {
        let key = match key {
            RelatedKey::Field(place) => self.at(place)?,
            RelatedKey::Value(value) => value,
        };
        if key.is_null() { None } else { self.world?.find(target, field, key) }
    }

    fn inside(&self, document: &Document, predicate: &Predicate) -> Truth {
        predicate.in_reach(&Reach { document, outer: Some(self), world: self.world })
    }

    fn exists(&self, collection: &Collection, predicate: &Predicate) -> Truth {
        let Some(world) = self.world else { return Truth::Unknown };
        let mut result = Truth::False;
        for document in world.all(collection) {
            match self.inside(&document, predicate) {
                Truth::True => return Truth::True,
                Truth::Unknown => result = Truth::Unknown,
                Truth::False => {}
            }
        }
        result
    }

    fn scan(&self, scan: &Scan) -> Truth {
        if self.world.is_none() && scan.operands.iter().any(|operand| !operand.hops.is_empty()) {
            return Truth::Unknown;
        }
        let values: Vec<Option<Value>> = scan.operands.iter().map(|operand| self.operand(operand)).collect();
        scan.test.evaluate(&values)
    }

    fn operand(&self, operand: &Operand) -> Option<Value> {
        let first = self.outward(operand.level)?;
        let Some((hop, rest)) = operand.hops.split_first() else {
            return Some(first.document.value(&operand.field).clone());
        };
        let mut document = self.follow(hop, first.document)?;
        for hop in rest {
            document = self.follow(hop, &document)?;
        }
        Some(Fields::value(&document, &operand.field).clone())
    }

    fn follow(&self, hop: &Hop, document: &dyn Fields) -> Option<Document> {
        let key = document.value(&hop.field);
        if key.is_null() { None } else { self.world?.find(&hop.target, &hop.target_field, key) }
    }
}

/// The first operand that is `deciding` ends it; otherwise one unknown operand makes it unknown.
fn decide(parts: &[Predicate], reach: &Reach<'_>, deciding: Truth) -> Truth {
    let mut result = !deciding;
    for part in parts {
        match part.in_reach(reach) {
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
