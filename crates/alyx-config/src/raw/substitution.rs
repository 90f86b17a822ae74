//! `${NAME}` and `${NAME:-default}` in a text; `$${` stands for `${`. The outcome is text, never YAML.

use std::collections::{BTreeMap, BTreeSet};

/// A text with its variables put in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Substituted {
    pub(super) text: String,
    /// Whether there was one.
    pub(super) changed: bool,
}

/// A variable that could not be put in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unusable {
    /// Where it starts, in characters of the text before.
    pub(super) offset: usize,
    pub(super) message: String,
    pub(super) hint: String,
}

/// Puts the variables in; the names that occur are added to `used`.
pub(super) fn substitute(
    text: &str,
    variables: &BTreeMap<String, String>,
    used: &mut BTreeSet<String>,
) -> Result<Substituted, Vec<Unusable>> {
    let mut out = String::new();
    let mut faults = Vec::new();
    let mut changed = false;
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let offset = text[..text.len() - rest.len() + start].chars().count();
        if rest[..start].ends_with('$') {
            out.push_str(&rest[..start]);
            out.push('{');
            rest = &rest[start + 2..];
            continue;
        }
        out.push_str(&rest[..start]);
        changed = true;
        let (inner, after) = rest[start + 2..].split_once('}').unwrap_or((&rest[start + 2..], ""));
        let closed = rest[start + 2..].contains('}');
        match value_of(inner, closed, variables, used) {
            Ok(value) => out.push_str(&value),
            Err((message, hint)) => faults.push(Unusable { offset, message, hint }),
        }
        rest = after;
    }
    out.push_str(rest);
    if faults.is_empty() { Ok(Substituted { text: out, changed }) } else { Err(faults) }
}

fn value_of(
    inner: &str,
    closed: bool,
    variables: &BTreeMap<String, String>,
    used: &mut BTreeSet<String>,
) -> Result<String, (String, String)> {
    if !closed {
        return Err(("a ${ without its }".to_owned(), "write $${ for the two characters themselves".to_owned()));
    }
    let (name, default) = inner.split_once(":-").map_or((inner, None), |(name, default)| (name, Some(default)));
    if !is_name(name) {
        return Err((format!("\"{name}\" is no name of a variable"), "write ${NAME} or ${NAME:-default}".to_owned()));
    }
    used.insert(name.to_owned());
    match (variables.get(name), default) {
        (Some(value), None) => Ok(value.clone()),
        (Some(value), Some(_)) if !value.is_empty() => Ok(value.clone()),
        (_, Some(default)) => Ok(default.to_owned()),
        (None, None) => {
            Err((format!("the variable {name} is not set"), format!("set it, or write ${{{name}:-default}}")))
        }
    }
}

fn is_name(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, (usize, &str)>) {
        let variables = [("A", "one"), ("EMPTY", ""), ("YAML", "{a: 1}"), ("TWICE", "${A}")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let got = substitute(text, &variables, &mut BTreeSet::new());
        let got = got.map(|done| done.text).map_err(|faults| (faults[0].offset, faults[0].message.clone()));
        assert_eq!(got, expected.map(str::to_owned).map_err(|(offset, message)| (offset, message.to_owned())));
    }

    #[test]
    fn variables_are_put_in_and_defaults_stand_in_for_unset_and_empty_ones() {
        check("x ${A} y${A}", Ok("x one yone"));
        check("${B:-two}${EMPTY:-three}${EMPTY}", Ok("twothree"));
        check("${B:-}", Ok(""));
        check("${B:-a:-b}", Ok("a:-b"));
    }

    #[test]
    fn what_is_put_in_is_not_read_again() {
        check("${TWICE}", Ok("${A}"));
        check("${YAML}", Ok("{a: 1}"));
    }

    #[test]
    fn a_doubled_dollar_is_a_dollar() {
        check("$${A} $5 $", Ok("${A} $5 $"));
    }

    #[test]
    fn what_cannot_be_put_in_says_where() {
        check("é ${B}", Err((2, "the variable B is not set")));
        check("a${", Err((1, "a ${ without its }")));
        check("${}", Err((0, "\"\" is no name of a variable")));
        check("${1A}", Err((0, "\"1A\" is no name of a variable")));
    }
}
