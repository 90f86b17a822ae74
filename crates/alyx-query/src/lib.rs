//! The one predicate of Alyx and the query around it.
//!
//! A REST `filter`, a JSON `where`, a subscription's filter and a rule all become a [`Predicate`],
//! typed against a collection. It has two readers: [`Predicate::matches`] here, and the store, which
//! lowers it to SQL. No I/O, no async, no clock.

mod condition;
mod cursor;
mod error;
mod expand;
pub mod filter;
mod like;
mod operator;
mod parameters;
pub mod predicate;
pub mod query;
mod sort;
mod value;
pub mod where_json;

pub use condition::{MAX_CONDITIONS, MAX_IN_VALUES, MAX_PATTERN, MAX_WILDCARDS};
pub use error::{ErrorCode, ErrorDetail, QueryError};
pub use expand::{MAX_EXPAND_DEPTH, MAX_EXPAND_PATHS, MAX_LISTS_ON_PATH};
pub use like::like;
pub use operator::Operator;
pub use parameters::{DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET};
pub use predicate::{Comparison, FieldRef, Fields, Predicate, Truth};
pub use query::{Cursor, Everything, Expand, MAX_LISTED, Projection, Query, Relation, SortKey, Visible};
pub use sort::MAX_SORT_KEYS;
pub use where_json::MAX_DEPTH;
