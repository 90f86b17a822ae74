//! From an expression to its parts.

use std::sync::Arc;

use super::{Kind, Node};

impl Kind {
    /// Calls `visit` with every part, in the order in which they are written.
    pub(crate) fn for_each<'a>(&'a self, visit: &mut impl FnMut(&'a Arc<Node>)) {
        match self {
            Self::Constant(_)
            | Self::Unknown
            | Self::Variable(_)
            | Self::Field(_)
            | Self::Auth(_)
            | Self::Anonymous
            | Self::Request(_) => {}
            Self::Select(inner, _) | Self::Has(inner, _) | Self::Not(inner) | Self::Matches(inner, _) => visit(inner),
            Self::And(parts) | Self::Or(parts) | Self::Operator(_, parts) => parts.iter().for_each(visit),
            Self::Conditional(parts) => parts.iter().for_each(visit),
            Self::Call(call) => call.arguments.iter().for_each(visit),
            Self::List(items) => items.iter().for_each(|item| visit(&item.value)),
            Self::Map(entries) => entries.iter().for_each(|entry| {
                visit(&entry.key);
                visit(&entry.value);
            }),
            Self::Macro(inner) => {
                visit(&inner.range);
                inner.filter.iter().for_each(&mut *visit);
                visit(&inner.body);
            }
            Self::ExistsIn(inner) => visit(&inner.body),
        }
    }
}

impl Node {
    /// Calls `visit` with this expression and everything in it.
    pub(crate) fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        self.kind.for_each(&mut |child| child.walk(visit));
    }
}
