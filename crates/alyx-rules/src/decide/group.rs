//! `&&` and `||` of what their parts become.

use std::sync::Arc;

use super::Reduced;
use crate::{
    tree::{Kind, Node},
    value::Value,
};

/// An `&&` or `||` being made.
pub(super) struct Group {
    deciding: bool,
    pub(super) parts: Vec<Arc<Node>>,
    pub(super) is_decided: bool,
    has_unknown: bool,
}

impl Group {
    pub(super) fn new(deciding: bool, count: usize) -> Self {
        Self { deciding, parts: Vec::with_capacity(count), is_decided: false, has_unknown: false }
    }

    /// Adds a part; whether that decides it.
    pub(super) fn add(&mut self, part: Reduced) -> bool {
        match part {
            Reduced::Value(Value::Bool(holds), _) => self.is_decided |= holds == self.deciding,
            Reduced::Value(..) | Reduced::Unknown => self.has_unknown = true,
            Reduced::Node(node) => match (&node.kind, self.deciding) {
                (Kind::And(inner), false) | (Kind::Or(inner), true) => self.parts.extend(inner.iter().cloned()),
                (Kind::Unknown, _) => self.has_unknown = true,
                _ => self.parts.push(node),
            },
        }
        self.is_decided
    }

    pub(super) fn finish(mut self) -> Reduced {
        if self.is_decided {
            return Reduced::bool(self.deciding);
        }
        // An inner group may have brought one along.
        let count = self.parts.len();
        self.parts.retain(|part| part.kind != Kind::Unknown);
        self.has_unknown |= self.parts.len() < count;
        match (self.parts.len(), self.has_unknown) {
            (0, true) => return Reduced::Unknown,
            (0, false) => return Reduced::bool(!self.deciding),
            // What is no bool is an error in a group and a value alone.
            (1, false) if self.parts[0].is_condition() => return Reduced::Node(self.parts.swap_remove(0)),
            (_, true) => self.parts.push(Node::unknown()),
            _ => {}
        }
        let kind = if self.deciding { Kind::Or(self.parts) } else { Kind::And(self.parts) };
        Reduced::Node(Node::new(kind))
    }
}
