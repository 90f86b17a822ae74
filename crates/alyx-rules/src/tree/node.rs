//! How expressions are made, and what can be seen of one at once.

use std::sync::Arc;

use super::{AuthPart, Kind, MacroKind, Needs, Node, Operator, RequestPart};
use crate::{
    shape::{Item, Shape},
    value::Value,
};

impl Node {
    pub(crate) fn new(kind: Kind) -> Arc<Self> {
        let (mut size, mut deepest) = (1_usize, 0);
        kind.for_each(&mut |part| {
            size = size.saturating_add(part.size);
            deepest = deepest.max(part.depth);
        });
        Arc::new(Self { needs: Needs::of(&kind), size, depth: deepest + 1, is_dynamic: is_dynamic(&kind), kind })
    }

    pub(crate) fn constant(value: Value) -> Arc<Self> {
        Self::new(Kind::Constant(value))
    }

    /// A constant whose type was not known when types were checked.
    pub(crate) fn dynamic(value: Value) -> Arc<Self> {
        Arc::new(Self { kind: Kind::Constant(value), needs: Needs::NOTHING, size: 1, depth: 1, is_dynamic: true })
    }

    pub(crate) fn unknown() -> Arc<Self> {
        Self::new(Kind::Unknown)
    }

    /// All of these, those within an inner `&&` included.
    pub(crate) fn and(parts: Vec<Arc<Self>>) -> Arc<Self> {
        let is_and = |node: &Self| if let Kind::And(inner) = &node.kind { Some(inner.clone()) } else { None };
        Self::new(Kind::And(flattened(parts, is_and)))
    }

    /// One of these, those within an inner `||` included.
    pub(crate) fn or(parts: Vec<Arc<Self>>) -> Arc<Self> {
        let is_or = |node: &Self| if let Kind::Or(inner) = &node.kind { Some(inner.clone()) } else { None };
        Self::new(Kind::Or(flattened(parts, is_or)))
    }

    pub(crate) fn operator(operator: Operator, operands: Vec<Arc<Self>>) -> Arc<Self> {
        Self::new(Kind::Operator(operator, operands))
    }

    /// Its value, where it is a constant.
    pub(crate) fn value(&self) -> Option<&Value> {
        if let Kind::Constant(value) = &self.kind { Some(value) } else { None }
    }

    /// Whether it is a bool wherever it has a value: what compares, combines or asks.
    pub(crate) fn is_condition(&self) -> bool {
        self.kind.is_condition()
    }

    /// How many parts the predicate has: a conditional asks its condition four times.
    pub(crate) fn asked(&self) -> usize {
        match &self.kind {
            Kind::And(parts) | Kind::Or(parts) => parts.iter().map(|part| part.asked()).fold(1, usize::saturating_add),
            Kind::Not(inner) => inner.asked(),
            Kind::ExistsIn(inner) => inner.body.asked().saturating_add(1),
            Kind::Conditional(parts) => {
                let [condition, then, otherwise] = &**parts;
                let repeated = condition.asked().saturating_mul(4);
                repeated.saturating_add(then.asked()).saturating_add(otherwise.asked())
            }
            _ => self.size,
        }
    }
}

impl Kind {
    fn is_condition(&self) -> bool {
        match self {
            Self::Constant(value) => matches!(value, Value::Bool(_)),
            Self::Anonymous
            | Self::Has(..)
            | Self::And(_)
            | Self::Or(_)
            | Self::Not(_)
            | Self::Matches(..)
            | Self::ExistsIn(_) => true,
            // A null is a value, and no bool.
            Self::Field(path) => path.shape == Shape::Item(Item::Bool) && !path.nullable,
            Self::Operator(operator, _) => operator.is_condition(),
            Self::Macro(inner) => matches!(inner.kind, MacroKind::All | MacroKind::Exists | MacroKind::ExistsOne),
            Self::Call(call) => call.function.is_condition(),
            _ => false,
        }
    }
}

/// Whether the type of its value is known only with the value: that of JSON, and what is made of such.
fn is_dynamic(kind: &Kind) -> bool {
    match kind {
        Kind::Auth(AuthPart::Metadata) | Kind::Request(RequestPart::Body) => true,
        Kind::Call(call) if call.function.name == "dyn" => true,
        kind if kind.is_condition() => false,
        kind => {
            let mut found = false;
            kind.for_each(&mut |part| found |= part.is_dynamic);
            found
        }
    }
}

fn flattened(parts: Vec<Arc<Node>>, inner: impl Fn(&Node) -> Option<Vec<Arc<Node>>>) -> Vec<Arc<Node>> {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match inner(&part) {
            Some(inner) => flat.extend(inner),
            None => flat.push(part),
        }
    }
    flat
}

impl Operator {
    pub(crate) fn is_condition(self) -> bool {
        matches!(
            self,
            Self::Equal | Self::NotEqual | Self::Less | Self::LessEqual | Self::Greater | Self::GreaterEqual | Self::In
        )
    }
}

/// Two trees are one where they say the same; what they need follows from that.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}
