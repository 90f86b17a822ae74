//! What to say where types do not fit, and what would.

use super::Typed;
use crate::{
    tree::{Kind, Node, print},
    types::Type,
    value::Value,
};

/// A type in a sentence: `an int`, `a string`, `null`.
pub(super) fn a(kind: &Type) -> String {
    match kind {
        Type::Null => "null".to_owned(),
        Type::Int => "an int".to_owned(),
        Type::Bytes => "bytes".to_owned(),
        Type::Uint | Type::String | Type::Bool | Type::Double | Type::Timestamp | Type::Duration | Type::Meta => {
            format!("a {kind}")
        }
        Type::Optional(_) => format!("an {kind}"),
        other => format!("a {other}"),
    }
}

/// An expression in a sentence: by its name, where it has one, with its type.
pub(super) fn described(typed: &Typed) -> String {
    match &typed.node.kind {
        Kind::Field(_) | Kind::Auth(_) | Kind::Request(_) | Kind::Variable(_) => {
            format!("{} ({})", print(&typed.node), typed.kind)
        }
        _ => a(&typed.kind),
    }
}

/// What to write so that the two can be compared.
pub(super) fn comparable(left: &Typed, right: &Typed) -> Option<String> {
    one_sided(left, right).or_else(|| one_sided(right, left))
}

/// What to write in place of `given`, so that it fits beside `wanted`.
fn one_sided(wanted: &Typed, given: &Typed) -> Option<String> {
    let text = if let Some(Value::String(text)) = given.node.value() { Some(&**text) } else { None };
    match (&wanted.kind, &given.kind, text) {
        (Type::Timestamp, Type::String, Some(text)) if is_date(text) => {
            Some(format!("write timestamp('{text}T00:00:00Z')"))
        }
        (Type::Timestamp, Type::String, Some(_)) => Some("write timestamp('2026-01-31T08:30:00Z')".to_owned()),
        (Type::Timestamp, Type::String, None) => {
            Some("write timestamp(…) around the string; behind a date + 'T00:00:00Z'".to_owned())
        }
        (Type::Timestamp, Type::Int, _) => Some("write timestamp(…) around the seconds since 1970".to_owned()),
        (Type::Duration, Type::String, Some(_)) => Some("write duration('15m')".to_owned()),
        (Type::Duration, Type::String, None) => Some("write duration(…) around the string".to_owned()),
        (Type::Int | Type::Uint | Type::Double, Type::String, Some(text)) if text.parse::<f64>().is_ok() => {
            Some(format!("write {text} without quotes"))
        }
        (Type::Bool, Type::String, Some("true" | "false")) => Some("write true or false without quotes".to_owned()),
        (Type::Bool, Type::Int, _) => Some("write true or false".to_owned()),
        (Type::Bytes, Type::String, Some(_)) => Some("write a b in front of the quotes".to_owned()),
        (Type::String, Type::Meta, _) => Some("the name of a type is no text; compare with type('…')".to_owned()),
        (Type::String, Type::Int | Type::Uint | Type::Double | Type::Bool, _) if given.node.value().is_some() => {
            Some("write it in quotes".to_owned())
        }
        (Type::List(item), _, _) if item.compares_with(&given.kind) => Some("write x in list".to_owned()),
        _ => None,
    }
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
}

/// What to write so that the two can be calculated with.
pub(super) fn calculable(left: &Typed, right: &Typed) -> Option<String> {
    match (&left.kind, &right.kind) {
        (Type::Int | Type::Uint, Type::Double) => {
            Some("numbers of two types: write double(…) around the left one".into())
        }
        (Type::Double, Type::Int | Type::Uint) => match right.node.value() {
            Some(Value::Int(number)) => Some(format!("write {number}.0")),
            _ => Some("numbers of two types: write double(…) around the right one".into()),
        },
        (Type::Int, Type::Uint) => Some("numbers of two types: write int(…) around the right one".into()),
        (Type::Uint, Type::Int) => Some("numbers of two types: write uint(…) around the right one".into()),
        (Type::String, other) if other.is_number() => Some("write string(…) around the number".into()),
        (other, Type::String) if other.is_number() => Some("write string(…) around the number".into()),
        (Type::Timestamp, other) if other.is_number() => Some("write a duration, such as duration('15m')".into()),
        _ => comparable(left, right),
    }
}

/// Whether an expression is written as `null`.
pub(super) fn is_null(node: &Node) -> bool {
    matches!(node.value(), Some(Value::Null))
}
