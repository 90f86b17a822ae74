//! What the parser says, in words for people: what was found, and what could stand there.

use cel_parser::ParseError;

use super::token::{Kind, Token};
use crate::fault::Fault;

/// The first of the parser's errors, told by the words around its place.
pub(super) fn readable(text: &str, tokens: &[Token<'_>], errors: &[ParseError]) -> Fault {
    // Errors that begin otherwise often only follow from those.
    let first = errors.iter().find(|error| error.msg.starts_with("Syntax error")).or(errors.first());
    let Some(error) = first else { return Fault::new(0, "rule_syntax", "the rule cannot be read") };
    let at = byte(text, error.pos);
    if error.msg.contains("Recursion limit") {
        return Fault::new(at, "rule_too_deep", "the rule is nested too deeply");
    }
    literal(text, at, &error.msg).unwrap_or_else(|| place(tokens, at, &error.msg))
}

/// The byte at a line and column, both from 1 and in characters.
fn byte(text: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line - 1).unwrap_or(0);
    let column = usize::try_from(column - 1).unwrap_or(0);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = &text[start.min(text.len())..];
    start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
}

/// A literal that has the shape of one and no value.
fn literal(text: &str, at: usize, message: &str) -> Option<Fault> {
    let fault = |code, message: &str| Some(Fault::new(at, code, message));
    if message.contains("int literal") {
        return fault("rule_literal", "the number does not fit in 64 bits");
    }
    if message.contains("double literal") {
        return fault("rule_literal", "the number is too large for a double");
    }
    if message.contains("string literal") || message.contains("bytes literal") {
        return fault("rule_literal", "the text has a broken escape");
    }
    let reserved = message.strip_prefix("reserved identifier: ")?;
    let name = if text[at..].starts_with(reserved) { reserved } else { "this" };
    Some(Fault::new(at, "rule_syntax", format!("\"{name}\" is a reserved word")))
}

fn place(tokens: &[Token<'_>], at: usize, message: &str) -> Fault {
    let index = tokens.iter().position(|token| token.at + token.text.len() > at).unwrap_or(tokens.len());
    let found = tokens.get(index);
    let before = index.checked_sub(1).and_then(|index| tokens.get(index));
    let fault = |expected: &str| Fault::new(at, "rule_syntax", format!("expected {expected}, found {}", named(found)));
    match before {
        None => fault("a condition"),
        Some(dot) if dot.text == "." => match found {
            Some(word) if word.kind == Kind::Name => {
                fault("a name").hinted(format!("write the name in backticks: `{}`", word.text))
            }
            _ => fault("a name"),
        },
        Some(before) if !before.ends_value() => fault("a value"),
        Some(before) => {
            let fault = if message.contains("':'") { fault("\":\" and a second value") } else { fault("an operator") };
            fault.with_hint(word_hint(before, found))
        }
    }
}

/// Words that other languages have for operators.
fn word_hint(before: &Token<'_>, found: Option<&Token<'_>>) -> Option<String> {
    let sign = match (before.text, found?.text) {
        (_, "and" | "AND") => "&& for \"and\"",
        (_, "or" | "OR") => "|| for \"or\"",
        ("not" | "NOT", _) => "! for \"not\"",
        (_, "is" | "IS") => "== to compare",
        (_, "like" | "LIKE") => "doc.field.contains('…'), startsWith or matches",
        _ => return None,
    };
    Some(format!("write {sign}"))
}

fn named(token: Option<&Token<'_>>) -> String {
    match token {
        None => "the end".to_owned(),
        Some(token) if token.kind == Kind::Text => "a text".to_owned(),
        Some(token) if token.text.len() > 40 => "something long".to_owned(),
        Some(token) => format!("\"{}\"", token.text),
    }
}
