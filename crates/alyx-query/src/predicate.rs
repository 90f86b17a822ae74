//! The typed predicate: what it can say. What that means is in `evaluate` and `canonical`.

mod canonical;
mod evaluate;
mod given;
mod key;
mod reach;

use std::sync::Arc;

use alyx_schema::{Collection, CollectionName, Document, Field, FieldName, Value};

pub use evaluate::World;
pub use reach::{FieldAt, Hop, Operand, RelatedKey, Scan, ScanTest};

/// A field of the collection that a predicate is typed against.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldRef {
    /// Position in `Collection::fields`.
    pub index: usize,
    /// Its name.
    pub name: FieldName,
}

impl FieldRef {
    /// The named field of the collection.
    #[must_use]
    pub fn named(collection: &Collection, name: &str) -> Option<Self> {
        Some(Self::at(collection, collection.field_index(name)?))
    }

    /// The primary field of the collection.
    #[must_use]
    pub fn primary(collection: &Collection) -> Self {
        Self::at(collection, collection.primary)
    }

    /// The field at a position of [`Collection::fields`]; panics beyond its end.
    #[must_use]
    pub fn at(collection: &Collection, index: usize) -> Self {
        Self { index, name: collection.fields[index].name.clone() }
    }

    /// The field itself, in the collection that this reference was made for.
    #[must_use]
    pub fn field<'a>(&self, collection: &'a Collection) -> &'a Field {
        &collection.fields[self.index]
    }
}

/// A comparison of a field with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Comparison {
    /// Equal, null being a value: two-valued.
    Eq,
    /// Not equal, null being a value: two-valued.
    Ne,
    /// Greater; unknown with null.
    Gt,
    /// Greater or equal; unknown with null.
    Gte,
    /// Less; unknown with null.
    Lt,
    /// Less or equal; unknown with null.
    Lte,
}

/// True, false, or unknown (SQL's NULL, CEL's error): absorbed by `and` and `or` where the other
/// side decides, kept by `not`, and no match at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Truth {
    /// Holds.
    True,
    /// Does not hold.
    False,
    /// Cannot be said.
    Unknown,
}

/// What a document must be like. Values are already read with the field's type.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// Decided without looking at a document.
    Constant(Truth),
    /// Field against value. `Gt` and its like with a null value are unknown.
    Compare {
        /// The field.
        field: FieldRef,
        /// The operator.
        comparison: Comparison,
        /// The value, possibly null.
        value: Value,
    },
    /// Equal to one of the values (a series of `Eq`, so two-valued).
    In {
        /// The field.
        field: FieldRef,
        /// The values, possibly with null among them.
        values: Vec<Value>,
    },
    /// `%` any run, `_` any one character; ignores ASCII case; no escape. Unknown for null.
    Like {
        /// The field.
        field: FieldRef,
        /// The pattern.
        pattern: String,
    },
    /// Literal case-sensitive substring of a textual field. Unknown for null.
    ContainsText {
        /// The field.
        field: FieldRef,
        /// What it must contain.
        text: String,
    },
    /// Membership of a JSON scalar in a JSON array. Unknown for null, false for JSON that is no array.
    ContainsItem {
        /// The field.
        field: FieldRef,
        /// The item: null, bool, number or string.
        item: serde_json::Value,
    },
    /// Is null: two-valued.
    IsNull(FieldRef),
    /// A field against a field, of this document or of one around it: as [`Predicate::Compare`].
    CompareFields {
        /// The left field.
        left: FieldAt,
        /// The operator.
        comparison: Comparison,
        /// The right field, whose values are stored alike.
        right: FieldAt,
    },
    /// What the inner predicate says of the document that a foreign key points at; unknown where
    /// there is none. Inside, that document is level 0 and this one level 1.
    Related {
        /// The foreign key's value.
        key: RelatedKey,
        /// The collection pointed at.
        target: Arc<Collection>,
        /// Its unique field that holds the key.
        target_field: FieldRef,
        /// What is asked of that document.
        predicate: Box<Predicate>,
    },
    /// What the inner predicate says of one document of a collection or another: true where it is true
    /// of one, else unknown where it is unknown for one, else false. Inside, that document is level 0
    /// and this one level 1.
    Exists {
        /// The collection, all of whose documents are asked.
        collection: Arc<Collection>,
        /// What is asked of each.
        predicate: Box<Predicate>,
    },
    /// What the inner predicate says of a document around this one; levels inside count from there.
    Outer {
        /// How far out, 1 or more.
        level: usize,
        /// What is asked of it.
        predicate: Box<Predicate>,
    },
    /// A test in Rust, for what SQL cannot say: run on each document while SQL looks for matches.
    Scan(Scan),
    /// All hold (empty: true).
    And(Vec<Predicate>),
    /// One holds (empty: false).
    Or(Vec<Predicate>),
    /// The opposite.
    Not(Box<Predicate>),
}

