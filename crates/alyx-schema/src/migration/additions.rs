//! What of a change comes before migration files run, so that they can use it: new collections and fields.

use std::sync::Arc;

use super::Operation;
use crate::{ChangeKind, Collection, FieldName, Schema, diff};

/// The schema with the collections and fields of `wanted` that apply by themselves, apart from those that an
/// operation brings.
#[must_use]
pub fn with_additions(schema: &Schema, wanted: &Schema, operations: &[&Operation]) -> Schema {
    let mut after = schema.clone();
    // A new collection may refer to one that comes later in the list.
    for _ in 0..=wanted.collections.len() {
        for change in diff(&after, wanted).iter().filter(|change| change.is_safe()) {
            let Some(new) = wanted.collection(change.collection.as_str()) else { continue };
            match &change.kind {
                ChangeKind::CollectionAdded if !makes(operations, new.name.as_str(), None) => {
                    add_collection(&mut after, new);
                }
                ChangeKind::FieldAdded { field } if !makes(operations, new.name.as_str(), Some(field)) => {
                    add_field(&mut after, new, field.as_str());
                }
                _ => {}
            }
        }
    }
    after
}

/// Whether an operation gives this name to a collection, or to a field of it.
fn makes(operations: &[&Operation], collection: &str, field: Option<&FieldName>) -> bool {
    operations.iter().any(|operation| match operation {
        Operation::RenameCollection { to, .. } => field.is_none() && to == collection,
        Operation::RenameField { to, .. } => field == Some(to),
        Operation::AddField { field: added, .. } => field == Some(added),
        _ => false,
    })
}

/// Adds a collection if all that it refers to is there.
fn add_collection(schema: &mut Schema, new: &Arc<Collection>) {
    let mut references = new.fields.iter().filter_map(|field| field.references.as_ref());
    let missing = references.any(|reference| {
        let target = schema.collection(reference.collection.as_str());
        reference.collection != new.name && target.is_none_or(|target| target.field(reference.field.as_str()).is_none())
    });
    if !missing {
        schema.collections.insert(new.name.clone(), Arc::clone(new));
    }
}

/// Adds a field in its place if what it refers to is there.
fn add_field(schema: &mut Schema, new: &Collection, name: &str) {
    let Some(field) = new.field(name) else { return };
    let missing = field.references.as_ref().is_some_and(|reference| {
        let target = schema.collection(reference.collection.as_str());
        target.is_none_or(|target| target.field(reference.field.as_str()).is_none())
    });
    let Some(collection) = schema.collections.get_mut(new.name.as_str()) else { return };
    if missing || collection.field(name).is_some() {
        return;
    }
    let collection = Arc::make_mut(collection);
    let before = new.fields.iter().rev().skip_while(|each| each.name != name).skip(1);
    let place = before.filter_map(|each| collection.field_index(each.name.as_str())).next();
    let place = place.map_or(0, |place| place + 1);
    collection.primary += usize::from(place <= collection.primary);
    collection.fields.insert(place, field.clone());
}
