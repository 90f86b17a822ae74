//! The typed predicate and its three-valued meaning.

use alyx_schema::{Document, FieldName, Value};

/// A field of the collection that a predicate is typed against.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldRef {
    /// Position in `Collection::fields`.
    pub index: usize,
    /// Its name.
    pub name: FieldName,
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
