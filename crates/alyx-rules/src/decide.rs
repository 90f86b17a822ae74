//! Partial evaluation: what is known is put in, what follows is decided, the rest is kept.
//!
//! Every step keeps all three truth values. What would be an error whatever comes is kept as one.

mod group;
mod reduced;
mod unroll;

use std::sync::Arc;

use self::{group::Group, reduced::Origin};
use crate::{
    context::Context,
    error::Result,
    evaluate::{Documents, Evaluation, apply},
    functions::is_decided_by_first,
    limits::{MAX_CONDITIONS, MAX_LEFT},
    tree::{Call, Entry, ExistsIn, Item, Kind, Macro, Needs, Node, Operator, Pattern},
    value::Value,
};

pub(crate) use self::reduced::Reduced;

/// One partial evaluation.
pub(crate) struct Reduction<'a> {
    evaluation: Evaluation<'a>,
    known: Needs,
    /// How many variables of macros have a value here.
    bound: usize,
    /// Where the values of those variables come from.
    items: Origin,
    /// The tree comes from the checker and has not been simplified yet.
    is_raw: bool,
}

impl<'a> Reduction<'a> {
    /// What of a tree does not depend on who asks for what.
    pub(crate) fn of_raw() -> Self {
        let evaluation = Evaluation::new(None, Documents::Nothing);
        Self { evaluation, known: Needs::NOTHING, bound: 0, items: Origin::Typed, is_raw: true }
    }

    /// With `auth`, `request`, and the document where it is known too.
    pub(crate) fn new(context: &'a Context<'a>, documents: Documents<'a>) -> Self {
        let asked = Needs::AUTH.and(Needs::REQUEST);
        let known = match documents {
            Documents::Nothing => asked,
            _ => asked.and(Needs::DOCUMENT),
        };
        Self {
            evaluation: Evaluation::new(Some(context), documents),
            known,
            bound: 0,
            items: Origin::Typed,
            is_raw: false,
        }
    }

    /// What is left of a tree: nothing but unknown where that takes too many steps, or would be too much to ask.
    pub(crate) fn run(mut self, node: &Arc<Node>) -> Reduced {
        match self.reduce(node) {
            Ok(Reduced::Node(left)) if left.size > MAX_CONDITIONS && left.asked() > MAX_LEFT => Reduced::Unknown,
            Ok(reduced) => reduced,
            Err(_) => Reduced::Unknown,
        }
    }

    fn reduce(&mut self, node: &Arc<Node>) -> Result<Reduced> {
        if let Kind::Constant(value) = &node.kind {
            return Ok(Reduced::Value(value.clone(), Origin::of(node)));
        }
        if node.needs.met_by(self.known) {
            return Reduced::of(self.evaluation.evaluate(node), Origin::of(node));
        }
        let is_touched = node.needs.any_of(self.known) || (self.bound > 0 && node.needs.has_variables());
        if !is_touched && !self.is_raw {
            return Ok(Reduced::Node(Arc::clone(node)));
        }
        self.evaluation.step(1)?;
        match &node.kind {
            Kind::And(parts) => self.logic(parts, false),
            Kind::Or(parts) => self.logic(parts, true),
            Kind::Not(inner) => Ok(self.reduce(inner)?.negated()),
            Kind::Conditional(parts) => self.conditional(parts),
            Kind::Operator(operator, operands) => self.operator(*operator, operands),
            Kind::Call(call) => self.call(call),
            Kind::Matches(text, pattern) => self.of_one(text, |text| Kind::Matches(text, pattern.clone())),
            Kind::Select(operand, key) => self.of_one(operand, |operand| Kind::Select(operand, Arc::clone(key))),
            Kind::Has(operand, key) => self.of_one(operand, |operand| Kind::Has(operand, Arc::clone(key))),
            Kind::List(items) => self.list(items),
            Kind::Map(entries) => self.map(entries),
            Kind::Macro(inner) => self.list_macro(inner),
            Kind::ExistsIn(inner) => self.exists_in(inner),
            Kind::Variable(variable) => Ok(match self.evaluation.variable(variable.slot) {
                Some(value) => Reduced::Value(value, self.items),
                None => Reduced::Node(Arc::clone(node)),
            }),
            // A foreign key of the known document that is null leads nowhere.
            Kind::Field(path) => Ok(match self.evaluation.documents.leads_nowhere(path) {
                true => Reduced::Unknown,
                false => Reduced::Node(Arc::clone(node)),
            }),
            Kind::Constant(_) | Kind::Unknown | Kind::Auth(_) | Kind::Anonymous | Kind::Request(_) => {
                Ok(Reduced::Node(Arc::clone(node)))
            }
        }
    }

    /// `&&` or `||` of what the parts become; `deciding` ends it.
    fn logic(&mut self, parts: &[Arc<Node>], deciding: bool) -> Result<Reduced> {
        let mut group = Group::new(deciding, parts.len());
        for part in parts {
            if group.add(self.reduce(part)?) {
                break;
            }
        }
        Ok(group.finish())
    }

    fn conditional(&mut self, parts: &[Arc<Node>; 3]) -> Result<Reduced> {
        let [condition, then, otherwise] = parts;
        match self.reduce(condition)? {
            Reduced::Value(Value::Bool(true), _) => self.reduce(then),
            Reduced::Value(Value::Bool(false), _) => self.reduce(otherwise),
            Reduced::Value(..) | Reduced::Unknown => Ok(Reduced::Unknown),
            Reduced::Node(condition) => {
                let (then, otherwise) = (self.reduce(then)?.into_node(), self.reduce(otherwise)?.into_node());
                Ok(Reduced::Node(Node::new(Kind::Conditional(Arc::new([condition, then, otherwise])))))
            }
        }
    }

