//! The type checker: the parser's tree becomes the typed tree, and everything that is wrong with it is told at once.
//!
//! What names mean comes in as [`Names`]; what functions take is in `functions`.

mod advice;
mod call;
mod document;
mod exists_in;
mod fit;
mod habit;
mod literal;
mod macros;
mod name;
mod operator;

use std::sync::Arc;

use cel_parser::{
    IdedExpr,
    common::ast::{Expr, operators},
};

use crate::{
    error::Error,
    evaluate::Evaluation,
    fault::Fault,
    limits::{MAX_CONDITIONS, MAX_CONSTANT, MAX_DEPTH, MAX_NODES},
    syntax::{self, Source},
    tree::{Kind, Needs, Node, Variable},
    types::Type,
    value::Value,
};

pub(crate) use document::DocumentAt;

/// What the names outside of macros mean.
pub(crate) trait Names {
    /// The meaning of a name.
    fn find(&self, name: &str) -> Option<Meaning>;

    /// The value that a name stands for, dots included.
    fn constant(&self, _name: &str) -> Option<Value> {
        None
    }

    /// Names that could have been meant by one that means nothing.
    fn known(&self) -> Vec<String>;

    /// The collection of this name.
    fn collection(&self, name: &str) -> Result<Arc<alyx_schema::Collection>, Option<String>>;

    /// The collection that a foreign key points at, and the field there.
    fn target(&self, field: &alyx_schema::Field) -> Option<(Arc<alyx_schema::Collection>, alyx_query::FieldRef)>;

    /// Whether a wrong type is a fault and not an error of the evaluation.
    fn is_strict(&self) -> bool {
        true
    }
}

/// What a name means.
#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    Document(DocumentAt),
    Auth,
    Request,
}

/// An expression that has been checked.
#[derive(Clone, Debug)]
struct Typed {
    node: Arc<Node>,
    kind: Type,
}

/// An expression, or what is none by itself.
#[derive(Clone, Debug)]
enum Checked {
    Value(Typed),
    Document(DocumentAt),
    Auth,
    Request,
}

/// A rule that has been checked.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) node: Arc<Node>,
    /// What is legal and probably wrong.
    pub(crate) advice: Vec<Fault>,
    /// Fields of `doc` that are compared with a value of `auth`, each with its place in the text.
    pub(crate) deciding: Vec<(usize, usize)>,
    /// Names of roles, each with its place in the text.
    pub(crate) roles: Vec<(Arc<str>, usize)>,
}

/// Reads and checks a rule.
pub(crate) fn check(text: &str, names: &dyn Names) -> Result<Program, Vec<Fault>> {
    let source = syntax::parse(text).map_err(|fault| vec![fault])?;
    let mut checker = Checker::new(&source, names);
    let root = checker.value(&source.tree, Place::Condition);
    if names.is_strict() {
        checker.must_be_condition(&source.tree, &root);
        checker.check_size(&root.node);
    }
    if checker.faults.is_empty() {
        let Checker { advice, deciding, roles, .. } = checker;
        return Ok(Program { node: root.node, advice, deciding, roles });
    }
    checker.faults.sort_by_key(|fault| fault.at);
    checker.faults.dedup();
    Err(checker.faults)
}

/// Where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Under `&&`, `||`, `!` and the like only.
    Condition,
    /// An operand of something that needs its value.
    Value,
}

/// A name that an expression has given a meaning.
#[derive(Clone, Debug)]
struct Local {
    name: String,
    meaning: LocalMeaning,
}

#[derive(Clone, Debug)]
enum LocalMeaning {
    /// The variable of a list macro.
    Variable(Variable, Type),
    /// What `cel.bind` stands for.
    Bound(Typed),
    /// The document of an `exists_in`.
    Document(DocumentAt),
}

struct Checker<'a> {
    source: &'a Source<'a>,
    names: &'a dyn Names,
    locals: Vec<Local>,
    /// Names of `exists_in` and macros whose end is past.
    past: Vec<String>,
    slots: usize,
    exists_in: usize,
    /// List macros that are open here.
    macros: usize,
    faults: Vec<Fault>,
    advice: Vec<Fault>,
    deciding: Vec<(usize, usize)>,
    roles: Vec<(Arc<str>, usize)>,
}

impl<'a> Checker<'a> {
    fn new(source: &'a Source<'a>, names: &'a dyn Names) -> Self {
        Self {
            source,
            names,
            locals: Vec::new(),
            past: Vec::new(),
            slots: 0,
            exists_in: 0,
            macros: 0,
            faults: Vec::new(),
            advice: Vec::new(),
            deciding: Vec::new(),
            roles: Vec::new(),
        }
    }