impl Predicate {
    /// The predicate that every document meets.
    pub const TRUE: Self = Self::Constant(Truth::True);
    /// The predicate that no document meets.
    pub const FALSE: Self = Self::Constant(Truth::False);

    /// All of these hold; one alone stays as it is.
    #[must_use]
    pub fn all(mut predicates: Vec<Self>) -> Self {
        match predicates.len() {
            0 => Self::TRUE,
            1 => predicates.swap_remove(0),
            _ => Self::And(predicates),
        }
    }

    /// One of these holds; one alone stays as it is.
    #[must_use]
    pub fn any(mut predicates: Vec<Self>) -> Self {
        match predicates.len() {
            0 => Self::FALSE,
            1 => predicates.swap_remove(0),
            _ => Self::Or(predicates),
        }
    }

    /// The opposite of this.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Whether it looks at nothing but the document that it is about.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::CompareFields { left, right, .. } => left.level == 0 && right.level == 0,
            Self::Scan(scan) => scan.operands.iter().all(|operand| operand.level == 0 && operand.hops.is_empty()),
            Self::Related { .. } | Self::Exists { .. } | Self::Outer { .. } => false,
            Self::And(parts) | Self::Or(parts) => parts.iter().all(Self::is_local),
            Self::Not(inner) => inner.is_local(),
            _ => true,
        }
    }

    /// How many documents outward it looks: 0 where nothing around the document that it is about matters.
    #[must_use]
    pub fn outward(&self) -> usize {
        match self {
            Self::CompareFields { left, right, .. } => left.level.max(right.level),
            Self::Scan(scan) => scan.operands.iter().map(|operand| operand.level).max().unwrap_or_default(),
            Self::Related { key, predicate, .. } => {
                let key = match key {
                    RelatedKey::Field(place) => place.level,
                    RelatedKey::Value(_) => 0,
                };
                key.max(predicate.outward().saturating_sub(1))
            }
            Self::Exists { predicate, .. } => predicate.outward().saturating_sub(1),
            Self::Outer { level, predicate } => level + predicate.outward(),
            Self::And(parts) | Self::Or(parts) => parts.iter().map(Self::outward).max().unwrap_or_default(),
            Self::Not(inner) => inner.outward(),
            _ => 0,
        }
    }

    /// Collections that it looks at besides the one it is about, some perhaps more than once.
    #[must_use]
    pub fn others(&self) -> Vec<&CollectionName> {
        match self {
            Self::Related { target, predicate, .. } => [vec![&target.name], predicate.others()].concat(),
            Self::Exists { collection, predicate } => [vec![&collection.name], predicate.others()].concat(),
            Self::Outer { predicate, .. } | Self::Not(predicate) => predicate.others(),
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::others).collect(),
            Self::Scan(scan) => {
                scan.operands.iter().flat_map(|operand| &operand.hops).map(|hop| &hop.target.name).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Fields that must have one of some values wherever this holds: what an index can look up.
    #[must_use]
    pub fn equalities(&self) -> Vec<(&FieldRef, &[Value])> {
        match self {
            Self::Compare { field, comparison: Comparison::Eq, value } => vec![(field, std::slice::from_ref(value))],
            Self::In { field, values } => vec![(field, values)],
            Self::IsNull(field) => vec![(field, &[Value::Null])],
            Self::And(parts) => parts.iter().flat_map(Self::equalities).collect(),
            _ => Vec::new(),
        }
    }
}

/// A document as the matcher sees it.
pub trait Fields {
    /// The value of the field.
    fn value(&self, field: &FieldRef) -> &Value;
}

impl Fields for Document {
    fn value(&self, field: &FieldRef) -> &Value {
        &self.values[field.index]
    }
}
