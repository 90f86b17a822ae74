//! Moments: stored to the millisecond, in the years 0 to 9999, and shifted by lengths of time.

use alyx_query::{Comparison, FieldRef, Predicate, Truth};
use alyx_schema::Value as Stored;

use super::{Lowering, compare, unless_null};
use crate::{
    shape::{Item, Shape},
    time::{Duration, Timestamp},
    tree::{FieldPath, Kind, Node, Operator},
    value::Value,
};

/// A field of moments against a moment, which may be one that cannot be stored; unknown where it is null.
pub(super) fn order(path: &FieldPath, field: FieldRef, comparison: Comparison, nanos: i128) -> Predicate {
    let below = matches!(comparison, Comparison::Lt | Comparison::Lte);
    if nanos > Timestamp::MAX.nanos() {
        return unless_null(path, field, below);
    }
    if nanos < Timestamp::FIRST_STORED.nanos() {
        return unless_null(path, field, !below);
    }
    let (moment, is_whole) = Timestamp::from_nanos(nanos).millisecond();
    let comparison = match (comparison, is_whole) {
        (comparison, true) => comparison,
        // What is before a moment within a millisecond begins with that millisecond at the latest.
        (_, false) if below => Comparison::Lte,
        (_, false) => Comparison::Gt,
    };
    compare(field, comparison, Stored::Text(moment.stored()))
}

/// A field and what is done with it: `sign * field + shift`, known in a range of moments only.
struct Shifted<'a> {
    path: &'a FieldPath,
    /// The field is subtracted from something.
    is_mirrored: bool,
    shift: i128,
    /// What the result is, a moment or a length.
    is_length: bool,
}

impl Shifted<'_> {
    /// The moment of the field for which the result would be this.
    fn field_for(&self, result: i128) -> i128 {
        if self.is_mirrored { self.shift - result } else { result - self.shift }
    }

    /// The moments of the field for which there is a result.
    fn range(&self) -> (i128, i128) {
        let (least, most) = match self.is_length {
            true => (Duration::MIN.nanos(), Duration::MAX.nanos()),
            false => (Timestamp::MIN.nanos(), Timestamp::MAX.nanos()),
        };
        let (first, second) = (self.field_for(least), self.field_for(most));
        (first.min(second), first.max(second))
    }
}

impl Lowering<'_> {
    /// `request.time - doc.at < duration('15m')`, `doc.at + duration('1h') >= request.time` and the like, as a
    /// comparison of the field; nothing where it has another form.
    pub(super) fn shifted_moment(&mut self, node: &Node, comparison: Comparison, value: &Value) -> Option<Predicate> {
        let shifted = shifted(node)?;
        let result = match (value, shifted.is_length) {
            (Value::Timestamp(moment), false) => moment.nanos(),
            (Value::Duration(length), true) => length.nanos(),
            _ => return None,
        };
        let wanted = shifted.field_for(result);
        let comparison = if shifted.is_mirrored { comparison.swapped() } else { comparison };
        let (least, most) = shifted.range();
        let path = shifted.path;
        Some(self.on(path, |field| {
            let order = |comparison, nanos| order(path, field.clone(), comparison, nanos);
            // Of these two a null is unknown, and not of an equality of fields.
            let holds = match comparison {
                Comparison::Eq => Predicate::And(vec![order(Comparison::Gte, wanted), order(Comparison::Lte, wanted)]),
                Comparison::Ne => Predicate::Or(vec![order(Comparison::Lt, wanted), order(Comparison::Gt, wanted)]),
                comparison => order(comparison, wanted),
            };
            let inside = bounds(order, (least, most), |_| true);
            // What holds lies on the right side of some bounds anyway.
            let also = bounds(order, (least, most), |bound| match (comparison, bound) {
                (Comparison::Gt | Comparison::Gte | Comparison::Eq, Comparison::Gte) => wanted < least,
                (Comparison::Lt | Comparison::Lte | Comparison::Eq, Comparison::Lte) => wanted > most,
                _ => true,
            });
            within(holds, also, inside)
        }))
    }
}

/// Comparisons that hold where there is a result, as far as some stored moment lies outside.
fn bounds(
    order: impl Fn(Comparison, i128) -> Predicate,
    (least, most): (i128, i128),
    matters: impl Fn(Comparison) -> bool,
) -> Vec<Predicate> {
    let mut bounds = Vec::new();
    if least > Timestamp::FIRST_STORED.nanos() && matters(Comparison::Gte) {
        bounds.push(order(Comparison::Gte, least));
    }
    if most < Timestamp::MAX.nanos() && matters(Comparison::Lte) {
        bounds.push(order(Comparison::Lte, most));
    }
    bounds
}

/// This, but unknown out of bounds; `also` are those that it does not say itself.
fn within(holds: Predicate, also: Vec<Predicate>, bounds: Vec<Predicate>) -> Predicate {
    if bounds.is_empty() {
        return holds;
    }
    let outside = Predicate::And(vec![Predicate::all(bounds).negated(), Predicate::Constant(Truth::Unknown)]);
    let inside = std::iter::once(holds).chain(also).collect();
    Predicate::Or(vec![Predicate::all(inside), outside])
}

/// A field with a constant added to it, or subtracted either way.
fn shifted(node: &Node) -> Option<Shifted<'_>> {
    let Kind::Operator(operator, operands) = &node.kind else { return None };
    let [left, right] = operands.as_slice() else { return None };
    let (path, value, is_left) = match (&left.kind, &right.kind) {
        (Kind::Field(path), Kind::Constant(value)) => (path, value, true),
        (Kind::Constant(value), Kind::Field(path)) => (path, value, false),
        _ => return None,
    };
    if path.shape != Shape::Item(Item::Timestamp) {
        return None;
    }
    let shifted = |is_mirrored, shift, is_length| Some(Shifted { path, is_mirrored, shift, is_length });
    match (operator, value, is_left) {
        (Operator::Add, Value::Duration(length), _) => shifted(false, length.nanos(), false),
        (Operator::Subtract, Value::Duration(length), true) => shifted(false, -length.nanos(), false),
        (Operator::Subtract, Value::Timestamp(moment), true) => shifted(false, -moment.nanos(), true),
        (Operator::Subtract, Value::Timestamp(moment), false) => shifted(true, moment.nanos(), true),
        _ => None,
    }
}
