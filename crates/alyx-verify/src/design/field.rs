//! A field: its type, its options, and the few values that writes and filters take from.

use alyx_testing::{Value, json};

use super::rule::Rule;
use crate::random::Random;

/// The type of a field. `Tags` is `json` with items, `Relation` a foreign key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Uuid,
    Id,
    String,
    Text,
    Int,
    Float,
    Bool,
    Timestamp,
    Date,
    Email,
    Url,
    Select,
    Richtext,
    Json,
    Tags,
    Blob,
    Relation,
}

impl Kind {
    /// Those that a field without a purpose can have.
    pub(crate) const PLAIN: [Self; 16] = [
        Self::Uuid,
        Self::Id,
        Self::String,
        Self::Text,
        Self::Int,
        Self::Float,
        Self::Bool,
        Self::Timestamp,
        Self::Date,
        Self::Email,
        Self::Url,
        Self::Select,
        Self::Richtext,
        Self::Json,
        Self::Tags,
        Self::Blob,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Id => "id",
            Self::String => "string",
            Self::Text => "text",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::Email => "email",
            Self::Url => "url",
            Self::Select => "select",
            Self::Richtext => "richtext",
            Self::Json | Self::Tags => "json",
            Self::Blob => "blob",
            Self::Relation => "relation",
        }
    }

    /// Whether values have an order that a filter or a sort can ask for.
    pub(crate) fn is_ordered(self) -> bool {
        !matches!(self, Self::Bool | Self::Json | Self::Tags | Self::Blob)
    }

    pub(crate) fn is_textual(self) -> bool {
        self.is_ordered() && !matches!(self, Self::Int | Self::Float)
    }

    /// A value; the same come again and again, so that filters find some.
    pub(crate) fn value(self, random: &mut Random) -> Value {
        let number = random.below(7);
        match self {
            Self::Uuid => json!(format!("01950000-0000-7000-8000-{number:012x}")),
            Self::Id => json!(format!("a{number:014}")),
            Self::String | Self::Text | Self::Relation => {
                json!(*random.pick(&["", "a", "A", "ab", "é😀", "100%", "a_b", "it's \"x\":y,z"]))
            }
            Self::Int => json!(*random.pick(&[-3_i64, 0, 1, 2, 5, 9, 9_007_199_254_740_991])),
            Self::Float => json!(*random.pick(&[-1.5, 0.0, 0.1, 1.0, 2.5, 1e300])),
            Self::Bool => json!(number.is_multiple_of(2)),
            Self::Timestamp => json!(format!("2026-01-0{}T10:00:00.{number:03}Z", number + 1)),
            Self::Date => json!(format!("2026-01-0{}", number + 1)),
            Self::Email => json!(format!("a{number}@example.com")),
            Self::Url => json!(format!("https://example.com/{number}")),
            Self::Select => json!(*random.pick(&["new", "open", "done"])),
            Self::Richtext => json!(format!("<p>{number}</p>")),
            Self::Json => random.pick(&[json!({"a": 1, "b": [1, 2]}), json!([1, "x"]), json!("x"), json!(7)]).clone(),
            Self::Tags => random.pick(&[json!([]), json!(["a"]), json!(["a", "b"]), json!(["b", "c"])]).clone(),
            Self::Blob => json!(*random.pick(&["", "aGVsbG8=", "AAEC"])),
        }
    }
}

/// What happens when the document pointed at is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnDelete {
    Cascade,
    SetNull,
    Restrict,
}

/// One field.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) nullable: bool,
    pub(crate) default: Option<Value>,
    /// More options, as they stand in the file.
    pub(crate) options: &'static str,
    /// Values come from the server alone.
    pub(crate) made_by_server: bool,
    pub(crate) refers: Option<(&'static str, OnDelete)>,
    pub(crate) read: Option<Rule>,
}

impl Field {
    pub(crate) fn new(name: &str, kind: Kind) -> Self {
        let name = name.to_owned();
        let (default, refers, read) = (None, None, None);
        Self { name, kind, nullable: false, default, options: "", made_by_server: false, refers, read }
    }

    pub(crate) fn primary(name: &str, kind: Kind) -> Self {
        Self::new(name, kind).with("primary: true")
    }

    pub(crate) fn relation(name: &str, target: &'static str, on_delete: OnDelete) -> Self {
        let nullable = on_delete == OnDelete::SetNull;
        Self { refers: Some((target, on_delete)), nullable, ..Self::new(name, Kind::Relation) }
    }

    pub(crate) fn nullable(self) -> Self {
        Self { nullable: true, ..self }
    }

    pub(crate) fn or(self, default: Value) -> Self {
        Self { default: Some(default), ..self }
    }

    pub(crate) fn with(self, options: &'static str) -> Self {
        Self { options, ..self }
    }

    pub(crate) fn made_by_server(self) -> Self {
        Self { made_by_server: true, ..self }
    }

    pub(crate) fn target(&self) -> Option<&'static str> {
        self.refers.map(|(target, _)| target)
    }

    /// Where an expanded document stands.
    pub(crate) fn expands_as(&self) -> &str {
        self.name.strip_suffix("_id").unwrap_or(&self.name)
    }

    pub(crate) fn yaml(&self) -> String {
        let mut parts = vec![format!("type: {}", self.kind.name())];
        match self.kind {
            Kind::Select => parts.push("values: [new, open, done]".to_owned()),
            Kind::Tags => parts.push("items: string".to_owned()),
            _ => {}
        }
        if let Some((target, on_delete)) = self.refers {
            let word = match on_delete {
                OnDelete::Cascade => "cascade",
                OnDelete::SetNull => "set null",
                OnDelete::Restrict => "restrict",
            };
            parts.push(format!("collection: {target}, onDelete: {word}"));
        }
        parts.extend(self.nullable.then(|| "nullable: true".to_owned()));
        parts.extend(self.default.as_ref().map(|value| format!("default: {value}")));
        parts.extend((!self.options.is_empty()).then(|| self.options.to_owned()));
        parts.extend(self.read.as_ref().map(|rule| format!("read: {}", quoted(&rule.text("doc")))));
        format!("{{{}}}", parts.join(", "))
    }
}

/// A text in quotes that YAML and JSON read alike.
pub(crate) fn quoted(text: &str) -> String {
    json!(text).to_string()
}
