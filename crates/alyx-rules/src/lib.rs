//! Access rules in CEL.

mod check;
mod context;
mod error;
mod evaluate;
mod fault;
mod functions;
mod limits;
mod shape;
mod syntax;
mod time;
mod tree;
mod types;
mod value;

pub use context::{Context, Identity, PlainRequest, Request};

#[cfg(test)]
mod tests;
