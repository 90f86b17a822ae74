//! The evaluator: a walk over the tree within a budget of steps. What has no value is an error, which `&&` and
//! `||` absorb where their other side decides.

mod access;
mod construct;
mod documents;
mod macros;
mod operator;

use alyx_query::Truth;

use crate::{
    context::Context,
    error::{Error, Result},
    functions::is_decided_by_first,
    limits::{BYTES_A_STEP, MAX_STEPS},
    tree::{Call, ExistsIn, Kind, Node},
    value::Value,
};

pub(crate) use documents::{Documents, Reach};
pub(crate) use macros::{Round, rounds};
pub(crate) use operator::apply;

/// One evaluation: what is known, and how many steps are left.
pub(crate) struct Evaluation<'a> {
    pub(crate) context: Option<&'a Context<'a>>,
    pub(crate) documents: Documents<'a>,
    variables: Vec<Option<Value>>,
    steps: u32,
}

impl<'a> Evaluation<'a> {
    pub(crate) fn new(context: Option<&'a Context<'a>>, documents: Documents<'a>) -> Self {
        Self { context, documents, variables: Vec::new(), steps: MAX_STEPS }
    }

    /// The value of an expression that needs nothing to be known.
    pub(crate) fn of_constants(node: &Node) -> Result<Value> {
        Self::new(None, Documents::Nothing).evaluate(node)
    }

    /// The value of an expression.
    pub(crate) fn evaluate(&mut self, node: &Node) -> Result<Value> {
        self.step(1)?;
        match &node.kind {
            Kind::Constant(value) => Ok(value.clone()),
            Kind::Unknown => Err(Error::Unknown),
            Kind::Variable(variable) => self.variable(variable.slot).ok_or(Error::Unknown),
            Kind::Field(path) => self.documents.field(path),
            Kind::Auth(part) => self.auth(*part),
            Kind::Anonymous => Ok(Value::Bool(self.context.ok_or(Error::Unknown)?.auth.is_none())),
            Kind::Request(part) => self.request(*part),
            Kind::Select(operand, key) => self.select(operand, key),
            Kind::Has(operand, key) => self.has(operand, key),
            Kind::And(parts) => self.decide(parts.iter().map(|part| &**part), false),
            Kind::Or(parts) => self.decide(parts.iter().map(|part| &**part), true),
            Kind::Not(inner) => self.condition(inner).map(|holds| Value::Bool(!holds)),
            Kind::Conditional(parts) => {
                let branch = if self.condition(&parts[0])? { &parts[1] } else { &parts[2] };
                self.evaluate(branch)
            }
            Kind::Operator(operator, operands) => self.operator(*operator, operands),
            Kind::Call(call) => self.call(call),
            Kind::Matches(text, pattern) => match self.evaluate(text)? {
                Value::String(text) => {
                    self.work_on(text.len())?;
                    Ok(Value::Bool(pattern.regex.is_match(&text)))
                }
                _ => Err(Error::NoOverload),
            },
            Kind::List(items) => self.list(items),
            Kind::Map(entries) => self.map(entries),
            Kind::Macro(inner) => self.run_macro(inner),
            Kind::ExistsIn(inner) => self.exists_in(inner),
        }
    }

    /// What an expression says of what is known; an error, and what is no bool, is unknown.
    pub(crate) fn truth(&mut self, node: &Node) -> Truth {
        self.condition(node).map_or(Truth::Unknown, Truth::from)
    }

    pub(crate) fn condition(&mut self, node: &Node) -> Result<bool> {
        match self.evaluate(node)? {
            Value::Bool(holds) => Ok(holds),
            _ => Err(Error::NoOverload),
        }
    }

    /// `&&` or `||`: the first part that is `deciding` ends it; otherwise one error makes it an error.
    fn decide<'n>(&mut self, parts: impl Iterator<Item = &'n Node>, deciding: bool) -> Result<Value> {
        let mut result = Ok(Value::Bool(!deciding));
        for part in parts {
            match self.condition(part) {
                Ok(holds) if holds == deciding => return Ok(Value::Bool(deciding)),
                Ok(_) => {}
                Err(Error::Steps) => return Err(Error::Steps),
                Err(error) => result = Err(error),
            }
        }
        result
    }

    fn call(&mut self, call: &Call) -> Result<Value> {
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for (index, argument) in call.arguments.iter().enumerate() {
            arguments.push(construct::known(self.evaluate(argument)?)?);
            if index == 0
                && let Some(result) = is_decided_by_first(call.function, &arguments[0])
            {
                return result;
            }
        }
        self.work_on(arguments.iter().map(Value::weight).sum())?;
        self.work_on(work_beyond_weight(call.function.name, &arguments))?;
        let result = call.function.call(&arguments)?;
        self.work_on(result.weight())?;
        Ok(result)
    }

    fn exists_in(&mut self, inner: &ExistsIn) -> Result<Value> {
        let mut result = Ok(Value::Bool(false));
        for document in self.documents.all(&inner.collection)? {
            self.documents.enter(document);
            let found = self.condition(&inner.body);
            self.documents.leave();
            match found {
                Ok(true) => return Ok(Value::Bool(true)),
                Ok(false) => {}
                Err(Error::Steps) => return Err(Error::Steps),
                Err(error) => result = Err(error),
            }
        }
        result
    }

    /// Pays for steps.
    pub(crate) fn step(&mut self, count: u32) -> Result<()> {
        match self.steps.checked_sub(count) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => {
                self.steps = 0;
                Err(Error::Steps)
            }
        }
    }

    /// Pays for work on so many bytes.
    pub(crate) fn work_on(&mut self, bytes: usize) -> Result<()> {
        self.step(u32::try_from(bytes / BYTES_A_STEP).unwrap_or(u32::MAX))
    }

    pub(crate) fn variable(&self, slot: usize) -> Option<Value> {
        self.variables.get(slot).cloned().flatten()
    }

    pub(crate) fn bind(&mut self, slot: usize, value: Option<Value>) {
        if self.variables.len() <= slot {
            self.variables.resize(slot + 1, None);
        }
        self.variables[slot] = value;
    }
}

/// What a call costs that is much more work than its arguments weigh, in bytes.
fn work_beyond_weight(function: &str, arguments: &[Value]) -> usize {
    match (function, arguments) {
        ("matches", [_, Value::String(pattern)]) => pattern.len().max(100) * BYTES_A_STEP,
        // All items are compared with each other.
        ("distinct", [list @ Value::List(items)]) => items.len().saturating_mul(list.weight()) / 32,
        ("sets.contains" | "sets.equivalent" | "sets.intersects", [Value::List(left), right]) => {
            left.len().saturating_mul(right.weight()) / 16
        }
        _ => 0,
    }
}
