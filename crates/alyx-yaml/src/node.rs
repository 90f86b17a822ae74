//! The tree: scalars, sequences and mappings, each with its place.

use crate::Span;

/// A value in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it starts.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a [`Node`] is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A scalar as text; only a plain one may be read as null, bool or number.
    Scalar {
        /// The text after unquoting.
        text: String,
        /// How it was written.
        style: ScalarStyle,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// A map in the file's order; keys are unique.
    Mapping(Vec<Entry>),
}

/// How a scalar was written, which tells where its text starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarStyle {
    /// Without quotes: the text starts at the span.
    Plain,
    /// In quotes: the text starts one column after the span.
    Quoted,
    /// After `|` or `>`: the text starts on the next line, indented.
    Block,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key starts.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The value under `key`, if this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of `key`, if this is a mapping that has it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.as_mapping()?.iter().find(|entry| entry.key == key)
    }

    /// The entries of a mapping.
    #[must_use]
    pub fn as_mapping(&self) -> Option<&[Entry]> {
        match &self.kind {
            Kind::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of a sequence.
    #[must_use]
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The text of any scalar, also of one that could be read as a number.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    fn plain(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, style: ScalarStyle::Plain } => Some(text),
            _ => None,
        }
    }

    /// Whether this is null: empty, `~` or `null` without quotes.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.plain(), Some("" | "~" | "null" | "Null" | "NULL"))
    }

    /// `true` or `false` without quotes (YAML 1.2 core schema, section 10.3).
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.plain()? {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    /// An integer without quotes.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.plain()?.parse().ok()
    }

    /// A finite number without quotes.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        let text = self.plain()?;
        let numeric = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        text.parse().ok().filter(|number: &f64| numeric && number.is_finite())
    }

    /// The same as JSON: plain scalars by the core schema, others as strings.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Sequence(items) => items.iter().map(Self::to_json).collect(),
            Kind::Mapping(entries) => entries
                .iter()
                .map(|entry| (entry.key.clone(), entry.value.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Kind::Scalar { text, .. } => {
                if self.is_null() {
                    serde_json::Value::Null
                } else if let Some(value) = self.as_bool() {
                    value.into()
                } else if let Some(value) = self.as_i64() {
                    value.into()
                } else if let Some(value) = self.as_f64() {
                    value.into()
                } else {
                    text.as_str().into()
                }
            }
        }
    }

    /// What it is, in words for a message: `a list`, `a mapping`, `"text"`.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Sequence(_) => "a list".to_owned(),
            Kind::Mapping(_) => "a mapping".to_owned(),
            Kind::Scalar { .. } if self.is_null() => "nothing".to_owned(),
            Kind::Scalar { text, style: ScalarStyle::Plain } => text.clone(),
            Kind::Scalar { text, .. } => format!("\"{text}\""),
        }
    }
}
