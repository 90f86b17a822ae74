//! Collects faults, and the questions about YAML nodes that every reader asks.

use alyx_yaml::{Diagnostic, Entry, Node, Span, did_you_mean};

pub(super) struct Faults {
    file: String,
    found: Vec<Diagnostic>,
}

impl Faults {
    pub(super) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), found: Vec::new() }
    }

    /// The model, if nothing was found; otherwise everything that was, by place.
    pub(super) fn into_result<T>(mut self, model: T) -> Result<T, Vec<Diagnostic>> {
        if self.found.is_empty() {
            return Ok(model);
        }
        self.found.sort_by_key(|fault| fault.span);
        Err(self.found)
    }

    pub(super) fn plain(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.found.push(Diagnostic::error(code, &self.file, span, message));
    }

    pub(super) fn hinted(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.found.push(Diagnostic::error(code, &self.file, span, message).with_hint(Some(hint.into())));
    }

    /// A fault about `name`, with the nearest of `known` as hint, or all of them.
    pub(super) fn misspelt<'a>(
        &mut self,
        (code, span): (&'static str, Span),
        message: impl Into<String>,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let hint = nearest_or_all(name, &known.into_iter().collect::<Vec<_>>());
        self.found.push(Diagnostic::error(code, &self.file, span, message).with_hint(Some(hint)));
    }

    /// The entries of what must be a mapping.
    pub(super) fn mapping<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Entry]> {
        let entries = node.as_mapping();
        if entries.is_none() {
            self.wrong_kind(node, what, "a mapping");
        }
        entries
    }

    /// The items of what must be a list that is not empty.
    pub(super) fn list<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        match node.as_sequence() {
            Some([]) => self.plain("empty_list", node.span, format!("{what} must not be empty")),
            Some(items) => return Some(items),
            None => self.wrong_kind(node, what, "a list"),
        }
        None
    }

    /// What must be a text: any scalar but null that is not empty.
    pub(super) fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match node.as_str() {
            Some(text) if !node.is_null() && !text.is_empty() => Some(text),
            _ => {
                self.wrong_kind(node, what, "a text");
                None
            }
        }
    }

    /// What must be true or false.
    pub(super) fn flag(&mut self, node: &Node, what: &str) -> bool {
        if node.as_bool().is_none() {
            self.wrong_kind(node, what, "true or false");
        }
        node.as_bool().unwrap_or_default()
    }

    pub(super) fn wrong_kind(&mut self, node: &Node, what: &str, expected: &str) {
        self.plain("wrong_kind", node.span, format!("{what} must be {expected}, not {}", node.describe()));
    }

    /// Refuses every key that is not among `known`.
    pub(super) fn known_keys(&mut self, entries: &[Entry], known: &[&str], what: &str) {
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let message = format!("{what} has no key \"{}\"", entry.key);
            let hint = nearest_or_all(&entry.key, known);
            self.hinted("unknown_key", entry.key_span, message, hint);
        }
    }
}

/// The nearest of `known`, or all of them where none is near.
pub(super) fn nearest_or_all(name: &str, known: &[&str]) -> String {
    let listed = || match known {
        [only] => format!("it can only be \"{only}\""),
        _ => format!("one of {}", known.join(", ")),
    };
    did_you_mean(name, known.iter().copied()).unwrap_or_else(listed)
}
