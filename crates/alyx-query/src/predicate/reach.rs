//! How a predicate reaches beyond one field: documents around it, documents that others point at,
//! and tests that only Rust can make.

use std::{fmt, sync::Arc};

use alyx_schema::{Collection, Value};

use super::{FieldRef, Truth};

/// A field of a document in reach.
///
/// Level 0 is the document that the predicate is about. Inside a `Related` or an `Exists` that is the
/// inner document, and each step outward adds one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldAt {
    /// How far out the document is.
    pub level: usize,
    /// Its field.
    pub field: FieldRef,
}

/// Which document a `Related` is about: the one whose key has this value.
#[derive(Clone, Debug, PartialEq)]
pub enum RelatedKey {
    /// The value of a field of a document in reach.
    Field(FieldAt),
    /// A value that is known, as for a document that is about to be stored.
    Value(Value),
}

/// One step along a foreign key to the document it points at.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// The foreign key.
    pub field: FieldRef,
    /// The collection that it points at.
    pub target: Arc<Collection>,
    /// The unique field there that holds the key.
    pub target_field: FieldRef,
}

/// A value that a [`Scan`] looks at: a field of a document in reach, or of one that it points at.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// How far out the first document is, as in [`FieldAt::level`].
    pub level: usize,
    /// Foreign keys to follow from there.
    pub hops: Vec<Hop>,
    /// The field of the document where they end.
    pub field: FieldRef,
}

/// A test of some values, made in Rust.
pub trait ScanTest: Send + Sync {
    /// What it says of the operands' values, in their order; `None` is a field of a document that
    /// does not exist, because a foreign key on the way is null.
    fn evaluate(&self, values: &[Option<Value>]) -> Truth;

    /// A text that two tests share only if they say the same of the same values.
    fn key(&self) -> &str;
}

/// A test and the values that it looks at.
#[derive(Clone)]
pub struct Scan {
    /// The test.
    pub test: Arc<dyn ScanTest>,
    /// Where its values come from, in the order in which it takes them.
    pub operands: Vec<Operand>,
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scan").field("test", &self.test.key()).field("operands", &self.operands).finish()
    }
}

impl PartialEq for Scan {
    fn eq(&self, other: &Self) -> bool {
        self.test.key() == other.test.key() && self.operands == other.operands
    }
}
