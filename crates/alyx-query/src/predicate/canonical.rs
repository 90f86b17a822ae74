//! One form for the common spellings of one meaning.
//!
//! Every step keeps the three-valued result, not only the match, so that it is sound under `not` too.

use std::sync::Arc;

use alyx_schema::Value;

use super::{Comparison, FieldAt, FieldRef, Predicate, Truth, key::value_key};
use crate::like::canonical_pattern;

impl Predicate {
    /// The same predicate in its one spelling: flat, sorted, without repeats and without `not` where
    /// an operator says it.
    #[must_use]
    pub fn canonical(&self) -> Self {
        canonical(self, false)
    }
}

/// The canonical form of the predicate, or of its opposite.
fn canonical(predicate: &Predicate, negate: bool) -> Predicate {
    match predicate {
        Predicate::Constant(truth) => Predicate::Constant(if negate { !*truth } else { *truth }),
        Predicate::Compare { field, comparison, value } => compare(field, comparison.negated_if(negate), value),
        Predicate::In { field, values } => one_of(field, values.clone(), negate),
        Predicate::IsNull(field) => one_of(field, vec![Value::Null], negate),
        Predicate::Like { field, pattern } => {
            not_if(negate, Predicate::Like { field: field.clone(), pattern: canonical_pattern(pattern) })
        }
        Predicate::ContainsText { .. } | Predicate::ContainsItem { .. } => not_if(negate, predicate.clone()),
        Predicate::And(parts) => Group { all: !negate }.canonical(parts, negate),
        Predicate::Or(parts) => Group { all: negate }.canonical(parts, negate),
        Predicate::Not(inner) => canonical(inner, !negate),
        Predicate::CompareFields { left, comparison, right } => {
            compare_fields(left, comparison.negated_if(negate), right)
        }
        // Unknown where there is no such document, either way.
        Predicate::Related { key, target, target_field, predicate } => Predicate::Related {
            key: key.clone(),
            target: Arc::clone(target),
            target_field: target_field.clone(),
            predicate: Box::new(canonical(predicate, negate)),
        },
        Predicate::Exists { collection, predicate } => {
            let predicate = Box::new(canonical(predicate, false));
            not_if(negate, Predicate::Exists { collection: Arc::clone(collection), predicate })
        }
        Predicate::Outer { level, predicate } => match canonical(predicate, negate) {
            constant @ Predicate::Constant(_) => constant,
            predicate => Predicate::Outer { level: *level, predicate: Box::new(predicate) },
        },
        Predicate::Scan(_) => not_if(negate, predicate.clone()),
    }
}

/// The side that comes first by name stands left.
fn compare_fields(left: &FieldAt, comparison: Comparison, right: &FieldAt) -> Predicate {
    let place = |at: &FieldAt| (at.level, at.field.index);
    let (left, comparison, right) =
        if place(right) < place(left) { (right, comparison.swapped(), left) } else { (left, comparison, right) };
    Predicate::CompareFields { left: left.clone(), comparison, right: right.clone() }
}

fn not_if(negate: bool, predicate: Predicate) -> Predicate {
    if negate { predicate.negated() } else { predicate }
}

impl Comparison {
    /// The comparison that is true where this is false, and unknown where this is.
    fn negated_if(self, negate: bool) -> Self {
        if !negate {
            return self;
        }
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Gt => Self::Lte,
            Self::Gte => Self::Lt,
            Self::Lt => Self::Gte,
            Self::Lte => Self::Gt,
        }
    }
}

impl Comparison {
    /// The comparison that says the same with its sides exchanged.
    #[must_use]
    pub fn swapped(self) -> Self {
        match self {
            Self::Eq | Self::Ne => self,
            Self::Gt => Self::Lt,
            Self::Gte => Self::Lte,
            Self::Lt => Self::Gt,
            Self::Lte => Self::Gte,
        }
    }
}

fn compare(field: &FieldRef, comparison: Comparison, value: &Value) -> Predicate {
    match comparison {
        Comparison::Eq => one_of(field, vec![value.clone()], false),
        Comparison::Ne => one_of(field, vec![value.clone()], true),
        _ if value.is_null() => Predicate::Constant(Truth::Unknown),
        _ => Predicate::Compare { field: field.clone(), comparison, value: value.clone() },
    }
}

/// Equal to one of the values, or to none of them, in the shortest form.
fn one_of(field: &FieldRef, mut values: Vec<Value>, negate: bool) -> Predicate {
    values.sort_by_cached_key(value_key);
    values.dedup();
    let field = field.clone();
    match values.len() {
        0 => Predicate::Constant(negate.into()),
        1 => match values.swap_remove(0) {
            Value::Null => not_if(negate, Predicate::IsNull(field)),
            value => {
                let comparison = Comparison::Eq.negated_if(negate);
                Predicate::Compare { field, comparison, value }
            }
        },
        _ => not_if(negate, Predicate::In { field, values }),
    }
}

/// An `and` or an `or` being made.
#[derive(Clone, Copy)]
struct Group {
    all: bool,
}

impl Group {
    fn canonical(self, parts: &[Predicate], negate: bool) -> Predicate {
        let deciding = Truth::from(!self.all);
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match canonical(part, negate) {
                Predicate::Constant(truth) if truth == deciding => return Predicate::Constant(deciding),
                Predicate::Constant(truth) if truth == !deciding && truth != Truth::Unknown => {}
                Predicate::And(inner) if self.all => flat.extend(inner),
                Predicate::Or(inner) if !self.all => flat.extend(inner),
                other => flat.push(other),
            }
        }
        self.finish(self.join_lists(flat))
    }

    /// In an `or` every "is one of" about one field becomes one list; in an `and` every "is none of".
    fn join_lists(self, parts: Vec<Predicate>) -> Vec<Predicate> {
        let mut lists: Vec<(FieldRef, Vec<Value>)> = Vec::new();
        let mut rest = Vec::with_capacity(parts.len());
        for part in parts {
            match take_list(part, self.all) {
                Ok((field, values)) => match lists.iter_mut().find(|(known, _)| *known == field) {
                    Some((_, list)) => list.extend(values),
                    None => lists.push((field, values)),
                },
                Err(part) => rest.push(part),
            }
        }
        rest.extend(lists.into_iter().map(|(field, values)| one_of(&field, values, self.all)));
        rest
    }

    fn finish(self, mut parts: Vec<Predicate>) -> Predicate {
        parts.sort_by_cached_key(Predicate::key);
        parts.dedup();
        if self.all { Predicate::all(parts) } else { Predicate::any(parts) }
    }
}

/// The field and values of a canonical "is one of" (or with `negated`, "is none of").
fn take_list(part: Predicate, negated: bool) -> Result<(FieldRef, Vec<Value>), Predicate> {
    match (part, negated) {
        (Predicate::Compare { field, comparison: Comparison::Eq, value }, false)
        | (Predicate::Compare { field, comparison: Comparison::Ne, value }, true) => Ok((field, vec![value])),
        (Predicate::IsNull(field), false) => Ok((field, vec![Value::Null])),
        (Predicate::In { field, values }, false) => Ok((field, values)),
        (Predicate::Not(inner), true) => take_list(*inner, false).map_err(Predicate::negated),
        (part, _) => Err(part),
    }
}
