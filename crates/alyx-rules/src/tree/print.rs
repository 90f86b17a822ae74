//! A tree as CEL text, which parses to the same tree again.

mod constant;
mod fits;

use std::sync::Arc;

use alyx_schema::expand_name;

use super::{Call, Entry, ExistsIn, FieldPath, Item, Kind, Macro, MacroKind, Node, Operator};

/// How tightly an expression holds together, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Conditional,
    Or,
    And,
    Relation,
    Sum,
    Product,
    Unary,
    Member,
}

/// The text of an expression.
pub(crate) fn print(node: &Node) -> String {
    let mut out = String::new();
    match node.kind {
        Kind::Conditional(_) => write_condition(&mut out, node, Level::Conditional),
        _ => write(&mut out, node, Level::Conditional),
    }
    out
}

/// Writes an expression where one of at least that level must stand.
fn write(out: &mut String, node: &Node, least: Level) {
    let level = level(node);
    if level < least {
        out.push('(');
        write_bare(out, node);
        out.push(')');
    } else {
        write_bare(out, node);
    }
}

/// Writes an expression where a constant of any type may have come to stand: one that the checker would refuse
/// there goes through `dyn`.
fn write_untyped(out: &mut String, node: &Node, least: Level) {
    match node.value() {
        Some(value) if node.is_dynamic => {
            out.push_str("dyn(");
            constant::write(out, value);
            out.push(')');
        }
        _ => write(out, node, least),
    }
}

/// The same where a bool fits, and so does one that a conditional answers.
fn write_condition(out: &mut String, node: &Node, least: Level) {
    match &node.kind {
        Kind::Constant(super::Value::Bool(_)) => write(out, node, least),
        Kind::Conditional(parts) if least == Level::Conditional => write_conditional(out, parts, write_condition),
        Kind::Conditional(parts) => {
            out.push('(');
            write_conditional(out, parts, write_condition);
            out.push(')');
        }
        _ => write_untyped(out, node, least),
    }
}

/// Writes an operand whose type fits, or may not.
fn write_fitting(out: &mut String, node: &Node, least: Level, fits: bool) {
    if fits { write(out, node, least) } else { write_untyped(out, node, least) }
}

fn level(node: &Node) -> Level {
    match &node.kind {
        Kind::Conditional(_) => Level::Conditional,
        Kind::Or(_) => Level::Or,
        Kind::And(_) => Level::And,
        Kind::Anonymous => Level::Relation,
        Kind::Not(_) => Level::Unary,
        Kind::Constant(value) if constant::is_number(value) => Level::Unary,
        Kind::Operator(operator, _) => sign(*operator).1,
        _ => Level::Member,
    }
}

/// How an operator is written between its operands, and its level.
fn sign(operator: Operator) -> (&'static str, Level) {
    match operator {
        Operator::Equal => ("==", Level::Relation),
        Operator::NotEqual => ("!=", Level::Relation),
        Operator::Less => ("<", Level::Relation),
        Operator::LessEqual => ("<=", Level::Relation),
        Operator::Greater => (">", Level::Relation),
        Operator::GreaterEqual => (">=", Level::Relation),
        Operator::In => ("in", Level::Relation),
        Operator::Add => ("+", Level::Sum),
        Operator::Subtract => ("-", Level::Sum),
        Operator::Multiply => ("*", Level::Product),
        Operator::Divide => ("/", Level::Product),
        Operator::Remainder => ("%", Level::Product),
        Operator::Negate => ("-", Level::Unary),
        Operator::Index | Operator::OptionalIndex | Operator::OptionalSelect => ("", Level::Member),
    }
}

fn write_bare(out: &mut String, node: &Node) {
    match &node.kind {
        Kind::Constant(value) => constant::write(out, value),
        Kind::Unknown => out.push_str("unknown()"),
        Kind::Variable(variable) => out.push_str(&variable.name),
        Kind::Field(path) => write_path(out, path),
        Kind::Auth(part) => out.push_str(&format!("auth.{}", part.name())),
        Kind::Anonymous => out.push_str("auth == null"),
        Kind::Request(part) => out.push_str(&format!("request.{}", part.name())),
        Kind::Select(operand, key) => write_select(out, operand, ".", key),
        Kind::Has(operand, key) => {
            out.push_str("has(");
            write_select(out, operand, ".", key);
            out.push(')');
        }
        Kind::And(parts) => write_logic(out, parts, ("true", " && "), Level::Relation),
        Kind::Or(parts) => write_logic(out, parts, ("false", " || "), Level::And),
        Kind::Not(inner) => {
            out.push('!');
            write_condition(out, inner, Level::Member);
        }
        Kind::Conditional(parts) => write_conditional(out, parts, write_untyped),
        Kind::Operator(operator, operands) => write_operator(out, *operator, operands),
        Kind::Call(call) => write_call(out, call, fits::call(call)),
        Kind::Matches(text, pattern) => {
            write(out, text, Level::Member);
            out.push_str(".matches(");
            constant::write_text(out, &pattern.text);
            out.push(')');
        }
        Kind::List(items) => write_list(out, items),
        Kind::Map(entries) => write_map(out, entries),
        Kind::Macro(inner) => write_macro(out, inner),
        Kind::ExistsIn(inner) => write_exists_in(out, inner),
    }
}

