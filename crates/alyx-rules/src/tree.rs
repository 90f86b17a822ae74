//! The typed tree that a rule's text becomes. How it is made is in `check`, what it says in `evaluate`.

mod needs;
mod node;
mod part;
mod print;
mod same;
mod steps;

use std::sync::Arc;

use alyx_query::{FieldRef, Hop};
use alyx_schema::Collection;

use crate::{functions::Function, shape::Shape, value::Value};

pub(crate) use needs::Needs;
pub(crate) use part::{AuthPart, RequestPart};
pub(crate) use print::print;
pub(crate) use same::same_hops;

/// One expression.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// What has to be known for it to have a value.
    pub(crate) needs: Needs,
    /// Expressions in it, itself included.
    pub(crate) size: usize,
    /// Most expressions within each other, itself included.
    pub(crate) depth: usize,
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
pub(crate) struct ExistsIn {
    pub(crate) collection: Arc<Collection>,
    pub(crate) variable: Arc<str>,
    /// The variable's [`FieldPath::depth`].
    pub(crate) depth: usize,
    pub(crate) body: Arc<Node>,
}
