//! The one predicate of Alyx and the query around it.
//!
//! A REST `filter`, a JSON `where`, a subscription's filter and a rule all become a [`Predicate`],
//! typed against a collection. It has two readers: [`Predicate::matches`] here, and the store, which
//! lowers it to SQL. No I/O, no async, no clock.

pub mod predicate;
pub mod query;

pub use predicate::{Comparison, FieldRef, Fields, Predicate, Truth};
pub use query::{Cursor, Everything, Expand, Query, Relation, SortKey, Visible};
