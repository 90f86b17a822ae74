//! What is legal and probably wrong about a comparison: it can never hold, or it decides who may do something.

use std::sync::Arc;

use alyx_schema::{Collection, Value as Stored};
use cel_parser::common::ast::CallExpr;

use super::{Checker, LocalMeaning, Meaning, Typed, fit};
use crate::{
    fault::Fault,
    tree::{AuthPart, FieldPath, Kind, Node, Operator},
    value::{Value, from_stored},
};

impl Checker<'_> {
    pub(super) fn advise_on(&mut self, at: usize, operator: Operator, operands: &[Typed]) {
        let [left, right] = operands else { return };
        if !self.names.is_strict() {
            return;
        }
        for (first, other) in [(left, right), (right, left)] {
            if matches!(first.node.kind, Kind::Auth(AuthPart::Role)) {
                self.note_roles(at, other);
            }
            let Kind::Field(path) = &first.node.kind else { continue };
            self.note_deciding(at, operator, path, other);
            let fault = match operator {
                Operator::Equal | Operator::NotEqual => self.never_equal(at, path, other),
                Operator::In if std::ptr::eq(first, left) => self.never_in(at, path, other),
                _ => None,
            };
            self.advice.extend(fault);
        }
    }

    /// Roles that are written out beside `auth.role`.
    fn note_roles(&mut self, at: usize, other: &Typed) {
        match other.node.value() {
            Some(Value::String(role)) => self.roles.push((Arc::clone(role), at)),
            Some(Value::List(roles)) => {
                let names =
                    roles.iter().filter_map(|role| if let Value::String(name) = role { Some(name) } else { None });
                self.roles.extend(names.map(|name| (Arc::clone(name), at)));
            }
            _ => {}
        }
    }

    /// A field of `doc` itself that says who may do something.
    fn note_deciding(&mut self, at: usize, operator: Operator, path: &FieldPath, other: &Typed) {
        let mut is_compared = false;
        other.node.walk(&mut |node| is_compared |= matches!(node.kind, Kind::Auth(part) if part != AuthPart::Verified));
        let decides = matches!(operator, Operator::Equal | Operator::In);
        if is_compared && decides && path.depth == 0 && path.hops.is_empty() {
            self.deciding.push((path.field.index, at));
        }
    }

    /// `doc.a == 'x' && doc.a == 'y'`.
    pub(super) fn advise_on_contradiction(&mut self, call: &CallExpr, node: &Node) {
        let Kind::And(parts) = &node.kind else { return };
        let pairs: Vec<_> = parts.iter().filter_map(|part| equality(part)).collect();
        let clash = pairs.iter().enumerate().find_map(|(index, (path, value))| {
            pairs[..index].iter().any(|(known, other)| known == path && !other.equals(value)).then_some(*path)
        });
        let (Some(path), Some(last)) = (clash, call.args.last()) else { return };
        let message = format!("\"{}\" cannot have two values at once", path.field.name);
        if self.names.is_strict() && !self.advice.iter().any(|fault| fault.message == message) {
            let fault = Fault::new(self.source.start(last), "rule_never_holds", message);
            self.advice.push(fault.hinted("write || or in"));
        }
    }

    fn never_equal(&self, at: usize, path: &FieldPath, other: &Typed) -> Option<Fault> {
        let value = other.node.value()?;
        if fit::is_null(&other.node) {
            let message = format!("\"{}\" is never null", path.field.name);
            let fault = Fault::new(at, "rule_never_holds", message);
            return (!path.nullable).then(|| fault.hinted("leave it out, or mark the field \"nullable: true\""));
        }
        self.not_allowed(at, path, value)
    }

    fn never_in(&self, at: usize, path: &FieldPath, other: &Typed) -> Option<Fault> {
        let Value::List(items) = other.node.value()? else { return None };
        items.iter().find_map(|item| self.not_allowed(at, path, item))
    }

    /// A value that the field's `enum` or `values` leaves out.
    fn not_allowed(&self, at: usize, path: &FieldPath, value: &Value) -> Option<Fault> {
        let allowed = self.allowed(path)?;
        let known: Vec<Value> = allowed.iter().filter_map(|stored| from_stored(path.shape, stored).ok()).collect();
        if known.iter().any(|known| known.equals(value)) {
            return None;
        }
        let texts: Vec<String> = allowed.iter().map(|stored| stored.to_json().to_string()).collect();
        let shown = if let Value::String(text) = value { format!("\"{text}\"") } else { "this".to_owned() };
        let message = format!("{shown} is not among the values of \"{}\"", path.field.name);
        let near = match value {
            Value::String(text) => alyx_yaml::nearest(text, allowed.iter().filter_map(text_of)),
            _ => None,
        };
        let hint = near
            .map_or_else(|| format!("it is one of {}", texts.join(", ")), |near| format!("did you mean \"{near}\"?"));
        Some(Fault::new(at, "rule_never_holds", message).hinted(hint))
    }

    /// The values that the field may have, where it has a list of them.
    fn allowed(&self, path: &FieldPath) -> Option<Vec<Stored>> {
        let collection = match (path.hops.last(), path.depth) {
            (Some(hop), _) => Arc::clone(&hop.target),
            (None, 0) => match self.names.find("doc")? {
                Meaning::Document(document) => document.collection,
                _ => return None,
            },
            (None, depth) => self.collection_at(depth)?,
        };
        path.field.field(&collection).constraints.allowed.clone()
    }

    fn collection_at(&self, depth: usize) -> Option<Arc<Collection>> {
        self.locals.iter().find_map(|local| match &local.meaning {
            LocalMeaning::Document(document) if document.depth == depth => Some(Arc::clone(&document.collection)),
            _ => None,
        })
    }
}

fn text_of(stored: &Stored) -> Option<&str> {
    if let Stored::Text(text) = stored { Some(text) } else { None }
}

/// A field and the constant that it must be equal to.
fn equality(part: &Node) -> Option<(&FieldPath, &Value)> {
    let Kind::Operator(Operator::Equal, operands) = &part.kind else { return None };
    let [left, right] = operands.as_slice() else { return None };
    match (&left.kind, &right.kind) {
        (Kind::Field(path), Kind::Constant(value)) | (Kind::Constant(value), Kind::Field(path)) => Some((path, value)),
        _ => None,
    }
}
