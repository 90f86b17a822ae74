//! Tests of the language itself: expressions without types and documents.

mod bindings;
mod conformance;

use crate::{check, error::Result, evaluate::Evaluation, value::Value};

/// The value of an expression in which types are known only when it is evaluated; nothing where it cannot be read.
fn evaluate(text: &str, names: &bindings::Bindings) -> Option<Result<Value>> {
    let program = check::check(text, names).ok()?;
    Some(Evaluation::of_constants(&program.node))
}
