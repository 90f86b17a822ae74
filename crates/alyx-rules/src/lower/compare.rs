//! A field compared with a constant or with another field.

use alyx_query::{Comparison, Predicate, Truth};
use alyx_schema::Value as Stored;

use super::{Lowering, compare, number};
use crate::{
    shape::{Item, Shape},
    tree::FieldPath,
    value::Value,
};

/// What a field can be equal to.
pub(super) enum Equal {
    /// Exactly this stored value.
    To(Stored),
    /// Nothing: the value has another type, or lies between stored ones.
    Never,
    /// Several stored values, or such as SQL does not compare as CEL does.
    Unclear,
}

/// The stored value of a field that is equal to a value.
pub(super) fn equal(shape: Shape, value: &Value) -> Equal {
    match (shape, value) {
        (_, Value::Null) => Equal::To(Stored::Null),
        (Shape::Item(Item::Bool), Value::Bool(flag)) => Equal::To(Stored::Bool(*flag)),
        (Shape::Item(Item::String), Value::String(text)) => Equal::To(Stored::Text(text.to_string())),
        (Shape::Item(Item::Bytes), Value::Bytes(bytes)) => Equal::To(Stored::Blob(bytes.to_vec())),
        (Shape::Item(Item::Int), value) => number::equal_int(value),
        (Shape::Item(Item::Double), value) => number::equal_double(value),
        (Shape::Item(Item::Timestamp), Value::Timestamp(moment)) => match moment.millisecond() {
            (moment, true) => Equal::To(Stored::Text(moment.stored())),
            (_, false) => Equal::Never,
        },
        (Shape::Item(_), _) => Equal::Never,
        (Shape::Json, value) => match scalar(value) {
            Some(json) => Equal::To(Stored::Json(json)),
            None => Equal::Unclear,
        },
        (Shape::List(_), Value::List(_)) => Equal::Unclear,
        (Shape::List(_), _) => Equal::Never,
    }
}

/// A value as the one JSON scalar that is equal to it.
pub(super) fn scalar(value: &Value) -> Option<serde_json::Value> {
    match value {
        Value::Bool(flag) => Some((*flag).into()),
        Value::String(text) => Some((&**text).into()),
        number => number::scalar(number),
    }
}

impl Lowering<'_> {
    /// A comparison of a field with a constant; nothing where SQL cannot say it.
    pub(super) fn with_constant(
        &mut self,
        path: &FieldPath,
        comparison: Comparison,
        value: &Value,
    ) -> Option<Predicate> {
        match comparison {
            Comparison::Eq | Comparison::Ne => self.equality(path, comparison, value),
            _ => self.order(path, comparison, value),
        }
    }

    fn equality(&mut self, path: &FieldPath, comparison: Comparison, value: &Value) -> Option<Predicate> {
        let negate = comparison == Comparison::Ne;
        match equal(path.shape, value) {
            Equal::To(Stored::Null) => Some(self.on(path, |field| {
                let null = Predicate::IsNull(field);
                if negate { null.negated() } else { null }
            })),
            Equal::To(stored) => Some(self.on(path, |field| compare(field, comparison, stored))),
            Equal::Never => Some(self.on(path, |_| Predicate::Constant(negate.into()))),
            Equal::Unclear => None,
        }
    }

    fn order(&mut self, path: &FieldPath, comparison: Comparison, value: &Value) -> Option<Predicate> {
        match (path.shape, value) {
            (_, Value::Double(number)) if number.is_nan() => Some(Predicate::Constant(Truth::Unknown)),
            (Shape::Item(Item::String), Value::String(text)) => {
                Some(self.on(path, |field| compare(field, comparison, Stored::Text(text.to_string()))))
            }
            (Shape::Item(Item::Int), Value::Int(_) | Value::Uint(_) | Value::Double(_)) => {
                let bound = number::int_bound(comparison, value)?;
                Some(self.on(path, |field| bound.predicate(path, field)))
            }
            (Shape::Item(Item::Double), Value::Int(_) | Value::Uint(_) | Value::Double(_)) => {
                let bound = number::double_bound(comparison, value)?;
                Some(self.on(path, |field| bound.predicate(path, field)))
            }
            (Shape::Item(Item::Timestamp), Value::Timestamp(moment)) => {
                Some(self.on(path, |field| super::moment::order(path, field, comparison, moment.nanos())))
            }
            (Shape::Item(Item::Bool), Value::Bool(_)) | (Shape::Item(Item::Bytes), Value::Bytes(_)) => None,
            (Shape::Json, _) => None,
            // Values of such types have no order, null or not.
            _ => Some(Predicate::Constant(Truth::Unknown)),
        }
    }

    /// A comparison of two fields that are stored alike.
    pub(super) fn with_field(
        &mut self,
        left: &FieldPath,
        comparison: Comparison,
        right: &FieldPath,
    ) -> Option<Predicate> {
        let is_equality = matches!(comparison, Comparison::Eq | Comparison::Ne);
        let has_order = |item: Item| !matches!(item, Item::Bool | Item::Bytes);
        match (left.shape, right.shape) {
            (Shape::Item(item), Shape::Item(other)) if item == other && (is_equality || has_order(item)) => {}
            _ => return None,
        }
        Some(self.within(left.depth, &left.hops, |this| {
            this.within(right.depth, &right.hops, |this| Predicate::CompareFields {
                left: this.field_at(left),
                comparison,
                right: this.field_at(right),
            })
        }))
    }
}