    fn operator(&mut self, operator: Operator, operands: &[Arc<Node>]) -> Result<Reduced> {
        let left = self.reduce(&operands[0])?;
        let right = operands.get(1).map(|right| self.reduce(right)).transpose()?;
        match (left, right) {
            (Reduced::Unknown, _) | (_, Some(Reduced::Unknown)) => Ok(Reduced::Unknown),
            (Reduced::Value(value, _), Some(Reduced::Node(_))) | (Reduced::Node(_), Some(Reduced::Value(value, _)))
                if value.is_open() =>
            {
                Ok(Reduced::Unknown)
            }
            (Reduced::Value(left, origin), Some(Reduced::Value(right, other))) => {
                self.evaluation.work_on(left.weight().saturating_add(right.weight()))?;
                Reduced::of(apply(operator, &left, &right), origin.or(other))
            }
            (Reduced::Value(left, origin), None) => Reduced::of(apply(operator, &left, &Value::Null), origin),
            (Reduced::Node(node), Some(Reduced::Value(Value::Bool(wanted), _)))
            | (Reduced::Value(Value::Bool(wanted), _), Some(Reduced::Node(node)))
                if node.is_condition() && matches!(operator, Operator::Equal | Operator::NotEqual) =>
            {
                let same = wanted == (operator == Operator::Equal);
                Ok(if same { Reduced::Node(node) } else { Reduced::Node(node).negated() })
            }
            (left, right) => {
                let operands = std::iter::once(left).chain(right).map(Reduced::into_node).collect();
                Ok(Reduced::Node(Node::operator(operator, operands)))
            }
        }
    }

    fn call(&mut self, call: &Call) -> Result<Reduced> {
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for (index, argument) in call.arguments.iter().enumerate() {
            let reduced = self.reduce(argument)?;
            if let (0, Reduced::Value(first, origin)) = (index, &reduced)
                && let Some(result) = is_decided_by_first(call.function, first)
            {
                return Reduced::of(result, *origin);
            }
            // `or` and `orValue` may never look at what is unknown.
            let is_looked_at = index == 0 || !matches!(call.function.name, "or" | "orValue");
            match reduced {
                Reduced::Unknown if is_looked_at => return Ok(Reduced::Unknown),
                reduced => arguments.push(reduced.into_node()),
            }
        }
        if let ("matches", [text, pattern]) = (call.function.name, arguments.as_slice())
            && let Some(Value::String(pattern)) = pattern.value()
        {
            self.evaluation.step(100)?;
            return match Pattern::new(pattern) {
                Ok(pattern) => self.finish(Kind::Matches(Arc::clone(text), pattern)),
                Err(_) => Ok(Reduced::Unknown),
            };
        }
        self.finish(Kind::Call(Call { arguments, ..*call }))
    }

    fn of_one(&mut self, operand: &Arc<Node>, kind: impl FnOnce(Arc<Node>) -> Kind) -> Result<Reduced> {
        match self.reduce(operand)? {
            Reduced::Unknown => Ok(Reduced::Unknown),
            reduced => self.finish(kind(reduced.into_node())),
        }
    }

    fn list(&mut self, items: &[Item]) -> Result<Reduced> {
        let mut reduced = Vec::with_capacity(items.len());
        for item in items {
            match self.reduce(&item.value)? {
                Reduced::Unknown => return Ok(Reduced::Unknown),
                value => reduced.push(Item { value: value.into_node(), ..*item }),
            }
        }
        self.finish(Kind::List(reduced))
    }

    fn map(&mut self, entries: &[Entry]) -> Result<Reduced> {
        let mut reduced = Vec::with_capacity(entries.len());
        for entry in entries {
            match (self.reduce(&entry.key)?, self.reduce(&entry.value)?) {
                (Reduced::Unknown, _) | (_, Reduced::Unknown) => return Ok(Reduced::Unknown),
                (key, value) => reduced.push(Entry { key: key.into_node(), value: value.into_node(), ..*entry }),
            }
        }
        self.finish(Kind::Map(reduced))
    }

    /// A macro whose items are not known one by one: its variables stay variables.
    fn kept_macro(&mut self, inner: &Macro, range: Arc<Node>) -> Result<Reduced> {
        let filter = inner.filter.as_ref().map(|filter| self.reduce(filter)).transpose()?.map(Reduced::into_node);
        let body = self.reduce(&inner.body)?.into_node();
        let variables = inner.variables.clone();
        self.finish(Kind::Macro(Arc::new(Macro { kind: inner.kind, range, variables, filter, body })))
    }

    fn exists_in(&mut self, inner: &ExistsIn) -> Result<Reduced> {
        match self.reduce(&inner.body)? {
            Reduced::Value(Value::Bool(false), _) => Ok(Reduced::bool(false)),
            body => Ok(Reduced::Node(Node::new(Kind::ExistsIn(ExistsIn { body: body.into_node(), ..inner.clone() })))),
        }
    }

    /// The expression, or its value where it needs nothing any more.
    fn finish(&mut self, kind: Kind) -> Result<Reduced> {
        let node = Node::new(kind);
        if node.needs.met_by(Needs::NOTHING) {
            return Reduced::of(self.evaluation.evaluate(&node), Origin::of(&node));
        }
        Ok(Reduced::Node(node))
    }
}
