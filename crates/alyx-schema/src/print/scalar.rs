//! Scalars that read back as what they were.

use std::fmt::Write;

use serde_json::Value as Json;

/// Words that some YAML reader takes for something else than text.
const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// A name, in quotes only where it needs them.
pub(super) fn key(name: &str) -> String {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && !WORDS.contains(&name.to_ascii_lowercase().as_str());
    if is_word { name.to_owned() } else { quoted(name) }
}

/// A text in double quotes; only what prints on every screen stands as it is.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(c),
            c if c.is_alphanumeric() => out.push(c),
            c => write!(out, "\\U{:08x}", u32::from(c)).expect("writing to a string never fails"),
        }
    }
    out.push('"');
    out
}

/// JSON in flow style.
pub(super) fn flow(json: &Json) -> String {
    match json {
        Json::String(text) => quoted(text),
        Json::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", quoted(key), flow(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// A finite number; whole ones without a fraction.
pub(super) fn number(number: f64) -> String {
    if number.abs() < 1e15 { number.to_string() } else { format!("{number:?}") }
}
