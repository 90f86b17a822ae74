//! Whether the checker would take a constant that came with its type where it stands now.

use super::super::{Call, Kind, Node, Operator};
use crate::types::Type;

/// Whether the operands of an operator fit each other as far as can be seen.
pub(super) fn operator(operator: Operator, operands: &[std::sync::Arc<Node>]) -> bool {
    let [left, right] = operands else { return false };
    match (seen_type(left), seen_type(right)) {
        (Type::Dyn, _) | (_, Type::Dyn) => false,
        (left, right) => match operator {
            Operator::Equal | Operator::NotEqual => left.compares_with(&right),
            Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
                left == right && left != Type::Null
            }
            Operator::In => matches!(&right, Type::List(item) if item.compares_with(&left)),
            _ => false,
        },
    }
}

/// Whether the arguments of a call fit it as far as can be seen.
pub(super) fn call(call: &Call) -> bool {
    let kinds: Vec<Type> = call.arguments.iter().map(|argument| seen_type(argument)).collect();
    let mut signatures = call.function.signatures.iter().filter(|signature| signature.is_method == call.is_method);
    !kinds.contains(&Type::Dyn) && signatures.any(|signature| signature.result_for(&kinds).is_some())
}

/// The type where it can be seen at once, else `dyn`.
fn seen_type(node: &Node) -> Type {
    match &node.kind {
        Kind::Field(path) => path.shape.value_type(),
        Kind::Constant(value) => Type::of(value),
        _ if node.is_condition() => Type::Bool,
        _ => Type::Dyn,
    }
}
