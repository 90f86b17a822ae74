//! When two parts of a tree are the same. Collections are told apart by their names: to compare all that they are
//! takes long.

use alyx_query::Hop;

use super::{ExistsIn, FieldPath};

/// Whether two rows of foreign keys lead the same way.
pub(crate) fn same_hops(left: &[Hop], right: &[Hop]) -> bool {
    let same = |left: &Hop, right: &Hop| left.field.index == right.field.index && left.target.name == right.target.name;
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
}

impl PartialEq for FieldPath {
    fn eq(&self, other: &Self) -> bool {
        self.field.index == other.field.index && self.depth == other.depth && same_hops(&self.hops, &other.hops)
    }
}

impl PartialEq for ExistsIn {
    fn eq(&self, other: &Self) -> bool {
        self.depth == other.depth && self.collection.name == other.collection.name && self.body == other.body
    }
}
