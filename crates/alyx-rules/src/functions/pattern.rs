//! Regular expressions: in time that grows with the text alone, and of bounded size.

use regex::{Regex, RegexBuilder};

use super::{Definition, no_overload};
use crate::{
    error::{Error, Result},
    limits::{MAX_PATTERN, MAX_PATTERN_SIZE},
    value::Value,
};

pub(super) const FUNCTIONS: &[Definition] =
    &[Definition(&["string.matches(string): bool", "matches(string, string): bool"], matches)];

fn matches(arguments: &[Value]) -> Result<Value> {
    match arguments {
        [Value::String(text), Value::String(pattern)] => Ok(Value::Bool(compile(pattern)?.is_match(text))),
        _ => no_overload(),
    }
}

/// The regular expression, unless it is none or too large.
pub(crate) fn compile(pattern: &str) -> Result<Regex> {
    if pattern.chars().nth(MAX_PATTERN).is_some() {
        return Err(Error::Argument("a regular expression has at most 1000 characters"));
    }
    let built = RegexBuilder::new(pattern).size_limit(MAX_PATTERN_SIZE).dfa_size_limit(MAX_PATTERN_SIZE).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => Error::Argument("the regular expression is too large once it is compiled"),
        _ => Error::Argument("the text is no regular expression (RE2 syntax)"),
    })
}
