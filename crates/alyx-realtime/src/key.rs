//! The text that stands for a question with its rights.

use std::{collections::BTreeSet, fmt::Write};

use alyx_query::{Expand, Predicate, Query, Visible};
use alyx_schema::{Collection, CollectionName};

/// The same for two questions only if they always have the same answers.
pub(crate) fn of_question(query: &Query, visible: &dyn Visible) -> String {
    let mut key = format!("{}|{}|", query.collection.name, query.predicate.canonical_key());
    write_order(&mut key, query);
    let _ = write!(key, "{}|", query.limit);
    write_fields(&mut key, query);
    // What the filter says already makes no difference: many callers ask the same then.
    key.push_str(&readable(query, visible).canonical_key());
    write_shown(&mut key, &query.collection, visible);
    write_expand(&mut key, &query.expand, visible);
    key
}

/// The same for queries that show documents alike and in the same order; `None` where that depends on who asks, or on
/// other documents.
pub(crate) fn of_likeness(query: &Query) -> Option<String> {
    if !query.expand.is_empty() || query.collection.fields.iter().any(|field| field.rules.read.is_some()) {
        return None;
    }
    let mut key = format!("{}|", query.collection.name);
    write_order(&mut key, query);
    write_fields(&mut key, query);
    Some(key)
}

fn write_order(key: &mut String, query: &Query) {
    for sort in &query.sort {
        let _ = write!(key, "{}{:?},", sort.field.name, sort.order);
    }
    key.push('|');
}

fn write_fields(key: &mut String, query: &Query) {
    match &query.fields {
        Some(fields) => fields.iter().for_each(|field| {
            let _ = write!(key, "{},", field.name);
        }),
        None => key.push('*'),
    }
    key.push('|');
}

fn write_expand(key: &mut String, expand: &[Expand], visible: &dyn Visible) {
    for each in expand {
        let _ = write!(key, "[{}", each.name);
        write_rights(key, &each.target, visible);
        write_expand(key, &each.nested, visible);
        key.push(']');
    }
}

/// What of the asked collection may be read, beyond what the filter says.
pub(crate) fn readable(query: &Query, visible: &dyn Visible) -> Predicate {
    visible.readable(&query.collection).given(&query.predicate)
}

fn write_rights(key: &mut String, collection: &Collection, visible: &dyn Visible) {
    key.push_str(&visible.readable(collection).canonical_key());
    write_shown(key, collection, visible);
}

fn write_shown(key: &mut String, collection: &Collection, visible: &dyn Visible) {
    for (index, field) in collection.fields.iter().enumerate().filter(|(_, field)| field.rules.read.is_some()) {
        let _ = write!(key, "{}:{}", field.name, visible.shown(collection, index).canonical_key());
    }
}

/// Collections whose documents matter to the answer besides the one that is asked: those that rules look at, and
/// those that are embedded.
pub(crate) fn others(query: &Query, visible: &dyn Visible) -> BTreeSet<CollectionName> {
    let mut others = BTreeSet::new();
    others.extend(readable(query, visible).others().into_iter().cloned());
    add_shown(&mut others, &query.collection, visible);
    others.extend(query.predicate.others().into_iter().cloned());
    add_expand(&mut others, &query.expand, visible);
    others
}

fn add_expand(others: &mut BTreeSet<CollectionName>, expand: &[Expand], visible: &dyn Visible) {
    for each in expand {
        others.insert(each.target.name.clone());
        add_rights(others, &each.target, visible);
        add_expand(others, &each.nested, visible);
    }
}

fn add_rights(others: &mut BTreeSet<CollectionName>, collection: &Collection, visible: &dyn Visible) {
    others.extend(visible.readable(collection).others().into_iter().cloned());
    add_shown(others, collection, visible);
}

fn add_shown(others: &mut BTreeSet<CollectionName>, collection: &Collection, visible: &dyn Visible) {
    for (index, _) in collection.fields.iter().enumerate().filter(|(_, field)| field.rules.read.is_some()) {
        others.extend(visible.shown(collection, index).others().into_iter().cloned());
    }
}
