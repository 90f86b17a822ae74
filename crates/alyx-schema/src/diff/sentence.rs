//! A change in words.

use super::{ChangeKind, ConstraintKind, SchemaChange};
use crate::CollectionName;

use ChangeKind as K;

pub(super) fn sentence(change: &SchemaChange) -> String {
    let collection = &change.collection;
    match &change.kind {
        K::CollectionAdded => format!("collection \"{collection}\" is new"),
        K::CollectionRemoved { likely_renamed_to } => {
            format!("collection \"{collection}\" is removed{}", renamed(likely_renamed_to.as_ref()))
        }
        K::PrimaryChanged { from, to } => {
            format!("the primary field of \"{collection}\" is \"{to}\" instead of \"{from}\"")
        }
        K::IndexAdded { index, unique } => format!("{} \"{index}\" of \"{collection}\" is new", index_word(*unique)),
        K::IndexRemoved { index } => format!("index \"{index}\" of \"{collection}\" is removed"),
        K::IndexChanged { index, unique } => {
            format!("{} \"{index}\" of \"{collection}\" has other fields, order or uniqueness", index_word(*unique))
        }
        K::RulesChanged => format!("the rules of \"{collection}\" changed"),
        K::AuthChanged { is_auth: true } => format!("collection \"{collection}\" holds the profiles of accounts"),
        K::AuthChanged { is_auth: false } => {
            format!("collection \"{collection}\" no longer holds the profiles of accounts")
        }
        K::FieldsReordered => format!("the fields of \"{collection}\" stand in another order"),
        kind => of_field(kind, collection),
    }
}

fn of_field(kind: &ChangeKind, collection: &CollectionName) -> String {
    let (field, what) = match kind {
        K::FieldAdded { field } => (field, "is new".to_owned()),
        K::FieldRemoved { field, likely_renamed_to } => {
            (field, format!("is removed{}", renamed(likely_renamed_to.as_ref())))
        }
        K::TypeChanged { field, from, to } => (field, format!("has type {} instead of {}", to.name(), from.name())),
        K::NullableChanged { field, nullable: true } => (field, "may be null".to_owned()),
        K::NullableChanged { field, nullable: false } => (field, "may no longer be null".to_owned()),
        K::UniqueChanged { field, unique: true } => (field, "is unique".to_owned()),
        K::UniqueChanged { field, unique: false } => (field, "is no longer unique".to_owned()),
        K::IndexedChanged { field, index: true } => (field, "is indexed".to_owned()),
        K::IndexedChanged { field, index: false } => (field, "is no longer indexed".to_owned()),
        K::ConstraintChanged { field, constraint, tighter } => {
            (field, format!("has a {} {}", if *tighter { "tighter" } else { "looser" }, constraint.name()))
        }
        K::DefaultChanged { field } => (field, "has another default".to_owned()),
        K::OnUpdateChanged { field } => (field, "has another onUpdate".to_owned()),
        K::InternalChanged { field, internal: true } => (field, "is internal".to_owned()),
        K::InternalChanged { field, internal: false } => (field, "is no longer internal".to_owned()),
        K::ReferenceAdded { field } => (field, "is a foreign key".to_owned()),
        K::ReferenceRemoved { field } => (field, "is no longer a foreign key".to_owned()),
        K::ReferenceRetargeted { field } => (field, "points at another field".to_owned()),
        K::OnDeleteChanged { field } => (field, "has another onDelete".to_owned()),
        _ => return format!("collection \"{collection}\" changed"),
    };
    format!("field \"{field}\" of \"{collection}\" {what}")
}

fn renamed(to: Option<&impl std::fmt::Display>) -> String {
    to.map(|to| format!("; perhaps it is now called \"{to}\"")).unwrap_or_default()
}

fn index_word(unique: bool) -> &'static str {
    if unique { "unique index" } else { "index" }
}

impl ConstraintKind {
    /// The option's name in a schema.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MinLength => "minLength",
            Self::MaxLength => "maxLength",
            Self::Min => "min",
            Self::Max => "max",
            Self::Format => "format",
            Self::Pattern => "pattern",
            Self::Allowed => "list of allowed values",
            Self::JsonShape => "JSON shape",
        }
    }
}
