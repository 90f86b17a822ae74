//! The data model of an Alyx project.
//!
//! `schema.yaml` becomes a typed [`Schema`] whose faults carry file, line and column; documents are
//! checked against it; two schemas are compared. No file system, no async, no clock, no randomness.
//!
//! ```
//! let text = "{version: 1, collections: {posts: {fields: {id: {type: uuid, primary: true}, titel: {type: sting}}}}}";
//! let faults = alyx_schema::parse_schema("schema.yaml", text).unwrap_err();
//! assert_eq!((faults[0].code, faults[0].span.line), ("unknown_type", 1));
//! assert_eq!(faults[0].hint.as_deref(), Some("did you mean \"string\"?"));
//! ```

pub mod channel;
pub mod clock;
pub mod diff;
pub mod document;
mod editor;
mod field_type;
pub mod migration;
pub mod model;
pub mod name;
mod option;
mod parse;
mod print;
pub mod strict_json;
pub mod value;

pub use alyx_yaml::{Diagnostic, Severity, Span};
pub use diff::{ChangeClass, ChangeKind, ConstraintKind, SchemaChange, diff};
pub use document::{Change, FieldFault, Operator, Writer};
pub use editor::json_schema;
pub use model::{
    Collection, Constraints, DefaultValue, Field, FieldRules, FieldType, Format, Index, JsonShape, OnDelete, Order,
    Reference, Rule, Rules, Schema, Storage,
};
pub use name::{CollectionName, FieldName};
pub use parse::{back_relation_name, expand_name, parse_rule, parse_schema, parse_stored_schema};
pub use print::to_yaml;
pub use value::{Document, Value};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
