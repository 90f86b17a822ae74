//! Collections against collections, and their indexes, rules and primary fields.

use super::{ChangeClass, ChangeKind, SchemaChange, field, rename};
use crate::{Collection, Index, Schema};

use ChangeClass::{Safe, Unsafe};

pub(super) fn diff(old: &Schema, new: &Schema) -> Vec<SchemaChange> {
    let mut changes = Vec::new();
    for collection in new.collections.values() {
        match old.collection(collection.name.as_str()) {
            Some(before) => diff_one(before, collection, &mut changes),
            None => changes.push(change(collection, ChangeKind::CollectionAdded, Safe)),
        }
    }
    for collection in old.collections.values().filter(|before| !new.collections.contains_key(&before.name)) {
        let likely_renamed_to = rename::collection(collection, old, new);
        let kind = ChangeKind::CollectionRemoved { likely_renamed_to };
        changes.push(change(collection, kind, Unsafe("its documents would be lost")));
    }
    changes
}

/// A change of `collection`.
pub(super) fn change(collection: &Collection, kind: ChangeKind, class: ChangeClass) -> SchemaChange {
    SchemaChange { collection: collection.name.clone(), kind, class }
}

fn diff_one(old: &Collection, new: &Collection, changes: &mut Vec<SchemaChange>) {
    let mut push = |kind, class| changes.push(change(new, kind, class));
    field::diff_all(old, new, &mut push);
    let (before, after) = (old.primary_field(), new.primary_field());
    if before.name != after.name {
        let kind = ChangeKind::PrimaryChanged { from: before.name.clone(), to: after.name.clone() };
        push(kind, Unsafe("documents would get another identity"));
    }
    diff_indexes(old, new, &mut push);
    if rule_texts(old) != rule_texts(new) {
        push(ChangeKind::RulesChanged, Safe);
    }
    if old.is_auth != new.is_auth {
        push(ChangeKind::AuthChanged { is_auth: new.is_auth }, Safe);
    }
    if is_reordered(old, new) {
        push(ChangeKind::FieldsReordered, Safe);
    }
}

/// The collection's rules, and those of fields that have some, by their names.
fn rule_texts(collection: &Collection) -> Vec<(&str, [Option<&str>; 4])> {
    let rules = &collection.rules;
    let own = [&rules.create, &rules.read, &rules.update, &rules.delete];
    let mut texts = vec![("", own.map(|rule| rule.as_ref().map(|rule| rule.text.as_str())))];
    for field in &collection.fields {
        let own = [&field.rules.read, &field.rules.write].map(|rule| rule.as_ref().map(|rule| rule.text.as_str()));
        if own != [None, None] {
            texts.push((field.name.as_str(), [own[0], own[1], None, None]));
        }
    }
    texts.sort_unstable();
    texts
}

/// Whether the fields that both have stand in another order.
fn is_reordered(old: &Collection, new: &Collection) -> bool {
    let kept = |from: &Collection, other: &Collection| -> Vec<_> {
        from.fields.iter().map(|field| field.name.clone()).filter(|name| other.field(name.as_str()).is_some()).collect()
    };
    kept(old, new) != kept(new, old)
}

fn diff_indexes(old: &Collection, new: &Collection, push: &mut impl FnMut(ChangeKind, ChangeClass)) {
    let find = |indexes: &[Index], name: &str| indexes.iter().position(|index| index.name == name);
    for index in old.indexes.iter().filter(|index| find(&new.indexes, &index.name).is_none()) {
        push(ChangeKind::IndexRemoved { index: index.name.clone() }, Safe);
    }
    for after in &new.indexes {
        let (index, unique) = (after.name.clone(), after.unique);
        match find(&old.indexes, &index).map(|position| &old.indexes[position]) {
            None => push(ChangeKind::IndexAdded { index, unique }, class_of_index(None, after)),
            Some(before) if !is_same(before, after) => {
                push(ChangeKind::IndexChanged { index, unique }, class_of_index(Some(before), after));
            }
            Some(_) => {}
        }
    }
}

fn is_same(before: &Index, after: &Index) -> bool {
    (&before.fields, before.unique, before.order) == (&after.fields, after.unique, after.order)
}

/// Uniqueness over more fields than before follows from uniqueness over fewer.
fn class_of_index(before: Option<&Index>, after: &Index) -> ChangeClass {
    let follows = |before: &Index| before.unique && before.fields.iter().all(|field| after.fields.contains(field));
    if after.unique && !before.is_some_and(follows) {
        Unsafe("documents that exist may share these values")
    } else {
        Safe
    }
}