fn write_conditional(
    out: &mut String,
    [condition, then, otherwise]: &[Arc<Node>; 3],
    write_branch: fn(&mut String, &Node, Level),
) {
    write_condition(out, condition, Level::Or);
    out.push_str(" ? ");
    write_branch(out, then, Level::Or);
    out.push_str(" : ");
    write_branch(out, otherwise, Level::Conditional);
}

/// A group of one keeps its sign: what it makes of a part that is no bool differs from the part alone.
fn write_logic(out: &mut String, parts: &[Arc<Node>], (neutral, sign): (&str, &str), least: Level) {
    if parts.len() < 2 {
        out.push_str(neutral);
        out.push_str(sign);
    }
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.push_str(sign);
        }
        write_condition(out, part, least);
    }
}

fn write_operator(out: &mut String, operator: Operator, operands: &[Arc<Node>]) {
    let (sign, level) = sign(operator);
    let fits = fits::operator(operator, operands);
    match (operator, operands) {
        (Operator::Negate, [operand]) => {
            out.push('-');
            write(out, operand, Level::Member);
        }
        (Operator::Index | Operator::OptionalIndex, [container, key]) => {
            write_fitting(out, container, Level::Member, fits);
            out.push_str(if operator == Operator::Index { "[" } else { "[?" });
            write_fitting(out, key, Level::Conditional, fits);
            out.push(']');
        }
        (Operator::OptionalSelect, [operand, key]) => match key.value() {
            Some(super::Value::String(key)) => write_select(out, operand, ".?", key),
            _ => write(out, operand, Level::Member),
        },
        (_, [left, right]) => {
            write_fitting(out, left, level, fits);
            out.push_str(&format!(" {sign} "));
            write_fitting(out, right, tighter(level), fits);
        }
        _ => {}
    }
}

/// The right operand of an operator that groups to the left.
fn tighter(level: Level) -> Level {
    match level {
        Level::Relation => Level::Sum,
        Level::Sum => Level::Product,
        _ => Level::Unary,
    }
}

fn write_select(out: &mut String, operand: &Node, dot: &str, key: &str) {
    write(out, operand, Level::Member);
    out.push_str(dot);
    out.push_str(&name(key));
}

/// A name behind a dot, in backticks where it would be read as something else.
fn name(key: &str) -> String {
    let is_word = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_plain = is_word && !key.starts_with(|first: char| first.is_ascii_digit()) && !key.is_empty();
    match key {
        "in" | "true" | "false" | "null" => format!("`{key}`"),
        _ if is_plain => key.to_owned(),
        _ => format!("`{key}`"),
    }
}

fn write_path(out: &mut String, path: &FieldPath) {
    out.push_str(&path.variable);
    for hop in &path.hops {
        out.push('.');
        out.push_str(&name(&expand_name(hop.field.name.as_str())));
    }
    out.push('.');
    out.push_str(&name(path.field.name.as_str()));
}

fn write_call(out: &mut String, call: &Call, fits: bool) {
    let mut arguments = call.arguments.iter();
    if call.is_method
        && let Some(receiver) = arguments.next()
    {
        write_fitting(out, receiver, Level::Member, fits);
        out.push('.');
    }
    out.push_str(call.function.name);
    out.push('(');
    for (index, argument) in arguments.enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_fitting(out, argument, Level::Conditional, fits);
    }
    out.push(')');
}

fn write_list(out: &mut String, items: &[Item]) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        out.push_str(if item.is_optional { "?" } else { "" });
        write_untyped(out, &item.value, Level::Conditional);
    }
    out.push(']');
}

fn write_map(out: &mut String, entries: &[Entry]) {
    out.push('{');
    for (index, entry) in entries.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        out.push_str(if entry.is_optional { "?" } else { "" });
        write_untyped(out, &entry.key, Level::Conditional);
        out.push_str(": ");
        write_untyped(out, &entry.value, Level::Conditional);
    }
    out.push('}');
}

fn write_macro(out: &mut String, inner: &Macro) {
    write_untyped(out, &inner.range, Level::Member);
    out.push_str(match inner.kind {
        MacroKind::All => ".all(",
        MacroKind::Exists => ".exists(",
        MacroKind::ExistsOne => ".exists_one(",
        MacroKind::Filter => ".filter(",
        MacroKind::Map => ".map(",
        MacroKind::TransformList => ".transformList(",
        MacroKind::TransformMap => ".transformMap(",
        MacroKind::TransformMapEntry => ".transformMapEntry(",
        MacroKind::OptMap => ".optMap(",
        MacroKind::OptFlatMap => ".optFlatMap(",
    });
    for variable in &inner.variables {
        out.push_str(&format!("{}, ", variable.name));
    }
    if let Some(filter) = &inner.filter {
        write_condition(out, filter, Level::Conditional);
        out.push_str(", ");
    }
    write_condition(out, &inner.body, Level::Conditional);
    out.push(')');
}

fn write_exists_in(out: &mut String, inner: &ExistsIn) {
    out.push_str(&format!("exists_in(\"{}\", {}, ", inner.collection.name, inner.variable));
    write_condition(out, &inner.body, Level::Conditional);
    out.push(')');
}
