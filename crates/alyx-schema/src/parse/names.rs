//! What collections, fields and indexes may be called.

use std::collections::HashMap;

use alyx_yaml::{Entry, Span};

use super::faults::Faults;

const MAX_LENGTH: usize = 63;
const RESERVED: [&str; 2] = ["_alyx", "sqlite_"];

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Collection,
    Field,
    Index,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Collection => "collection",
            Self::Field => "field",
            Self::Index => "index",
        }
    }
}

/// Checks the names of all entries, each alone and among each other.
pub(super) fn check(entries: &[Entry], kind: Kind, faults: &mut Faults) {
    let mut seen: HashMap<String, &Entry> = HashMap::new();
    for entry in entries {
        check_one(&entry.key, entry.key_span, kind, faults);
        match seen.get(&entry.key.to_lowercase()) {
            Some(first) => {
                let word = kind.word();
                let message = format!(
                    "{word} \"{}\" differs from \"{}\" on line {} only by case",
                    entry.key, first.key, first.key_span.line
                );
                faults.hinted("name_clash", entry.key_span, message, format!("give this {word} another name"));
            }
            None => drop(seen.insert(entry.key.to_lowercase(), entry)),
        }
    }
}

/// Checks one name.
pub(super) fn check_one(name: &str, span: Span, kind: Kind, faults: &mut Faults) {
    let word = kind.word();
    if !has_shape(name) {
        let message = format!("{word} name \"{name}\" is not allowed");
        let hint = "letters a-z and A-Z, digits and _, not starting with a digit";
        return faults.hinted("invalid_name", span, message, hint);
    }
    if name.len() > MAX_LENGTH {
        let message = format!("{word} name \"{name}\" has {} characters", name.len());
        return faults.hinted("long_name", span, message, format!("at most {MAX_LENGTH} characters"));
    }
    let lower = name.to_ascii_lowercase();
    if let Some(prefix) = RESERVED.iter().find(|prefix| lower.starts_with(**prefix)) {
        let message = format!("{word} name \"{name}\" is reserved");
        faults.hinted("reserved_name", span, message, format!("names that start with {prefix} belong to the server"));
    }
}

fn has_shape(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