    /// An expression that must have a value.
    fn value(&mut self, part: &IdedExpr, place: Place) -> Typed {
        match self.check(part, place) {
            Checked::Value(typed) => typed,
            Checked::Document(document) => self.fault(document.no_value(self.source.start(part))),
            Checked::Auth => {
                let fault = Fault::new(self.source.start(part), "rule_no_value", "auth is no value by itself");
                self.fault(fault.hinted("name a part of it, such as auth.id, or compare it with null"))
            }
            Checked::Request => {
                let fault = Fault::new(self.source.start(part), "rule_no_value", "request is no value by itself");
                self.fault(fault.hinted("name a part of it, such as request.method"))
            }
        }
    }

    /// Whatever `cel.bind` repeats and puts within each other is bounded here, one step after the other.
    fn check(&mut self, part: &IdedExpr, place: Place) -> Checked {
        match self.check_part(part, place) {
            Checked::Value(typed) if typed.node.size > MAX_NODES => Checked::Value(self.fault(syntax::too_large())),
            Checked::Value(typed) if typed.node.depth > MAX_DEPTH => {
                let message = "the rule is nested too deeply, what is bound counted where it stands";
                Checked::Value(self.fault(Fault::new(self.source.start(part), "rule_too_deep", message)))
            }
            checked => checked,
        }
    }

    fn check_part(&mut self, part: &IdedExpr, place: Place) -> Checked {
        Checked::Value(match &part.expr {
            Expr::Literal(literal) => literal::literal(literal),
            Expr::Ident(_) | Expr::Select(_) => return self.name(part),
            Expr::List(list) => self.list(list),
            Expr::Map(map) => self.map(map),
            Expr::Call(call) => match call.func_name.as_str() {
                operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT | operators::CONDITIONAL => {
                    self.logic(call, place)
                }
                _ => return self.call(part, call, place),
            },
            Expr::Struct(_) => {
                let fault = Fault::new(self.source.token(part), "rule_message", "there are no messages in rules");
                self.fault(fault.hinted("write a map with keys in quotes: {'name': …}"))
            }
            // The parser expands no macros and leaves nothing out without an error.
            Expr::Comprehension(_) | Expr::Unspecified => Typed::unknown(),
        })
    }

    /// Notes a fault; what it is about counts as anything from here on.
    fn fault(&mut self, fault: Fault) -> Typed {
        self.faults.push(fault);
        Typed::unknown()
    }

    /// Notes a fault of types, which is one only where types are known beforehand.
    fn type_fault(&mut self, fault: Fault) {
        if self.names.is_strict() {
            self.faults.push(fault);
        }
    }

    /// The expression, or its value where nothing has to be known for it; `at` is where it stands.
    fn build(&mut self, at: usize, kind: Kind) -> Arc<Node> {
        let node = Node::new(kind);
        if node.size > MAX_NODES {
            return self.fault(syntax::too_large()).node;
        }
        if !node.needs.met_by(Needs::NOTHING) {
            return node;
        }
        let value = Evaluation::of_constants(&node);
        match value.and_then(|value| if value.weight() > MAX_CONSTANT { Err(Error::Length) } else { Ok(value) }) {
            Ok(value) if node.is_dynamic => Node::dynamic(value),
            Ok(value) => Node::constant(value),
            Err(error) => {
                match error {
                    Error::Unknown => {}
                    Error::Argument(message) => self.type_fault(Fault::new(at, "rule_literal", message)),
                    error => {
                        self.type_fault(Fault::new(at, "rule_constant", format!("this never has a value: {error}")));
                    }
                }
                Node::unknown()
            }
        }
    }

    fn must_be_condition(&mut self, part: &IdedExpr, root: &Typed) {
        if !matches!(root.kind, Type::Bool | Type::Dyn) {
            let message = format!("a rule is true or false; this is {}", fit::described(root));
            let fault = Fault::new(self.source.start(part), "rule_not_a_condition", message);
            self.faults.push(fault.hinted("compare it with something"));
        }
    }

    fn check_size(&mut self, node: &Node) {
        if self.faults.is_empty() && node.asked() > MAX_CONDITIONS {
            let message = "the rule has too many conditions, those within c ? a : b counted as often as they are asked";
            self.faults.push(Fault::new(0, "rule_too_large", message).hinted("split it, or use && and ||"));
        }
    }
}

impl Typed {
    fn new(node: Arc<Node>, kind: Type) -> Self {
        Self { node, kind }
    }

    /// What is wrong already, so that nothing more is said about it.
    fn unknown() -> Self {
        Self { node: Node::unknown(), kind: Type::Dyn }
    }
}
