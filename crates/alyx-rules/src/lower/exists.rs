//! `exists_in`, and the relations that are better entered before it.

use std::sync::Arc;

use alyx_query::{Hop, Predicate, Truth};

use super::{Lowering, Mode, group::negated_if, place::Place};
use crate::tree::{ExistsIn, Kind, Node, same_hops};

impl Lowering<'_> {
    pub(super) fn exists_in(&mut self, inner: &ExistsIn, mode: Mode) -> Predicate {
        if mode.exact || mode.negate {
            // Its opposite is true where it is false, which unknown is not.
            let found = self.asked(inner, Mode { negate: false, exact: true });
            return negated_if(mode.negate, found);
        }
        let mut outer: Vec<Place> = Vec::new();
        inner.body.walk(&mut |node| {
            if let Kind::Field(path) = &node.kind {
                let is_outer = path.depth < inner.depth && !path.hops.is_empty();
                let place = Place { depth: path.depth, hops: path.hops.clone() };
                let is_new = !outer.iter().any(|known| known.is_at(path.depth, &path.hops));
                if is_outer && is_new && needs(&inner.body, &place, false) {
                    outer.push(place);
                }
            }
        });
        self.hoisted(&outer, inner, mode)
    }

    /// Asked within documents that are the same for every one that is asked about.
    fn hoisted(&mut self, outer: &[Place], inner: &ExistsIn, mode: Mode) -> Predicate {
        match outer.split_first() {
            None => self.asked(inner, mode),
            Some((first, rest)) => {
                let found = self.within(first.depth, &first.hops, |this| this.hoisted(rest, inner, mode));
                super::group::truth_only(found)
            }
        }
    }

    fn asked(&mut self, inner: &ExistsIn, mode: Mode) -> Predicate {
        self.frames.push(Place { depth: inner.depth, hops: Vec::new() });
        let predicate = self.lower(&inner.body, mode);
        self.frames.pop();
        match predicate {
            Predicate::Constant(Truth::False) => Predicate::FALSE,
            predicate => {
                Predicate::Exists { collection: Arc::clone(&inner.collection), predicate: Box::new(predicate) }
            }
        }
    }
}

/// Whether the expression, or with `negate` its opposite, cannot be true where there is no such document.
fn needs(node: &Node, place: &Place, negate: bool) -> bool {
    match (&node.kind, negate) {
        (Kind::And(parts), false) | (Kind::Or(parts), true) => parts.iter().any(|part| needs(part, place, negate)),
        (Kind::And(parts), true) | (Kind::Or(parts), false) => parts.iter().all(|part| needs(part, place, negate)),
        (Kind::Not(inner), _) => needs(inner, place, !negate),
        (Kind::ExistsIn(inner), false) => needs(&inner.body, place, false),
        (Kind::ExistsIn(_), true) => false,
        _ => uses(node, place),
    }
}

/// Whether the expression is an error where there is no such document.
fn uses(node: &Node, place: &Place) -> bool {
    match &node.kind {
        Kind::Field(path) => path.depth == place.depth && starts_with(&path.hops, &place.hops),
        Kind::Operator(_, operands) => operands.iter().any(|operand| uses(operand, place)),
        Kind::Select(operand, _) | Kind::Has(operand, _) | Kind::Matches(operand, _) => uses(operand, place),
        Kind::Call(call) => match call.function.name {
            "or" | "orValue" => call.arguments.first().is_some_and(|first| uses(first, place)),
            _ => call.arguments.iter().any(|argument| uses(argument, place)),
        },
        Kind::Macro(inner) => uses(&inner.range, place),
        Kind::Conditional(parts) => uses(&parts[0], place),
        _ => false,
    }
}

fn starts_with(hops: &[Hop], start: &[Hop]) -> bool {
    hops.len() >= start.len() && same_hops(&hops[..start.len()], start)
}
