//! What changed between two schemas, each change classed by whether it may apply by itself.
//!
//! Nothing here knows SQL: the store turns changes into tables.

use std::fmt;

use crate::{CollectionName, FieldName, FieldType, Schema};

mod collection;
mod constraints;
mod field;
mod rename;
mod sentence;

/// One difference between an old and a new schema.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaChange {
    /// The collection concerned, by its name in the schema that has it (the new one, if both do).
    pub collection: CollectionName,
    /// What changed.
    pub kind: ChangeKind,
    /// Whether it may apply by itself.
    pub class: ChangeClass,
}

/// Whether a change may apply by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeClass {
    /// No stored document is lost, altered or made invalid.
    Safe,
    /// Needs a migration file; says why.
    Unsafe(&'static str),
}

/// What changed in a collection. Fields are named as in the new schema, removed ones as in the old.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangeKind {
    /// A new collection.
    CollectionAdded,
    /// The collection is gone.
    CollectionRemoved {
        /// An added collection with mostly the same fields.
        likely_renamed_to: Option<CollectionName>,
    },
    /// A new field.
    FieldAdded {
        /// The field.
        field: FieldName,
    },
    /// The field is gone.
    FieldRemoved {
        /// The field.
        field: FieldName,
        /// An added field of the same type.
        likely_renamed_to: Option<FieldName>,
    },
    /// Another type; safe where each value of the old type is one of the new, stored alike.
    TypeChanged {
        /// The field.
        field: FieldName,
        /// Type as declared before.
        from: FieldType,
        /// Type as declared now.
        to: FieldType,
    },
    /// Another field is primary.
    PrimaryChanged {
        /// The primary field before.
        from: FieldName,
        /// The primary field now.
        to: FieldName,
    },
    /// May be null now, or no longer.
    NullableChanged {
        /// The field.
        field: FieldName,
        /// What holds now.
        nullable: bool,
    },
    /// `unique` was set or removed.
    UniqueChanged {
        /// The field.
        field: FieldName,
        /// What holds now.
        unique: bool,
    },
    /// `index` was set or removed.
    IndexedChanged {
        /// The field.
        field: FieldName,
        /// What holds now.
        index: bool,
    },
    /// A limit on the value.
    ConstraintChanged {
        /// The field.
        field: FieldName,
        /// The limit.
        constraint: ConstraintKind,
        /// Whether a value that was allowed may be refused now.
        tighter: bool,
    },
    /// Another default, or none, or a first one.
    DefaultChanged {
        /// The field.
        field: FieldName,
    },
    /// `onUpdate: now` was set or removed.
    OnUpdateChanged {
        /// The field.
        field: FieldName,
    },
    /// `internal` was set or removed.
    InternalChanged {
        /// The field.
        field: FieldName,
        /// What holds now.
        internal: bool,
    },
    /// The field is a foreign key now.
    ReferenceAdded {
        /// The field.
        field: FieldName,
    },
    /// The field is no foreign key any more.
    ReferenceRemoved {
        /// The field.
        field: FieldName,
    },
    /// The field points at another collection or field.
    ReferenceRetargeted {
        /// The field.
        field: FieldName,
    },
    /// Another `onDelete`.
    OnDeleteChanged {
        /// The field.
        field: FieldName,
    },
    /// An entry of `indexes:` is new.
    IndexAdded {
        /// Its name.
        index: String,
        /// Whether it is unique.
        unique: bool,
    },
    /// An entry of `indexes:` is gone.
    IndexRemoved {
        /// Its name.
        index: String,
    },
    /// An entry of `indexes:` has other fields, order or uniqueness.
    IndexChanged {
        /// Its name.
        index: String,
        /// Whether it is unique now.
        unique: bool,
    },
    /// Rules changed.
    RulesChanged,
    /// Became the profile collection of accounts, or no longer is.
    AuthChanged {
        /// What holds now.
        is_auth: bool,
    },
    /// The same fields in another order.
    FieldsReordered,
}

/// A limit that can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    /// `minLength`.
    MinLength,
    /// `maxLength`.
    MaxLength,
    /// `min`.
    Min,
    /// `max`.
    Max,
    /// `format`.
    Format,
    /// `pattern`.
    Pattern,
    /// `enum` or `values`.
    Allowed,
    /// `items` or `schema` of a json field.
    JsonShape,
}

impl SchemaChange {
    /// Whether it may apply by itself.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.class == ChangeClass::Safe
    }
}

impl fmt::Display for SchemaChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sentence::sentence(self))?;
        match self.class {
            ChangeClass::Safe => Ok(()),
            ChangeClass::Unsafe(reason) => write!(f, " ({reason})"),
        }
    }
}

/// Everything that differs between `old` and `new`, by collection in the new schema's order, removed ones last.
///
/// No change at all means that the store has nothing to do, except to keep the new text.
#[must_use]
pub fn diff(old: &Schema, new: &Schema) -> Vec<SchemaChange> {
    collection::diff(old, new)
}
