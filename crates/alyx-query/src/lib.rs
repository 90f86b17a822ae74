//! The one predicate of Alyx and the query around it.
//!
//! A REST `filter`, a JSON `where`, a subscription's filter and a rule all become a [`Predicate`],
//! typed against a collection. It has two readers: [`Predicate::matches`] here, and the store, which
//! lowers it to SQL. No I/O, no async, no clock.
//!
//! ```
//! use alyx_query::{Query, filter};
//!
//! let text = "version: 1\ncollections: { posts: { fields: { id: { type: id, primary: true }, views: { type: int } } } }";
//! let schema = alyx_schema::parse_schema("schema.yaml", text).expect("it is a schema");
//! let posts = schema.collection("posts").expect("it has posts").clone();
//!
//! let wrong = filter::parse(&posts, "viwes:gt:3").unwrap_err();
//! assert_eq!(wrong.suggestion.as_deref(), Some("views"));
//!
//! let parameters = [("filter", "views:gt:3"), ("sort", "-views")].map(|(name, value)| (name.into(), value.into()));
//! let query = Query::from_parameters(&schema, posts, &parameters).expect("it is a query");
//! assert_eq!(query.predicate.canonical_key(), "gt(views i3)");
//! ```

mod condition;
mod cursor;
mod error;
mod expand;
pub mod filter;
mod like;
pub mod limits;
mod operator;
mod parameters;
pub mod predicate;
pub mod query;
mod readable;
mod sort;
mod value;
pub mod where_json;

pub use error::{ErrorCode, ErrorDetail, QueryError};
pub use like::like;
pub use operator::Operator;
pub use predicate::{
    Comparison, FieldAt, FieldRef, Fields, Hop, Operand, Predicate, RelatedKey, Scan, ScanTest, Truth, World,
};
pub use query::{Cursor, Everything, Expand, Projection, Query, Relation, SortKey, Visible};
pub use readable::check_expand;
