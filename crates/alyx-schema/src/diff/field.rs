//! Fields against fields.

use super::{ChangeClass, ChangeKind, constraints, rename};
use crate::{Collection, DefaultValue, Field, FieldType};

use ChangeClass::{Safe, Unsafe};

pub(super) fn diff_all(old: &Collection, new: &Collection, push: &mut impl FnMut(ChangeKind, ChangeClass)) {
    for field in old.fields.iter().filter(|field| new.field(field.name.as_str()).is_none()) {
        let likely_renamed_to = rename::field(field, old, new);
        let kind = ChangeKind::FieldRemoved { field: field.name.clone(), likely_renamed_to };
        push(kind, Unsafe("its values would be lost"));
    }
    for after in &new.fields {
        match old.field(after.name.as_str()) {
            None => push(ChangeKind::FieldAdded { field: after.name.clone() }, class_of_added(after)),
            Some(before) => diff_one(before, after, push),
        }
    }
}

/// Documents that exist get null or the default.
fn class_of_added(field: &Field) -> ChangeClass {
    match &field.default {
        None if field.nullable => Safe,
        None => Unsafe("documents that exist would have no value for it"),
        Some(_) if field.references.is_some() => {
            Unsafe("documents that exist would point at the default, which may be missing")
        }
        Some(DefaultValue::Literal(_) | DefaultValue::Now) if field.unique => {
            Unsafe("documents that exist would share the default")
        }
        Some(_) => Safe,
    }
}

fn diff_one(before: &Field, after: &Field, push: &mut impl FnMut(ChangeKind, ChangeClass)) {
    let name = || after.name.clone();
    if (before.field_type, before.value_type) != (after.field_type, after.value_type) {
        push(type_changed(before, after), class_of_type(before.value_type, after.value_type));
    }
    if before.nullable != after.nullable {
        let class = if after.nullable { Safe } else { Unsafe("documents that exist may hold null") };
        push(ChangeKind::NullableChanged { field: name(), nullable: after.nullable }, class);
    }
    if before.unique != after.unique {
        let class = if after.unique { Unsafe("documents that exist may share a value") } else { Safe };
        push(ChangeKind::UniqueChanged { field: name(), unique: after.unique }, class);
    }
    if before.index != after.index {
        push(ChangeKind::IndexedChanged { field: name(), index: after.index }, Safe);
    }
    constraints::diff(before, after, push);
    diff_reference(before, after, push);
    if before.default != after.default {
        push(ChangeKind::DefaultChanged { field: name() }, Safe);
    }
    if before.on_update_now != after.on_update_now {
        push(ChangeKind::OnUpdateChanged { field: name() }, Safe);
    }
    if before.internal != after.internal {
        push(ChangeKind::InternalChanged { field: name(), internal: after.internal }, Safe);
    }
}

/// A relation whose target has another type of primary field stays a relation; then the values' types are told.
fn type_changed(before: &Field, after: &Field) -> ChangeKind {
    let field = after.name.clone();
    if before.field_type == after.field_type {
        ChangeKind::TypeChanged { field, from: before.value_type, to: after.value_type }
    } else {
        ChangeKind::TypeChanged { field, from: before.field_type, to: after.field_type }
    }
}

/// Every text is a `string` and a `text`; all other types read their values more strictly.
fn class_of_type(before: FieldType, after: FieldType) -> ChangeClass {
    let takes_any_text = matches!(after, FieldType::String | FieldType::Text);
    if before == after || (takes_any_text && before.is_textual()) {
        return Safe;
    }
    Unsafe("values that exist have to be converted")
}

fn diff_reference(before: &Field, after: &Field, push: &mut impl FnMut(ChangeKind, ChangeClass)) {
    let field = after.name.clone();
    match (&before.references, &after.references) {
        (None, Some(_)) => push(ChangeKind::ReferenceAdded { field }, Unsafe("values that exist may point at nothing")),
        (Some(_), None) => push(ChangeKind::ReferenceRemoved { field }, Safe),
        (Some(old), Some(new)) if (&old.collection, &old.field) != (&new.collection, &new.field) => {
            push(ChangeKind::ReferenceRetargeted { field }, Unsafe("values that exist may point at nothing"));
        }
        (Some(old), Some(new)) if old.on_delete != new.on_delete => push(ChangeKind::OnDeleteChanged { field }, Safe),
        _ => {}
    }
}
