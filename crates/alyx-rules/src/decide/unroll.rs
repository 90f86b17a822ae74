//! `all` and `exists` over a list that is known become `&&` and `||`, and those of equalities an `in`.

use std::sync::Arc;

use super::{Group, Origin, Reduced, Reduction};
use crate::{
    error::Result,
    evaluate::rounds,
    limits::MAX_ITEMS,
    tree::{Kind, Macro, MacroKind, Node, Operator},
    value::Value,
};

impl Reduction<'_> {
    pub(super) fn list_macro(&mut self, inner: &Macro) -> Result<Reduced> {
        let (range, origin) = match self.reduce(&inner.range)? {
            Reduced::Unknown => return Ok(Reduced::Unknown),
            Reduced::Value(range, origin) => (range, origin),
            Reduced::Node(range) => return self.kept_macro(inner, range),
        };
        let deciding = match inner.kind {
            MacroKind::All => false,
            MacroKind::Exists => true,
            _ => return self.kept_macro(inner, Reduced::Value(range, origin).into_node()),
        };
        self.evaluation.work_on(range.weight())?;
        match rounds(range.clone(), inner.variables.len()) {
            Ok(rounds) if rounds.len() <= MAX_ITEMS => {
                let outer = self.items;
                self.items = outer.or(origin);
                let unrolled = self.unroll(inner, rounds, deciding);
                self.items = outer;
                unrolled
            }
            Ok(_) => self.kept_macro(inner, Reduced::Value(range, origin).into_node()),
            Err(_) => Ok(Reduced::Unknown),
        }
    }

    fn unroll(&mut self, inner: &Macro, rounds: Vec<crate::evaluate::Round>, deciding: bool) -> Result<Reduced> {
        let mut group = Group::new(deciding, rounds.len());
        self.bound += inner.variables.len();
        for round in rounds {
            for (variable, value) in inner.variables.iter().zip([round.first, round.second]) {
                self.evaluation.bind(variable.slot, value);
            }
            if group.add(self.reduce(&inner.body)?) {
                break;
            }
        }
        inner.variables.iter().for_each(|variable| self.evaluation.bind(variable.slot, None));
        self.bound -= inner.variables.len();
        if !group.is_decided {
            group.parts = joined(group.parts, deciding);
        }
        Ok(group.finish())
    }
}

/// Values, and whether the type of any was unknown to the checker.
type Values = (Vec<Value>, Origin);

/// Comparisons of one expression with several values as one `in`, or with `all` one `!(… in …)`.
fn joined(parts: Vec<Arc<Node>>, deciding: bool) -> Vec<Arc<Node>> {
    let mut lists: Vec<(Arc<Node>, Values)> = Vec::new();
    let mut rest = Vec::new();
    for part in parts {
        let Some((operand, value, origin)) = compared(&part, deciding) else {
            rest.push(part);
            continue;
        };
        match lists.iter_mut().find(|(known, _)| Arc::ptr_eq(known, operand) || known == operand) {
            Some((_, (values, known))) => {
                values.push(value.clone());
                *known = known.or(origin);
            }
            None => lists.push((Arc::clone(operand), (vec![value.clone()], origin))),
        }
    }
    rest.extend(lists.into_iter().map(|(operand, values)| one_of(operand, values, deciding)));
    rest
}

/// The two sides of `x == constant`, or with `all` of `x != constant`.
fn compared(part: &Node, deciding: bool) -> Option<(&Arc<Node>, &Value, Origin)> {
    let Kind::Operator(operator, operands) = &part.kind else { return None };
    let wanted = if deciding { Operator::Equal } else { Operator::NotEqual };
    let [left, right] = operands.as_slice() else { return None };
    match (left.value(), right.value()) {
        _ if *operator != wanted => None,
        (None, Some(value)) => Some((left, value, Origin::of(right))),
        (Some(value), None) => Some((right, value, Origin::of(left))),
        _ => None,
    }
}

fn one_of(operand: Arc<Node>, (values, origin): Values, deciding: bool) -> Arc<Node> {
    let (operator, value) = match <[Value; 1]>::try_from(values) {
        Ok([value]) => (Operator::Equal, value),
        Err(values) => (Operator::In, Value::list(values)),
    };
    let node = Node::operator(operator, vec![operand, Reduced::Value(value, origin).into_node()]);
    if deciding { node } else { Node::new(Kind::Not(node)) }
}
