//! Operators: what they take and what they answer.

use std::sync::Arc;

use cel_parser::{
    IdedExpr,
    common::ast::{CallExpr, operators},
};

use super::{Checked, Checker, Place, Typed, fit};
use crate::{
    fault::Fault,
    tree::{Kind, Node, Operator},
    types::Type,
};

/// The operator of this name in the parser's tree, and how it is written.
pub(super) fn named(name: &str) -> Option<(Operator, &'static str)> {
    Some(match name {
        operators::EQUALS => (Operator::Equal, "=="),
        operators::NOT_EQUALS => (Operator::NotEqual, "!="),
        operators::LESS => (Operator::Less, "<"),
        operators::LESS_EQUALS => (Operator::LessEqual, "<="),
        operators::GREATER => (Operator::Greater, ">"),
        operators::GREATER_EQUALS => (Operator::GreaterEqual, ">="),
        operators::IN => (Operator::In, "in"),
        operators::ADD => (Operator::Add, "+"),
        operators::SUBSTRACT => (Operator::Subtract, "-"),
        operators::MULTIPLY => (Operator::Multiply, "*"),
        operators::DIVIDE => (Operator::Divide, "/"),
        operators::MODULO => (Operator::Remainder, "%"),
        operators::NEGATE => (Operator::Negate, "-"),
        operators::INDEX => (Operator::Index, "[]"),
        operators::OPT_INDEX => (Operator::OptionalIndex, "[?]"),
        _ => return None,
    })
}

impl Checker<'_> {
    /// `&&`, `||`, `!` and `? :`.
    pub(super) fn logic(&mut self, call: &CallExpr, place: Place) -> Typed {
        if call.func_name == operators::CONDITIONAL {
            return self.conditional(call, place);
        }
        let parts: Vec<Arc<Node>> = call.args.iter().map(|part| self.condition(part, place)).collect();
        let node = match call.func_name.as_str() {
            operators::LOGICAL_AND => {
                let node = Node::and(parts);
                self.advise_on_contradiction(call, &node);
                node
            }
            operators::LOGICAL_OR => Node::or(parts),
            _ => parts.into_iter().next().map_or_else(Node::unknown, |part| Node::new(Kind::Not(part))),
        };
        Typed::new(node, Type::Bool)
    }

    /// A part that must be true or false.
    fn condition(&mut self, part: &IdedExpr, place: Place) -> Arc<Node> {
        let typed = self.value(part, place);
        if !matches!(typed.kind, Type::Bool | Type::Dyn) {
            let message = format!("a condition is true or false; this is {}", fit::described(&typed));
            self.type_fault(
                Fault::new(self.source.start(part), "rule_wrong_type", message).hinted("compare it with something"),
            );
        }
        typed.node
    }

    fn conditional(&mut self, call: &CallExpr, place: Place) -> Typed {
        let [condition, then, otherwise] = call.args.as_slice() else { return Typed::unknown() };
        let condition = self.condition(condition, place);
        let (then, otherwise) = (self.value(then, place), self.value(otherwise, place));
        let kind = then.kind.join(otherwise.kind);
        Typed::new(Node::new(Kind::Conditional(Arc::new([condition, then.node, otherwise.node]))), kind)
    }

    /// An operator that evaluates its operands.
    pub(super) fn operator(&mut self, part: &IdedExpr, call: &CallExpr, (operator, sign): (Operator, &str)) -> Typed {
        if let (Operator::Equal | Operator::NotEqual, [left, right]) = (operator, call.args.as_slice())
            && let Some(node) = self.anonymous(left, right).or_else(|| self.anonymous(right, left))
        {
            let node = if operator == Operator::Equal { node } else { Node::new(Kind::Not(node)) };
            return Typed::new(node, Type::Bool);
        }
        let operands: Vec<Typed> = call.args.iter().map(|operand| self.value(operand, Place::Value)).collect();
        let at = self.source.token(part);
        let kind = match operands.as_slice() {
            [operand] => self.unary(at, operand),
            [left, right] => self.binary(at, (operator, sign), left, right),
            _ => return Typed::unknown(),
        };
        if operator.is_condition() {
            self.advise_on(at, operator, &operands);
        }
        let nodes = operands.into_iter().map(|operand| operand.node).collect();
        Typed::new(self.build(at, Kind::Operator(operator, nodes)), kind)
    }

    /// Whether nobody is signed in: `auth`, or a part of it, beside the literal `null`.
    fn anonymous(&mut self, part: &IdedExpr, null: &IdedExpr) -> Option<Arc<Node>> {
        use cel_parser::common::ast::{Expr, LiteralValue};
        if !matches!(null.expr, Expr::Literal(LiteralValue::Null))
            || !matches!(part.expr, Expr::Ident(_) | Expr::Select(_))
        {
            return None;
        }
        // Looked at twice where it is something else; a fault that is noted twice is told once.
        match self.name(part) {
            Checked::Auth => Some(Node::new(Kind::Anonymous)),
            Checked::Value(typed) if matches!(typed.node.kind, Kind::Auth(_)) => Some(Node::new(Kind::Anonymous)),
            _ => None,
        }
    }

    fn unary(&mut self, at: usize, operand: &Typed) -> Type {
        match &operand.kind {
            kind @ (Type::Int | Type::Double | Type::Duration | Type::Dyn) => kind.clone(),
            other => {
                let message = format!("- takes an int, a double or a duration, not {}", fit::a(other));
                self.type_fault(Fault::new(at, "rule_wrong_type", message));
                Type::Dyn
            }
        }
    }

    fn binary(&mut self, at: usize, (operator, sign): (Operator, &str), left: &Typed, right: &Typed) -> Type {
        let fault = |message: String| Fault::new(at, "rule_wrong_type", message);
        match operator {
            Operator::Equal | Operator::NotEqual => {
                if !left.kind.compares_with(&right.kind) {
                    let message =
                        format!("{sign} cannot compare {} with {}", fit::described(left), fit::described(right));
                    self.type_fault(fault(message).with_hint(fit::comparable(left, right)));
                }
                Type::Bool
            }
            Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
                if !is_ordered(&left.kind, &right.kind) {
                    let message =
                        format!("{sign} cannot compare {} with {}", fit::described(left), fit::described(right));
                    self.type_fault(fault(message).with_hint(fit::comparable(left, right)));
                }
                Type::Bool
            }
            Operator::In => {
                if !is_in(&left.kind, &right.kind) {
                    let message = format!("in cannot look for {} in {}", fit::described(left), fit::described(right));
                    let hint = (right.kind == Type::String).then(|| "write text.contains(part)".to_owned());
                    self.type_fault(fault(message).with_hint(hint.or_else(|| item_hint(left, right))));
                }
                Type::Bool
            }
            Operator::Index | Operator::OptionalIndex => self.index(at, operator, left, right),
            _ => calculated(operator, &left.kind, &right.kind).unwrap_or_else(|| {
                let message = format!("{sign} does not take {} and {}", fit::described(left), fit::described(right));
                self.type_fault(fault(message).with_hint(fit::calculable(left, right)));
                Type::Dyn
            }),
        }
    }

    fn index(&mut self, at: usize, operator: Operator, container: &Typed, key: &Typed) -> Type {
        let found = indexed(&container.kind, &key.kind);
        if found.is_none() {
            let message = format!("{} has nothing at {}", fit::described(container), fit::a(&key.kind));
            let hint = (container.kind == Type::String).then(|| "write text.charAt(0)".to_owned());
            self.type_fault(Fault::new(at, "rule_wrong_type", message).with_hint(hint));
        }
        match (found.unwrap_or(Type::Dyn), operator) {
            (found @ Type::Optional(_), _) | (found, Operator::Index) => found,
            (found, _) => Type::optional(found),
        }
    }
}

