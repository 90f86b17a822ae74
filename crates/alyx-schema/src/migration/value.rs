//! Whether a value that is stored, or is to be, is one that a field takes.

use serde_json::Value as Json;

use crate::{Field, Value, document};

/// The value in storage form, if the field takes it.
///
/// # Errors
/// What it must be: `is longer than 80 characters`.
pub fn accept(field: &Field, json: &Json) -> Result<Value, String> {
    let mut faults = Vec::new();
    match document::accept(field, json, &mut faults) {
        Some(value) if faults.is_empty() => Ok(value),
        _ => Err(faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join("; ")),
    }
}
