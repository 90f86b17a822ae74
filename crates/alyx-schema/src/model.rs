//! The typed model that `schema.yaml` becomes.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::{CollectionName, FieldName, Span, Value, channel::Channel};

mod json_schema;
mod pattern;

pub use json_schema::{JsonSchema, JsonSchemaError};
pub use pattern::{Pattern, PatternError};

/// A whole data model; collections keep the order of the file.
///
/// Equality looks at places in the file too; compare [`Schema::without_spans`] to ignore them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// Collections by name, in the file's order.
    pub collections: IndexMap<CollectionName, Arc<Collection>>,
    /// Channels in the file's order.
    pub channels: Vec<Channel>,
}

impl Schema {
    /// The named collection.
    #[must_use]
    pub fn collection(&self, name: &str) -> Option<&Arc<Collection>> {
        self.collections.get(name)
    }

    /// The same model as if it had not come from a file: equal models then compare equal.
    #[must_use]
    pub fn without_spans(&self) -> Self {
        let bare = |collection: &Arc<Collection>| Arc::new(collection.without_spans());
        Self {
            collections: self.collections.iter().map(|(name, inner)| (name.clone(), bare(inner))).collect(),
            channels: self.channels.iter().map(Channel::without_spans).collect(),
        }
    }
}

/// A collection: a table, its fields, indexes and rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    /// Its name, also the table's.
    pub name: CollectionName,
    /// Fields in the file's order; exactly one is primary.
    pub fields: Vec<Field>,
    /// Index of the primary field in [`Collection::fields`].
    pub primary: usize,
    /// Indexes written under `indexes:` (those of single fields are [`Field::index`] and [`Field::unique`]).
    pub indexes: Vec<Index>,
    /// Access rules as written.
    pub rules: Rules,
    /// Marked `auth: true`, or named `users` where none is marked and it says nothing: the profile of an account.
    pub is_auth: bool,
    /// Where its name stands in the file.
    pub span: Span,
}

impl Collection {
    /// The position of the named field in [`Collection::fields`].
    #[must_use]
    pub fn field_index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The named field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether this collection holds profiles and the field mirrors the account: `email`, `role` or `verified`.
    ///
    /// Such a field follows the account and is written by no client.
    #[must_use]
    pub fn mirrors_account(&self, field: &Field) -> bool {
        self.is_auth && !field.primary && MIRRORED.iter().any(|(name, _)| field.name == *name)
    }

    fn without_spans(&self) -> Self {
        let mut bare = self.clone();
        bare.span = Span::default();
        bare.indexes.iter_mut().for_each(|index| index.span = Span::default());
        for field in &mut bare.fields {
            field.span = Span::default();
            [&mut field.rules.read, &mut field.rules.write].into_iter().flatten().for_each(Rule::without_spans);
        }
        let Rules { create, read, update, delete } = &mut bare.rules;
        [create, read, update, delete].into_iter().flatten().for_each(Rule::without_spans);
        bare
    }

    /// The primary field.
    #[must_use]
    pub fn primary_field(&self) -> &Field {
        &self.fields[self.primary]
    }
}

/// What fields of the profile collection are called that mirror the account, and the types that fit.
pub(crate) const MIRRORED: &[(&str, &[FieldType])] = &[
    ("email", &[FieldType::Email, FieldType::String, FieldType::Text]),
    ("role", &[FieldType::String, FieldType::Text, FieldType::Select]),
    ("verified", &[FieldType::Bool]),
];

/// One field of a collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name, also the column's.
    pub name: FieldName,
    /// The type as declared.
    pub field_type: FieldType,
    /// The type that its values have: for `relation` that of the target's primary field, else `field_type`.
    pub value_type: FieldType,
    /// Part of no other; the primary key.
    pub primary: bool,
    /// No two documents share a value.
    pub unique: bool,
    /// May be null.
    pub nullable: bool,
    /// Has an index of its own.
    pub index: bool,
    /// What a create without this field stores.
    pub default: Option<DefaultValue>,
    /// Foreign key.
    pub references: Option<Reference>,
    /// `onUpdate: now`: set to the time of every update.
    pub on_update_now: bool,
    /// Never leaves the server and is never written by clients.
    pub internal: bool,
    /// Limits on its value.
    pub constraints: Constraints,
    /// For `json`: what the value looks like.
    pub json_shape: Option<JsonShape>,
    /// Who may see and set it, where that is not left to the collection's rules.
    pub rules: FieldRules,
    /// Where its name stands in the file.
    pub span: Span,
}

impl Field {
    /// A field for any text, without anything that a schema can say of it.
    pub(crate) fn text(name: FieldName, span: Span) -> Self {
        Self {
            name,
            field_type: FieldType::String,
            value_type: FieldType::String,
            primary: false,
            unique: false,
            nullable: false,
            index: false,
            default: None,
            references: None,
            on_update_now: false,
            internal: false,
            constraints: Constraints::default(),
            json_shape: None,
            rules: FieldRules::default(),
            span,
        }
    }
}