/// The type of what stands in a container at a key.
fn indexed(container: &Type, key: &Type) -> Option<Type> {
    match container {
        Type::Dyn => Some(Type::Dyn),
        Type::List(item) if key.is_number() || *key == Type::Dyn => Some((**item).clone()),
        Type::Map(wanted, value) if wanted.compares_with(key) && *key != Type::Null => Some((**value).clone()),
        Type::Optional(inner) => indexed(inner, key).map(Type::optional),
        _ => None,
    }
}

fn is_ordered(left: &Type, right: &Type) -> bool {
    let has_order =
        |kind: &Type| !matches!(kind, Type::Null | Type::Meta | Type::List(_) | Type::Map(..) | Type::Optional(_));
    has_order(left) && has_order(right) && left.compares_with(right)
}

fn is_in(item: &Type, container: &Type) -> bool {
    match container {
        Type::Dyn => true,
        Type::List(wanted) => wanted.compares_with(item),
        Type::Map(wanted, _) => wanted.compares_with(item),
        _ => false,
    }
}

fn item_hint(item: &Typed, container: &Typed) -> Option<String> {
    match &container.kind {
        Type::List(wanted) | Type::Map(wanted, _) => {
            fit::comparable(&Typed::new(Arc::clone(&container.node), (**wanted).clone()), item)
        }
        _ => None,
    }
}

/// The type of a sum, a difference, a product and the like.
fn calculated(operator: Operator, left: &Type, right: &Type) -> Option<Type> {
    match (operator, left, right) {
        (_, Type::Dyn, Type::Null) | (_, Type::Null, _) => None,
        (_, Type::Dyn, _) | (_, _, Type::Dyn) => Some(Type::Dyn),
        (Operator::Remainder, Type::Int | Type::Uint, right) if left == right => Some(left.clone()),
        (Operator::Remainder, _, _) => None,
        (_, left, right) if left == right && left.is_number() => Some(left.clone()),
        (Operator::Add, Type::String | Type::Bytes | Type::Duration, right) if left == right => Some(left.clone()),
        (Operator::Add, Type::List(left), Type::List(right)) => {
            Some(Type::list((**left).clone().join((**right).clone())))
        }
        (Operator::Add, Type::Timestamp, Type::Duration) | (Operator::Add, Type::Duration, Type::Timestamp) => {
            Some(Type::Timestamp)
        }
        (Operator::Subtract, Type::Timestamp, Type::Duration) => Some(Type::Timestamp),
        (Operator::Subtract, Type::Timestamp, Type::Timestamp)
        | (Operator::Subtract, Type::Duration, Type::Duration) => Some(Type::Duration),
        _ => None,
    }
}
