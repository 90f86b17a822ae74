//! Access rules in CEL: compiled against a schema, decided early, and lowered to the predicate.
//!
//! A [`RuleSet`] holds every rule of a schema; what is wrong with any of them is told at once, with line and column.
//! [`CompiledRule::decide`] puts a caller and a request in; what is left is a [`Residual`], which is decided, or
//! becomes a `Predicate` that filters inside SQL. Whatever cannot be known denies. No I/O, no clock, no SQL.
//!
//! ```
//! use alyx_rules::{Context, Identity, Operation, PlainRequest, RuleSet};
//!
//! let text = r#"{version: 1, collections: {posts: {
//!     fields: {id: {type: id, primary: true}, author_id: {type: string}, published: {type: bool}},
//!     rules: {read: "doc.published || auth.id == doc.author_id || auth.role == 'admin'"}}}}"#;
//! let schema = std::sync::Arc::new(alyx_schema::parse_schema("schema.yaml", text).expect("it is a schema"));
//! let rules = RuleSet::compile("schema.yaml", &schema).expect("its rules are rules");
//! let posts = schema.collection("posts").expect("it has posts");
//! let rule = rules.collection_rule(posts, Operation::Read).expect("it has a rule");
//!
//! let ann = Identity { id: "ann".into(), role: "user".into(), ..Identity::default() };
//! let residual = rule.decide(&Context { auth: Some(&ann), request: &PlainRequest::default() });
//! assert_eq!(residual.to_cel(), "doc.published || 'ann' == doc.author_id");
//! assert_eq!(residual.predicate().canonical_key(), "or(eq(author_id s3:ann)eq(published t))");
//! ```

mod advise;
mod check;
mod context;
mod decide;
mod error;
mod evaluate;
mod fault;
mod functions;
mod limits;
mod lower;
mod rule;
mod rule_set;
mod shape;
mod syntax;
mod time;
mod tree;
mod types;
mod value;

pub use context::{Context, Identity, PlainRequest, Request};
pub use rule::{CompiledRule, Residual};
pub use rule_set::{ChannelOperation, FieldOperation, Operation, RuleSet, compile_invoke};

#[cfg(test)]
mod tests;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
