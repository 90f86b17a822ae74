//! Functions of texts. Positions count characters.

use super::{Definition, format::format, list::length, no_overload};
use crate::{
    error::{Error, Result},
    limits::MAX_LENGTH,
    value::Value,
};

pub(super) const FUNCTIONS: &[Definition] = &[
    Definition(&["string.contains(string): bool"], |arguments| ask(arguments, |text, part| text.contains(part))),
    Definition(&["string.startsWith(string): bool"], |arguments| ask(arguments, |text, part| text.starts_with(part))),
    Definition(&["string.endsWith(string): bool"], |arguments| ask(arguments, |text, part| text.ends_with(part))),
    Definition(&["string.charAt(int): string"], char_at),
    Definition(&["string.indexOf(string): int", "string.indexOf(string, int): int"], index_of),
    Definition(&["string.lastIndexOf(string): int", "string.lastIndexOf(string, int): int"], last_index_of),
    Definition(&["string.lowerAscii(): string"], |arguments| change(arguments, str::to_ascii_lowercase)),
    Definition(&["string.upperAscii(): string"], |arguments| change(arguments, str::to_ascii_uppercase)),
    Definition(&["string.trim(): string"], |arguments| change(arguments, |text| text.trim().to_owned())),
    Definition(&["string.replace(string, string): string", "string.replace(string, string, int): string"], replace),
    Definition(&["string.split(string): list(string)", "string.split(string, int): list(string)"], split),
    Definition(&["string.substring(int): string", "string.substring(int, int): string"], substring),
    Definition(&["list(string).join(): string", "list(string).join(string): string"], join),
    Definition(&["string.format(list(dyn)): string"], |arguments| match arguments {
        [Value::String(text), Value::List(values)] => format(text, values),
        _ => no_overload(),
    }),
    Definition(&["strings.quote(string): string"], |arguments| change(arguments, quote)),
];

fn ask(arguments: &[Value], test: fn(&str, &str) -> bool) -> Result<Value> {
    match arguments {
        [Value::String(text), Value::String(part)] => Ok(Value::Bool(test(text, part))),
        _ => no_overload(),
    }
}

fn change(arguments: &[Value], run: fn(&str) -> String) -> Result<Value> {
    match arguments {
        [Value::String(text)] => Ok(Value::string(run(text))),
        _ => no_overload(),
    }
}

/// The byte at which the character of that position begins; the end of the text counts as one.
fn place(text: &str, at: i64) -> Result<usize> {
    let at = usize::try_from(at).map_err(|_| Error::Index)?;
    let mut places = text.char_indices().map(|(place, _)| place).chain([text.len()]);
    places.nth(at).ok_or(Error::Index)
}

/// The position of the character that begins at that byte, or -1.
fn position(text: &str, place: Option<usize>) -> Value {
    place.map_or(Value::Int(-1), |place| length(text[..place].chars().count()))
}

fn char_at(arguments: &[Value]) -> Result<Value> {
    let [Value::String(text), Value::Int(at)] = arguments else { return no_overload() };
    let rest = &text[place(text, *at)?..];
    Ok(Value::string(rest.chars().next().map(String::from).unwrap_or_default()))
}

fn index_of(arguments: &[Value]) -> Result<Value> {
    let (text, part, from) = match arguments {
        [Value::String(text), Value::String(part)] => (text, part, 0),
        [Value::String(text), Value::String(part), Value::Int(from)] => (text, part, place(text, *from)?),
        _ => return no_overload(),
    };
    Ok(position(text, text[from..].find(&**part).map(|found| found + from)))
}

fn last_index_of(arguments: &[Value]) -> Result<Value> {
    match arguments {
        [Value::String(text), Value::String(part)] => Ok(position(text, text.rfind(&**part))),
        [Value::String(text), Value::String(part), Value::Int(from)] => {
            // A match may begin there at the latest.
            let end = (place(text, *from)? + part.len()).min(text.len());
            let end = (end..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
            let from = usize::try_from(*from).map_err(|_| Error::Index)?;
            let found = text[..end].rmatch_indices(&**part).map(|(at, _)| at);
            Ok(position(text, found.into_iter().find(|at| text[..*at].chars().count() <= from)))
        }
        _ => no_overload(),
    }
}

fn replace(arguments: &[Value]) -> Result<Value> {
    let (text, old, new, most) = match arguments {
        [Value::String(text), Value::String(old), Value::String(new)] => (text, old, new, -1),
        [Value::String(text), Value::String(old), Value::String(new), Value::Int(most)] => (text, old, new, *most),
        _ => return no_overload(),
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let count = text.matches(&**old).take(most).count();
    if text.len().saturating_add(count.saturating_mul(new.len())) > MAX_LENGTH {
        return Err(Error::Length);
    }
    Ok(Value::string(text.replacen(&**old, new, count)))
}

fn split(arguments: &[Value]) -> Result<Value> {
    let (text, separator, most) = match arguments {
        [Value::String(text), Value::String(separator)] => (text, separator, -1),
        [Value::String(text), Value::String(separator), Value::Int(most)] => (text, separator, *most),
        _ => return no_overload(),
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let parts: Vec<Value> = match (most, separator.is_empty()) {
        (0, _) => Vec::new(),
        (_, true) => characters(text, most).into_iter().map(Value::string).collect(),
        (most, false) => text.splitn(most, &**separator).map(Value::string).collect(),
    };
    Ok(Value::list(parts))
}

/// Character by character, the rest in the last part.
fn characters(text: &str, most: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if parts.len() + 1 == most { rest.len() } else { first.len_utf8() };
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    parts
}

fn substring(arguments: &[Value]) -> Result<Value> {
    let (text, start, end) = match arguments {
        [Value::String(text), Value::Int(start)] => (text, place(text, *start)?, text.len()),
        [Value::String(text), Value::Int(start), Value::Int(end)] => (text, place(text, *start)?, place(text, *end)?),
        _ => return no_overload(),
    };
    text.get(start..end).map(Value::string).ok_or(Error::Index)
}

fn join(arguments: &[Value]) -> Result<Value> {
    let (items, separator) = match arguments {
        [Value::List(items)] => (items, ""),
        [Value::List(items), Value::String(separator)] => (items, &**separator),
        _ => return no_overload(),
    };
    let mut joined = String::new();
    for (index, item) in items.iter().enumerate() {
        let Value::String(text) = item else { return no_overload() };
        if index > 0 {
            joined.push_str(separator);
        }
        joined.push_str(text);
        if joined.len() > MAX_LENGTH {
            return Err(Error::Length);
        }
    }
    Ok(Value::string(joined))
}

/// A text as a literal in double quotes.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
