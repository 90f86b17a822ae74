//! What is legal and probably wrong about a comparison: it can never hold, or it decides who may do something.

use alyx_schema::Value as Stored;

use super::{Checker, Meaning, Typed, fit};
use crate::{
    fault::Fault,
    tree::{AuthPart, FieldPath, Kind, Operator},
    value::{Value, from_stored},
};

impl Checker<'_> {
    pub(super) fn advise_on(&mut self, at: usize, operator: Operator, operands: &[Typed]) {
        let [left, right] = operands else { return };
        if !self.names.is_strict() {
            return;
        }
        for (field, other) in [(left, right), (right, left)] {
            let Kind::Field(path) = &field.node.kind else { continue };
            self.note_deciding(at, operator, path, other);
            let fault = match operator {
                Operator::Equal | Operator::NotEqual => self.never_equal(at, path, other),
                Operator::In if std::ptr::eq(field, left) => self.never_in(at, path, other),
                _ => None,
            };
            self.advice.extend(fault);
        }
    }

    /// A field of `doc` itself that says who may do something.
    fn note_deciding(&mut self, at: usize, operator: Operator, path: &FieldPath, other: &Typed) {
        let mut part = None;
        other.node.walk(&mut |node| {
            if let Kind::Auth(found) = node.kind {
                part = Some(found);
            }
        });
        let compares = matches!(operator, Operator::Equal | Operator::In);
        if let Some(part) = part.filter(|_| compares && path.depth == 0 && path.hops.is_empty()) {
            self.deciding.push((path.field.index, part, at));
        }
    }

    fn never_equal(&self, at: usize, path: &FieldPath, other: &Typed) -> Option<Fault> {
        let value = other.node.value()?;
        if fit::is_null(&other.node) {
            let message = format!("\"{}\" is never null", path.field.name);
            return (!path.nullable).then(|| Fault::new(at, "rule_never_holds", message));
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
        let hint = near.map_or_else(|| format!("it is one of {}", texts.join(", ")), |near| format!("did you mean \"{near}\"?"));
        Some(Fault::new(at, "rule_never_holds", message).hinted(hint))
    }

    /// The values that the field may have, where it has a list of them.
    fn allowed(&self, path: &FieldPath) -> Option<Vec<Stored>> {
        let collection = match (path.hops.last(), path.depth) {
            (Some(hop), _) => std::sync::Arc::clone(&hop.target),
            (None, 0) => match self.names.find("doc")? {
                Meaning::Document(document) => document.collection,
                _ => return None,
            },
            (None, depth) => self.collection_at(depth)?,
        };
        path.field.field(&collection).constraints.allowed.clone()
    }

    fn collection_at(&self, depth: usize) -> Option<std::sync::Arc<alyx_schema::Collection>> {
        self.locals.iter().find_map(|local| match &local.meaning {
            super::LocalMeaning::Document(document) if document.depth == depth => {
                Some(std::sync::Arc::clone(&document.collection))
            }
            _ => None,
        })
    }
}

fn text_of(stored: &Stored) -> Option<&str> {
    if let Stored::Text(text) = stored { Some(text) } else { None }
}

/// Whether the value of a part of `auth` says who somebody is, or what they may do.
pub(crate) fn is_credential(part: AuthPart) -> bool {
    matches!(part, AuthPart::Id | AuthPart::Email | AuthPart::Role | AuthPart::Metadata)
}
