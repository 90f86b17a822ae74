//! From what is left of a rule to the predicate that says the same.
//!
//! Two forms are made. The exact one has the same three truth values; the other is true of the same documents and
//! may be false where the exact one is unknown, which lets much of it go and puts relations outside of `exists_in`.

mod compare;
mod exists;
mod group;
mod membership;
mod moment;
mod number;
mod place;
mod scan;
mod text;

use std::sync::Arc;

use alyx_query::{Comparison, FieldRef, Predicate, Truth};
use alyx_schema::{Document, Value as Stored};

use crate::{
    shape::{Item, Shape},
    tree::{FieldPath, Kind, Node, Operator},
    value::Value,
};

/// Which of the two forms, and whether of the expression or of its opposite.
#[derive(Clone, Copy, Debug)]
struct Mode {
    negate: bool,
    exact: bool,
}

impl Mode {
    fn opposite(self) -> Self {
        Self { negate: !self.negate, ..self }
    }
}

/// One lowering: the documents in reach from here, outermost first.
struct Lowering<'a> {
    frames: Vec<place::Place>,
    /// `doc`, where it is known.
    document: Option<&'a Document>,
}

/// The predicate that is true of the same documents.
pub(crate) fn of_truth(node: &Node, document: Option<&Document>) -> Predicate {
    Lowering::new(document).lower(node, Mode { negate: false, exact: false })
}

/// The predicate with the same three truth values.
pub(crate) fn exact(node: &Node, document: Option<&Document>) -> Predicate {
    Lowering::new(document).lower(node, Mode { negate: false, exact: true })
}

impl<'a> Lowering<'a> {
    fn new(document: Option<&'a Document>) -> Self {
        Self { frames: vec![place::Place::ROOT], document }
    }

    fn lower(&mut self, node: &Node, mode: Mode) -> Predicate {
        match &node.kind {
            Kind::And(parts) => self.group(parts, !mode.negate, mode),
            Kind::Or(parts) => self.group(parts, mode.negate, mode),
            Kind::Not(inner) => self.lower(inner, mode.opposite()),
            Kind::Conditional(parts) => self.conditional(parts, mode),
            Kind::ExistsIn(inner) => self.exists_in(inner, mode),
            _ => {
                let atom = self.atom(node, mode.negate);
                if mode.exact { atom } else { group::truth_only(atom) }
            }
        }
    }

    fn group(&mut self, parts: &[Arc<Node>], all: bool, mode: Mode) -> Predicate {
        let parts = parts.iter().map(|part| self.lower(part, mode)).collect();
        group::join(parts, all, mode.exact)
    }

    /// `c ? a : b` as `c && a || !c && b`; where `c` is unknown, so is the whole, which the last part sees to.
    fn conditional(&mut self, parts: &[Arc<Node>; 3], mode: Mode) -> Predicate {
        let [condition, then, otherwise] = parts;
        let asked = Mode { negate: false, ..mode };
        let branch = |this: &mut Self, asked: Mode, branch: &Node| {
            let parts = vec![this.lower(condition, asked), this.lower(branch, mode)];
            group::join(parts, true, mode.exact)
        };
        let mut cases = vec![branch(self, asked, then), branch(self, asked.opposite(), otherwise)];
        if mode.exact {
            let both = vec![self.lower(condition, asked), self.lower(condition, asked.opposite())];
            cases.push(group::join(both, true, true));
        }
        group::join(cases, false, mode.exact)
    }

    /// An expression that is no combination of others, exactly.
    fn atom(&mut self, node: &Node, negate: bool) -> Predicate {
        let found = match &node.kind {
            Kind::Constant(Value::Bool(holds)) => Some(Predicate::Constant(Truth::from(*holds != negate))),
            Kind::Constant(_) | Kind::Unknown => Some(Predicate::Constant(Truth::Unknown)),
            Kind::Field(path) => self.flag(path, negate),
            Kind::Operator(operator, operands) => match operands.as_slice() {
                [left, right] => self.operator(*operator, left, right, negate),
                _ => None,
            },
            Kind::Call(call) => self.text_test(call, negate),
            Kind::Macro(inner) => self.over_items(inner, negate),
            _ => None,
        };
        found.unwrap_or_else(|| self.scan(node, negate))
    }

    /// A field that is true or false itself; unknown where it is null.
    fn flag(&mut self, path: &FieldPath, negate: bool) -> Option<Predicate> {
        (path.shape == Shape::Item(Item::Bool)).then(|| {
            self.on(path, |field| {
                let holds = compare(field.clone(), Comparison::Eq, Stored::Bool(!negate));
                if path.nullable { Predicate::Or(vec![holds, unknown_where_null(field)]) } else { holds }
            })
        })
    }

    fn operator(&mut self, operator: Operator, left: &Node, right: &Node, negate: bool) -> Option<Predicate> {
        if operator == Operator::In {
            return self.membership(left, right, negate);
        }
        let comparison = comparison(operator, negate)?;
        match (&left.kind, &right.kind) {
            (Kind::Field(path), Kind::Constant(value)) => self.with_constant(path, comparison, value),
            (Kind::Constant(value), Kind::Field(path)) => self.with_constant(path, comparison.swapped(), value),
            (Kind::Field(left), Kind::Field(right)) => self.with_field(left, comparison, right),
            (Kind::Constant(value), _) => self.shifted_moment(right, comparison.swapped(), value),
            (_, Kind::Constant(value)) => self.shifted_moment(left, comparison, value),
            _ => None,
        }
    }
}

/// The comparison that an operator is, or the opposite one: both are unknown of the same values.
fn comparison(operator: Operator, negate: bool) -> Option<Comparison> {
    Some(match (operator, negate) {
        (Operator::Equal, false) | (Operator::NotEqual, true) => Comparison::Eq,
        (Operator::NotEqual, false) | (Operator::Equal, true) => Comparison::Ne,
        (Operator::Less, false) | (Operator::GreaterEqual, true) => Comparison::Lt,
        (Operator::LessEqual, false) | (Operator::Greater, true) => Comparison::Lte,
        (Operator::Greater, false) | (Operator::LessEqual, true) => Comparison::Gt,
        (Operator::GreaterEqual, false) | (Operator::Less, true) => Comparison::Gte,
        _ => return None,
    })
}

fn compare(field: FieldRef, comparison: Comparison, value: Stored) -> Predicate {
    Predicate::Compare { field, comparison, value }
}

/// Unknown where the field is null, else false.
fn unknown_where_null(field: FieldRef) -> Predicate {
    Predicate::And(vec![Predicate::IsNull(field), Predicate::Constant(Truth::Unknown)])
}

/// This, but unknown where the field is null.
fn unless_null(path: &FieldPath, field: FieldRef, holds: bool) -> Predicate {
    match (path.nullable, holds) {
        (false, holds) => Predicate::Constant(holds.into()),
        (true, false) => unknown_where_null(field),
        (true, true) => Predicate::Or(vec![Predicate::IsNull(field).negated(), Predicate::Constant(Truth::Unknown)]),
    }
}
