//! Reads the keys of one mapping, and remembers every fault and every key that nobody asked for.

use alyx_yaml::{Diagnostic, Entry, Kind, Node, Span, did_you_mean};

/// The keys of one mapping, taken one by one.
pub(super) struct Reader<'a, 'f> {
    file: &'a str,
    what: &'static str,
    node: &'a Node,
    asked: Vec<&'static str>,
    faults: &'f mut Vec<Diagnostic>,
    rest_taken: bool,
}

impl<'a, 'f> Reader<'a, 'f> {
    pub(super) fn new(file: &'a str, what: &'static str, node: &'a Node, faults: &'f mut Vec<Diagnostic>) -> Self {
        let mut reader = Self { file, what, node, asked: Vec::new(), faults, rest_taken: false };
        if node.as_mapping().is_none() {
            reader.fault("wrong_kind", &format!("must be a mapping, not {}", node.describe()), None);
            reader.rest_taken = true;
        }
        reader
    }

    pub(super) fn is_mapping(&self) -> bool {
        self.node.as_mapping().is_some()
    }

    pub(super) fn span(&self) -> Span {
        self.node.span
    }

    pub(super) fn take(&mut self, key: &'static str) -> Option<&'a Node> {
        self.asked.push(key);
        self.node.get(key).filter(|node| !node.is_null() || key == "fill")
    }

    pub(super) fn optional_text(&mut self, key: &'static str) -> Option<String> {
        let node = self.take(key)?;
        let text = node.as_str().map(str::to_owned);
        if text.is_none() {
            let message = format!("`{key}` must be text, not {}", node.describe());
            self.fault_at("wrong_kind", node.span, message, None);
        }
        text
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        if self.take(key).is_none() {
            self.missing(key);
            return None;
        }
        self.optional_text(key)
    }

    /// A name that is used as it is.
    pub(super) fn name(&mut self, key: &'static str) -> Option<String> {
        self.text(key)
    }

    /// A name that comes into being, and so must be an allowed one.
    pub(super) fn new_name(&mut self, key: &'static str) -> Option<String> {
        let name = self.text(key)?;
        let lower = name.to_lowercase();
        let mut letters = name.chars();
        let shaped = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
            && name.len() <= 63;
        if !shaped || lower.starts_with("_alyx") || lower.starts_with("sqlite_") {
            let span = self.node.get(key).map_or(self.node.span, |node| node.span);
            let message = format!("\"{name}\" cannot be a name");
            let hint = "letters, digits and `_`, at most 63, not beginning with a digit, `_alyx` or `sqlite_`";
            self.fault_at("invalid_name", span, message, Some(hint.to_owned()));
            return None;
        }
        Some(name)
    }

    /// A field's definition: a mapping as in `schema.yaml`, or the type alone.
    pub(super) fn definition(&mut self, key: &'static str) -> Option<Node> {
        let Some(node) = self.take(key) else {
            self.missing(key);
            return None;
        };
        match &node.kind {
            Kind::Mapping(_) => Some(node.clone()),
            Kind::Scalar { .. } => {
                let entry = Entry { key: "type".to_owned(), key_span: node.span, value: node.clone() };
                Some(Node { span: node.span, kind: Kind::Mapping(vec![entry]) })
            }
            Kind::Sequence(_) => {
                let message = format!("`{key}` must be a type or a field's definition, not a list");
                self.fault_at(
                    "wrong_kind",
                    node.span,
                    message,
                    Some("for example `{type: string, maxLength: 80}`".to_owned()),
                );
                None
            }
        }
    }

    /// Every key that was not asked for, as a mapping.
    pub(super) fn rest(&mut self) -> Node {
        self.rest_taken = true;
        let entries = self.node.as_mapping().unwrap_or_default();
        let rest = entries.iter().filter(|entry| !self.asked.contains(&&*entry.key)).cloned().collect();
        Node { span: self.node.span, kind: Kind::Mapping(rest) }
    }

    pub(super) fn unknown_value(&mut self, code: &'static str, key: &'static str, value: &str, known: &[&str]) {
        let span = self.node.get(key).map_or(self.node.span, |node| node.span);
        let hint = did_you_mean(value, known.iter().copied()).unwrap_or_else(|| format!("one of {}", known.join(", ")));
        self.fault_at(code, span, format!("`{key}` cannot be \"{value}\""), Some(hint));
    }

    fn missing(&mut self, key: &'static str) {
        self.fault("missing_key", &format!("has no `{key}`"), None);
    }

    pub(super) fn fault(&mut self, code: &'static str, message: &str, hint: Option<&str>) {
        let message = format!("{} {message}", self.what);
        self.fault_at(code, self.node.span, message, hint.map(str::to_owned));
    }

    pub(super) fn fault_at(&mut self, code: &'static str, span: Span, message: String, hint: Option<String>) {
        self.faults.push(Diagnostic::error(code, self.file, span, message).with_hint(hint));
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(&mut self) {
        if self.rest_taken {
            return;
        }
        for entry in self.node.as_mapping().unwrap_or_default() {
            if !self.asked.contains(&&*entry.key) {
                let hint = did_you_mean(&entry.key, self.asked.iter().copied())
                    .unwrap_or_else(|| format!("known here: {}", self.asked.join(", ")));
                let message = format!("{} has no key \"{}\"", self.what, entry.key);
                self.fault_at("unknown_key", entry.key_span, message, Some(hint));
            }
        }
    }
}
