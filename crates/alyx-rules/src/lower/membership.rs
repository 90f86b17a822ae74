//! `in`: a field among constants, and a constant among the items of a field.

use alyx_query::Predicate;
use alyx_schema::Value as Stored;

use super::{
    Lowering,
    compare::{Equal, equal, scalar},
    group::negated_if,
    unless_null,
};
use crate::{
    limits::MAX_ITEMS,
    shape::{Item, Shape},
    tree::{FieldPath, Kind, Macro, MacroKind, Node, Operator},
    value::Value,
};

/// Most items that a list is asked for one by one.
const MAX_ASKED: usize = 50;

impl Lowering<'_> {
    /// `item in container`; nothing where SQL cannot say it.
    pub(super) fn membership(&mut self, item: &Node, container: &Node, negate: bool) -> Option<Predicate> {
        match (&item.kind, &container.kind) {
            (Kind::Field(path), Kind::Constant(container)) => self.among(path, container, negate),
            (Kind::Constant(value), Kind::Field(path)) => self.holds(path, std::slice::from_ref(value), negate),
            _ => None,
        }
    }

    /// A field among constants: a series of equalities.
    fn among(&mut self, path: &FieldPath, container: &Value, negate: bool) -> Option<Predicate> {
        let values: Vec<Value> = match container {
            Value::List(items) => items.to_vec(),
            // Null is no key, which makes it an error to look for.
            Value::Map(map) if !path.nullable && can_be_key(path.shape) => {
                map.iter().map(|(key, _)| key.value()).collect()
            }
            _ => return None,
        };
        if values.len() > MAX_ITEMS {
            return None;
        }
        let mut stored: Vec<Stored> = Vec::with_capacity(values.len());
        for value in &values {
            match equal(path.shape, value) {
                Equal::To(value) if !stored.contains(&value) => stored.push(value),
                Equal::To(_) | Equal::Never => {}
                Equal::Unclear => return None,
            }
        }
        Some(self.on(path, |field| match stored.len() {
            0 => Predicate::Constant(negate.into()),
            _ => negated_if(negate, Predicate::In { field, values: stored }),
        }))
    }

    /// Whether the items of a field hold one of some constants; unknown where the field is null.
    fn holds(&mut self, path: &FieldPath, values: &[Value], negate: bool) -> Option<Predicate> {
        let Shape::List(item) = path.shape else { return None };
        let mut items = Vec::with_capacity(values.len());
        for value in values {
            items.extend(as_item(item, value)?);
        }
        Some(self.on(path, |field| {
            if items.is_empty() {
                return unless_null(path, field, negate);
            }
            let asked = items.into_iter().map(|item| Predicate::ContainsItem { field: field.clone(), item });
            negated_if(negate, Predicate::any(asked.collect()))
        }))
    }

    /// `doc.tags.exists(t, t == 'x')`, `doc.tags.all(t, t != 'x')`, and the same with `in`.
    pub(super) fn over_items(&mut self, inner: &Macro, negate: bool) -> Option<Predicate> {
        let (Kind::Field(path), [variable]) = (&inner.range.kind, inner.variables.as_slice()) else { return None };
        let (body, wanted) = match (inner.kind, &inner.body.kind) {
            (MacroKind::Exists, _) => (&inner.body, Operator::Equal),
            (MacroKind::All, Kind::Not(body)) => (body, Operator::Equal),
            (MacroKind::All, _) => (&inner.body, Operator::NotEqual),
            _ => return None,
        };
        let Kind::Operator(operator, operands) = &body.kind else { return None };
        let is_item = |node: &Node| matches!(&node.kind, Kind::Variable(found) if found == variable);
        let constant = match operands.as_slice() {
            [left, right] if is_item(left) => right.value()?,
            [left, right] if is_item(right) && *operator != Operator::In => left.value()?,
            _ => return None,
        };
        let values = match (operator, constant) {
            (Operator::In, Value::List(values)) if wanted == Operator::Equal && values.len() <= MAX_ASKED => &***values,
            (operator, value) if *operator == wanted => std::slice::from_ref(value),
            _ => return None,
        };
        self.holds(path, values, negate != (inner.kind == MacroKind::All))
    }
}

fn can_be_key(shape: Shape) -> bool {
    matches!(shape, Shape::Item(Item::Bool | Item::Int | Item::Double | Item::String))
}

/// A constant as an item of a stored list: nothing inside where no item can be equal to it, nothing at all where
/// SQL cannot say it.
fn as_item(item: Item, value: &Value) -> Option<Option<serde_json::Value>> {
    match (item, value) {
        (Item::String, Value::String(_)) | (Item::Bool, Value::Bool(_)) => Some(scalar(value)),
        (Item::Timestamp, Value::Timestamp(moment)) => {
            let (moment, is_whole) = moment.millisecond();
            Some(is_whole.then(|| moment.stored().into()))
        }
        (Item::Int | Item::Double, Value::Int(_) | Value::Uint(_)) => scalar(value).map(Some),
        (Item::Int | Item::Double, Value::Double(number)) if !number.is_finite() => Some(None),
        (Item::Int | Item::Double, Value::Double(_)) => scalar(value).map(Some),
        (Item::Bytes, Value::Bytes(_)) => None,
        _ => Some(None),
    }
}
