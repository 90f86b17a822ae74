//! Keys of a body that are no fields, with the name that may have been meant.

use alyx_yaml::did_you_mean;
use serde_json::{Map, Value as Json};

use super::{FieldFault, Writer};
use crate::Collection;

/// Most unknown keys reported one by one.
const MAX_REPORTED: usize = 20;
/// Longest name that a suggestion is looked for, and that is repeated in full.
const MAX_NAME: usize = 64;

pub(super) fn report(collection: &Collection, body: &Map<String, Json>, writer: Writer, faults: &mut Vec<FieldFault>) {
    let visible = |name: &str| collection.field(name).is_some_and(|field| writer.sees(field));
    let mut unknown = body.keys().filter(|key| !visible(key));
    for key in unknown.by_ref().take(MAX_REPORTED) {
        faults.push(fault(collection, key, writer));
    }
    let more = unknown.count();
    if more > 0 {
        faults.push(FieldFault::new("", "UNKNOWN_FIELD", format!("{more} more keys are unknown")));
    }
}

fn fault(collection: &Collection, key: &str, writer: Writer) -> FieldFault {
    let shown: String = key.chars().take(MAX_NAME).collect();
    let mut message = format!("is no field of \"{}\"", collection.name);
    let candidates = collection.fields.iter().filter(|field| writer.sees(field)).map(|field| field.name.as_str());
    if let Some(hint) = (key.len() <= MAX_NAME).then(|| did_you_mean(key, candidates)).flatten() {
        message = format!("{message}; {hint}");
    }
    FieldFault::new(shown, "UNKNOWN_FIELD", message)
}
