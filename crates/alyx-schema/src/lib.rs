//! The data model of an Alyx project.
//!
//! `schema.yaml` becomes a typed [`Schema`] whose faults carry file, line and column; documents are
//! checked against it; two schemas are compared. No file system, no async, no clock, no randomness.

pub mod clock;
pub mod diff;
pub mod document;
mod editor;
mod field_type;
pub mod model;
pub mod name;
mod option;
mod parse;
mod print;
pub mod value;

pub use alyx_yaml::{Diagnostic, Severity, Span};
pub use diff::{ChangeClass, ChangeKind, ConstraintKind, SchemaChange, diff};
pub use document::{FieldFault, Writer};
pub use model::{
    Collection, Constraints, DefaultValue, Field, FieldType, Format, Index, JsonShape, OnDelete, Order, Reference,
    Rule, Rules, Schema, Storage,
};
pub use name::{CollectionName, FieldName};
pub use editor::json_schema;
pub use parse::{expand_name, parse_schema};
pub use print::to_yaml;
pub use value::{Document, Value};
