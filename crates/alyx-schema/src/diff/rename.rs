//! What was probably renamed: something gone and something new that look alike. Only ever a hint.

use crate::{Collection, CollectionName, Field, FieldName, Schema};

/// The new field that `removed` probably became: of the same type, the most like it by name.
pub(super) fn field(removed: &Field, old: &Collection, new: &Collection) -> Option<FieldName> {
    let added = new.fields.iter().filter(|field| old.field(field.name.as_str()).is_none());
    let alike = added.filter(|field| field.value_type == removed.value_type && field.primary == removed.primary);
    let best = alike.max_by(|a, b| likeness(removed, a).total_cmp(&likeness(removed, b)))?;
    Some(best.name.clone())
}

fn likeness(removed: &Field, added: &Field) -> f64 {
    let same_reference = removed.references == added.references;
    strsim::jaro_winkler(removed.name.as_str(), added.name.as_str()) + f64::from(u8::from(same_reference))
}

/// The new collection that `removed` probably became: at least half of all their fields are common.
pub(super) fn collection(removed: &Collection, old: &Schema, new: &Schema) -> Option<CollectionName> {
    let added = new.collections.values().filter(|collection| !old.collections.contains_key(&collection.name));
    let scored = added.map(|collection| (common_fields(removed, collection), collection));
    let (score, best) = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (score >= 0.5).then(|| best.name.clone())
}

#[expect(clippy::cast_precision_loss, reason = "collections have few fields")]
fn common_fields(a: &Collection, b: &Collection) -> f64 {
    let is_common =
        |field: &&Field| b.field(field.name.as_str()).is_some_and(|other| other.value_type == field.value_type);
    let common = a.fields.iter().filter(is_common).count();
    common as f64 / (a.fields.len() + b.fields.len() - common).max(1) as f64
}
