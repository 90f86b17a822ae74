//! Access rules in CEL.

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
pub use rule_set::{FieldOperation, Operation, RuleSet};

#[cfg(test)]
mod tests;
