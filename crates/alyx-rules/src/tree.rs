//! The typed tree that a rule's text becomes. How it is made is in `check`, what it says in `evaluate`.

mod needs;
mod print;
mod steps;

use std::sync::Arc;

use alyx_query::{FieldRef, Hop};
use alyx_schema::Collection;

use crate::{functions::Function, shape::Shape, value::Value};

pub(crate) use needs::Needs;
pub(crate) use print::print;

/// One expression.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// What has to be known for it to have a value.
    pub(crate) needs: Needs,
    /// Expressions in it, itself included.
    pub(crate) size: usize,
    /// Its type is that of a value that was not known when types were checked.
    pub(crate) is_dynamic: bool,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Constant(Value),
    /// An error, whatever comes.
    Unknown,
    /// A variable of a list macro.
    Variable(Variable),
    Field(Arc<FieldPath>),
    Auth(AuthPart),
    /// Whether nobody is signed in.
    Anonymous,
    Request(RequestPart),
    Select(Arc<Node>, Arc<str>),
    Has(Arc<Node>, Arc<str>),
    And(Vec<Arc<Node>>),
    Or(Vec<Arc<Node>>),
    Not(Arc<Node>),
    /// Condition, then, else.
    Conditional(Arc<[Arc<Node>; 3]>),
    Operator(Operator, Vec<Arc<Node>>),
    Call(Call),
    /// `matches` with a pattern that is known.
    Matches(Arc<Node>, Pattern),
    List(Vec<Item>),
    Map(Vec<Entry>),
    Macro(Arc<Macro>),
    ExistsIn(ExistsIn),
}

/// A variable by its place; the name is for printing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Variable {
    pub(crate) slot: usize,
    pub(crate) name: Arc<str>,
}

/// A field of a document in reach.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FieldPath {
    /// The document to start from: `doc` is 0, the variable of an `exists_in` one more than what is around it.
    pub(crate) depth: usize,
    /// The name of that document.
    pub(crate) variable: Arc<str>,
    /// Foreign keys to follow from there.
    pub(crate) hops: Vec<Hop>,
    pub(crate) field: FieldRef,
    pub(crate) shape: Shape,
    /// Whether the field can be null.
    pub(crate) nullable: bool,
}

/// A part of `auth`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthPart {
    Id,
    Email,
    Role,
    Verified,
    Metadata,
}

/// A part of `request`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestPart {
    Method,
    Ip,
    Time,
    Body,
    Headers,
    Query,
}

impl AuthPart {
    pub(crate) const ALL: [Self; 5] = [Self::Id, Self::Email, Self::Role, Self::Verified, Self::Metadata];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Email => "email",
            Self::Role => "role",
            Self::Verified => "verified",
            Self::Metadata => "metadata",
        }
    }
}

impl RequestPart {
    pub(crate) const ALL: [Self; 6] =
        [Self::Method, Self::Ip, Self::Time, Self::Body, Self::Headers, Self::Query];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Ip => "ip",
            Self::Time => "time",
            Self::Body => "body",
            Self::Headers => "headers",
            Self::Query => "query",
        }
    }
}

/// An operator that evaluates all its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Negate,
    Index,
    OptionalIndex,
    OptionalSelect,
}

/// A call of a function.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) function: &'static Function,
    /// Written behind its first argument: `x.f(y)`.
    pub(crate) is_method: bool,
    pub(crate) arguments: Vec<Arc<Node>>,
}

/// A regular expression that is compiled once.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pub(crate) text: Arc<str>,
    pub(crate) regex: Arc<regex::Regex>,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// An item of a list; an optional one is left out where it has no value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub(crate) value: Arc<Node>,
    pub(crate) is_optional: bool,
}

/// An entry of a map; an optional one is left out where it has no value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: Arc<Node>,
    pub(crate) value: Arc<Node>,
    pub(crate) is_optional: bool,
}

/// A list macro.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Macro {
    pub(crate) kind: MacroKind,
    pub(crate) range: Arc<Node>,
    pub(crate) variables: Vec<Variable>,
    /// Which items count, where a macro that makes a list or map says so.
    pub(crate) filter: Option<Arc<Node>>,
    pub(crate) body: Arc<Node>,
}

/// What a macro makes of its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MacroKind {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
    TransformList,
    TransformMap,
    TransformMapEntry,
    OptMap,
    OptFlatMap,
}

/// Whether a document of a collection meets a condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExistsIn {
    pub(crate) collection: Arc<Collection>,
    pub(crate) variable: Arc<str>,
    /// The variable's [`FieldPath::depth`].
    pub(crate) depth: usize,
    pub(crate) body: Arc<Node>,
}

impl Node {
    pub(crate) fn new(kind: Kind) -> Arc<Self> {
        let mut size = 1_usize;
        kind.for_each(&mut |part| size = size.saturating_add(part.size));
        Arc::new(Self { needs: Needs::of(&kind), size, is_dynamic: is_dynamic(&kind), kind })
    }

    pub(crate) fn constant(value: Value) -> Arc<Self> {
        Self::new(Kind::Constant(value))
    }

    /// A constant whose type was not known when types were checked.
    pub(crate) fn dynamic(value: Value) -> Arc<Self> {
        let is_dynamic = !matches!(value, Value::Bool(_));
        Arc::new(Self { kind: Kind::Constant(value), needs: Needs::NOTHING, size: 1, is_dynamic })
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
            Self::Equal
                | Self::NotEqual
                | Self::Less
                | Self::LessEqual
                | Self::Greater
                | Self::GreaterEqual
                | Self::In
        )
    }
}

/// Two trees are one where they say the same; what they need follows from that.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}
