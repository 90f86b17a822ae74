//! One rule, compiled: decided for a caller and a request, and what is left of it.

use std::sync::Arc;

use alyx_query::{Predicate, Truth, World};
use alyx_schema::{CollectionName, Diagnostic, Document, Rule};

use crate::{
    check::{self, Names, Program},
    context::Context,
    decide::{Reduced, Reduction},
    evaluate::{Documents, Evaluation, Reach},
    fault::Fault,
    lower,
    tree::{Kind, Needs, Node, print},
    value::Value,
};

/// A rule whose types have been checked.
#[derive(Clone, Debug)]
pub struct CompiledRule {
    rule: Rule,
    pub(crate) program: Program,
    /// What it says, where that does not depend on anything.
    decided: Option<Truth>,
}

impl CompiledRule {
    /// Reads and checks a rule.
    pub(crate) fn compile(rule: &Rule, names: &dyn Names) -> Result<Self, Vec<Fault>> {
        let mut program = check::check(&rule.text, names)?;
        let reduced = Reduction::of_raw().run(&program.node);
        let decided = reduced.truth();
        program.node = reduced.into_node();
        Ok(Self { rule: rule.clone(), program, decided })
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.rule.text
    }

    /// Whether it lets everybody do everything.
    #[must_use]
    pub fn is_always_true(&self) -> bool {
        self.decided == Some(Truth::True)
    }

    /// Whether it says the same of every caller and request, as a rule about documents alone does.
    #[must_use]
    pub fn is_for_all_callers(&self) -> bool {
        !self.program.node.needs.any_of(Needs::AUTH.and(Needs::REQUEST))
    }

    /// What is left of it for a caller and a request.
    #[must_use]
    pub fn decide(&self, context: &Context<'_>) -> Residual {
        if let Some(truth) = self.decided {
            return Residual::decided(truth);
        }
        if self.is_for_all_callers() {
            return Residual { left: Left::Node(Arc::clone(&self.program.node)), document: None };
        }
        Residual::new(Reduction::new(context, Documents::Nothing).run(&self.program.node), None)
    }

    /// What is left of it where the document is known too: questions about other documents.
    #[must_use]
    pub fn decide_for(&self, context: &Context<'_>, document: &Document) -> Residual {
        if let Some(truth) = self.decided {
            return Residual::decided(truth);
        }
        let known = Documents::Reach(Reach::new(document, None));
        Residual::new(Reduction::new(context, known).run(&self.program.node), Some(document))
    }

    /// What it says where everything is known. Slower than asking a predicate, and what that is held to.
    #[must_use]
    pub fn evaluate(&self, context: &Context<'_>, document: &Document, world: &dyn World) -> Truth {
        let documents = Documents::Reach(Reach::new(document, Some(world)));
        Evaluation::new(Some(context), documents).truth(&self.program.node)
    }

    /// The collections whose documents it looks at, apart from the one that it is about.
    pub(crate) fn looks_at(&self) -> Vec<CollectionName> {
        let mut found = Vec::new();
        self.program.node.walk(&mut |node| match &node.kind {
            Kind::ExistsIn(inner) => found.push(inner.collection.name.clone()),
            Kind::Field(path) => found.extend(path.hops.iter().map(|hop| hop.target.name.clone())),
            _ => {}
        });
        found
    }

    /// A fault or an advice with its place in the file.
    pub(crate) fn diagnostic(&self, file: &str, fault: Fault) -> Diagnostic {
        fault.diagnostic(file, &self.rule)
    }
}

/// What is left of a rule once a caller and a request are known.
#[derive(Clone, Debug)]
pub struct Residual {
    left: Left,
    /// The document, where it is known.
    document: Option<Arc<Document>>,
}

#[derive(Clone, Debug)]
enum Left {
    Decided(Truth),
    Node(Arc<Node>),
}

impl Residual {
    fn decided(truth: Truth) -> Self {
        Self { left: Left::Decided(truth), document: None }
    }

    fn new(reduced: Reduced, document: Option<&Document>) -> Self {
        match (reduced.truth(), reduced) {
            (None, Reduced::Node(node)) => {
                Self { left: Left::Node(node), document: document.map(|document| Arc::new(document.clone())) }
            }
            (truth, _) => Self::decided(truth.unwrap_or(Truth::Unknown)),
        }
    }

    /// What it says, if nothing is left to be asked.
    #[must_use]
    pub fn truth(&self) -> Option<Truth> {
        if let Left::Decided(truth) = self.left { Some(truth) } else { None }
    }

    /// What is left, as CEL; `unknown()` stands for what has no value whatever comes.
    #[must_use]
    pub fn to_cel(&self) -> String {
        match &self.left {
            Left::Decided(Truth::True) => print(&Node::constant(Value::Bool(true))),
            Left::Decided(Truth::False) => print(&Node::constant(Value::Bool(false))),
            Left::Decided(Truth::Unknown) => print(&Node::unknown()),
            Left::Node(node) => print(node),
        }
    }

    /// The predicate that is true of the documents that the rule allows.
    ///
    /// Of others it is false or unknown, whichever is cheaper to find out: join it to others by `and` and `or`,
    /// and use [`Residual::exact_predicate`] where its opposite is asked for.
    #[must_use]
    pub fn predicate(&self) -> Predicate {
        match &self.left {
            Left::Decided(Truth::True) => Predicate::TRUE,
            Left::Decided(_) => Predicate::FALSE,
            Left::Node(node) => lower::of_truth(node, self.document.as_deref()),
        }
    }

    /// The predicate with the same three truth values as the rule.
    #[must_use]
    pub fn exact_predicate(&self) -> Predicate {
        match &self.left {
            Left::Decided(truth) => Predicate::Constant(*truth),
            Left::Node(node) => lower::exact(node, self.document.as_deref()),
        }
    }
}
