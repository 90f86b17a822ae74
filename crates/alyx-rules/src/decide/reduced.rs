//! What becomes of an expression in a partial evaluation.

use std::sync::Arc;

use alyx_query::Truth;

use crate::{
    error::{Error, Result},
    limits::MAX_WEIGHT,
    tree::{Kind, Node},
    value::Value,
};

/// What became of an expression.
pub(crate) enum Reduced {
    Value(Value, Origin),
    Unknown,
    Node(Arc<Node>),
}

/// Whether the type of a value was known when types were checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Typed,
    Dynamic,
}

impl Origin {
    pub(super) fn of(node: &Node) -> Self {
        if node.is_dynamic { Self::Dynamic } else { Self::Typed }
    }

    pub(super) fn or(self, other: Self) -> Self {
        if self == Self::Typed { other } else { self }
    }
}

impl Reduced {
    /// What it says, if that is decided.
    pub(crate) fn truth(&self) -> Option<Truth> {
        match self {
            Self::Value(Value::Bool(holds), _) => Some(Truth::from(*holds)),
            Self::Value(..) | Self::Unknown => Some(Truth::Unknown),
            Self::Node(_) => None,
        }
    }

    pub(crate) fn into_node(self) -> Arc<Node> {
        match self {
            // Lowering would compare it like any other.
            Self::Value(value, _) if value.is_open() => Node::unknown(),
            Self::Value(value, Origin::Typed) => Node::constant(value),
            Self::Value(value, Origin::Dynamic) => Node::dynamic(value),
            Self::Unknown => Node::unknown(),
            Self::Node(node) => node,
        }
    }

    /// The opposite of a condition.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Value(Value::Bool(holds), _) => Self::bool(!holds),
            Self::Value(..) | Self::Unknown => Self::Unknown,
            Self::Node(node) => match &node.kind {
                Kind::Not(inner) if inner.is_condition() => Self::Node(Arc::clone(inner)),
                _ => Self::Node(Node::new(Kind::Not(node))),
            },
        }
    }

    pub(super) fn bool(holds: bool) -> Self {
        Self::Value(Value::Bool(holds), Origin::Typed)
    }

    /// A value that there are not steps enough to look at is unknown to everything that takes it.
    pub(super) fn of(result: Result<Value>, origin: Origin) -> Result<Self> {
        match result {
            Ok(value) if value.weight() == MAX_WEIGHT => Ok(Self::Unknown),
            Ok(value) => Ok(Self::Value(value, origin)),
            Err(Error::Steps) => Err(Error::Steps),
            Err(_) => Ok(Self::Unknown),
        }
    }
}