/// The declared type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// RFC 9562 UUID, lower case; `default: auto` makes version 7.
    Uuid,
    /// Text with optional length limits.
    String,
    /// Text meant to be long.
    Text,
    /// 64-bit signed integer.
    Int,
    /// Finite 64-bit float.
    Float,
    /// `true` or `false`.
    Bool,
    /// RFC 3339 UTC with milliseconds.
    Timestamp,
    /// Any JSON.
    Json,
    /// Bytes; base64 in JSON.
    Blob,
    /// 15 characters of `[a-z0-9]`; `default: auto` makes a random one.
    Id,
    /// An e-mail address.
    Email,
    /// An absolute http or https URL.
    Url,
    /// A calendar date, `YYYY-MM-DD`.
    Date,
    /// One of `values:`.
    Select,
    /// HTML, sanitised when written.
    Richtext,
    /// A document of another collection (`collection:`, `onDelete:`).
    Relation,
}

/// How a type is kept in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Storage {
    /// UTF-8 text.
    Text,
    /// 64-bit integer (also `bool`, as 0 and 1).
    Integer,
    /// 64-bit float.
    Real,
    /// Bytes.
    Blob,
}

impl FieldType {
    /// How values of this type are stored; `Relation` never occurs as a [`Field::value_type`].
    #[must_use]
    pub fn storage(self) -> Storage {
        match self {
            Self::Int | Self::Bool => Storage::Integer,
            Self::Float => Storage::Real,
            Self::Blob => Storage::Blob,
            _ => Storage::Text,
        }
    }
}

/// What a missing field becomes.
#[derive(Clone, Debug, PartialEq)]
pub enum DefaultValue {
    /// A new identifier (`uuid`, `id`).
    Auto,
    /// The time of the write (`timestamp`, `date`).
    Now,
    /// This value.
    Literal(Value),
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The collection pointed at.
    pub collection: CollectionName,
    /// The field pointed at: its primary key, or a unique field.
    pub field: FieldName,
    /// What happens to this document when that one is deleted.
    pub on_delete: OnDelete,
}

/// What happens to a document when the one it points at is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDelete {
    /// The delete is refused.
    #[default]
    Restrict,
    /// It is deleted too.
    Cascade,
    /// Its field becomes null.
    SetNull,
}

/// Limits on a field's value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constraints {
    /// Fewest characters (bytes for `blob`).
    pub min_length: Option<u64>,
    /// Most characters (bytes for `blob`).
    pub max_length: Option<u64>,
    /// Smallest number.
    pub min: Option<f64>,
    /// Largest number.
    pub max: Option<f64>,
    /// A named format.
    pub format: Option<Format>,
    /// A regular expression, found anywhere in the text unless anchored.
    pub pattern: Option<Pattern>,
    /// The only values allowed (also `values:` of `select`).
    pub allowed: Option<Vec<Value>>,
}

/// A named text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// E-mail address.
    Email,
    /// Absolute http or https URL.
    Url,
    /// UUID.
    Uuid,
}

impl Format {
    /// The format of this name in a schema.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Email, Self::Url, Self::Uuid].into_iter().find(|format| format.name() == name)
    }

    /// Whether the text has this format.
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        crate::field_type::has_format(text, self)
    }

    /// Its name in a schema.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Url => "url",
            Self::Uuid => "uuid",
        }
    }
}

/// What a `json` field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonShape {
    /// `items: T`: an array of values of that simple type.
    Items(FieldType),
    /// `schema:`: a JSON Schema (draft 2020-12).
    Schema(JsonSchema),
}

/// An index over one or more fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name in the database.
    pub name: String,
    /// Fields in order.
    pub fields: Vec<FieldName>,
    /// Whether the combination is unique.
    pub unique: bool,
    /// Order of all its fields.
    pub order: Order,
    /// Where it stands in the file.
    pub span: Span,
}

/// Ascending or descending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Small to large, null first.
    #[default]
    Ascending,
    /// Large to small, null last.
    Descending,
}

/// A collection's rules as written; a missing one means administrators only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Who may create.
    pub create: Option<Rule>,
    /// Who may read (get, list, total, expand, realtime).
    pub read: Option<Rule>,
    /// Who may update.
    pub update: Option<Rule>,
    /// Who may delete.
    pub delete: Option<Rule>,
}

/// A field's own rules as written; a missing one follows the collection's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldRules {
    /// Who may see the field, and filter and sort by it.
    pub read: Option<Rule>,
    /// Who may set the field.
    pub write: Option<Rule>,
}

/// The text of a rule and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// CEL text.
    pub text: String,
    /// Where the text starts in the file.
    pub span: Span,
    /// Where each of its characters stands in the file; empty for a rule that came from none.
    pub places: Vec<Span>,
}

impl Rule {
    /// A rule that came from no file.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), span: Span::default(), places: Vec::new() }
    }

    /// Where the character at this position of the text, counted from 0, stands in the file.
    #[must_use]
    pub fn place(&self, character: usize) -> Span {
        self.places.get(character).or(self.places.last()).copied().unwrap_or(self.span)
    }

    pub(crate) fn without_spans(&mut self) {
        self.span = Span::default();
        self.places.clear();
    }
}
