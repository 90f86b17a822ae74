//! The entries of `indexes:`.

use std::collections::HashMap;

use alyx_yaml::{Node, Span};

use super::{
    collection::CollectionDraft,
    faults::{self, Faults},
    names,
};
use crate::{FieldName, Index, Order, option::ORDERS};

/// Keys of an index.
pub(crate) const INDEX_KEYS: &[&str] = &["name", "fields", "order", "unique"];

pub(super) fn read(node: &Node, draft: &CollectionDraft<'_>, faults: &mut Faults) -> Vec<Index> {
    if node.is_null() {
        return Vec::new();
    }
    let Some(items) = node.as_sequence() else {
        faults.wrong_kind(node, "\"indexes\"", "a list");
        return Vec::new();
    };
    items.iter().filter_map(|item| index(item, draft, faults)).collect()
}

fn index(node: &Node, draft: &CollectionDraft<'_>, faults: &mut Faults) -> Option<Index> {
    let entries = faults.mapping(node, "an index")?;
    faults.known_keys(entries, INDEX_KEYS, "an index");
    let fields = fields(node, draft, faults);
    let (name, span) = name(node, draft, &fields, faults)?;
    let order = node.get("order").map(|node| order(node, faults)).unwrap_or_default();
    let unique = node.get("unique").is_some_and(|node| faults.flag(node, "\"unique\""));
    Some(Index { name, fields, unique, order, span })
}

fn name(node: &Node, draft: &CollectionDraft<'_>, fields: &[FieldName], faults: &mut Faults) -> Option<(String, Span)> {
    let Some(name) = node.get("name") else {
        let fields: Vec<_> = fields.iter().map(FieldName::as_str).collect();
        let hint = format!("add \"name: idx_{}_{}\"", draft.name, fields.join("_"));
        faults.hinted("missing_key", node.span, "an index has no \"name\"", hint);
        return None;
    };
    let text = faults.text(name, "\"name\"")?;
    names::check_one(text, name.span, names::Kind::Index, faults);
    Some((text.to_owned(), name.span))
}

fn order(node: &Node, faults: &mut Faults) -> Order {
    match node.as_str() {
        Some("asc") => Order::Ascending,
        Some("desc") => Order::Descending,
        _ => {
            let hint = faults::nearest_or_all(node.as_str().unwrap_or_default(), ORDERS);
            faults.hinted("unknown_word", node.span, format!("\"order\" cannot be {}", node.describe()), hint);
            Order::default()
        }
    }
}

fn fields(node: &Node, draft: &CollectionDraft<'_>, faults: &mut Faults) -> Vec<FieldName> {
    let Some(list) = node.get("fields") else {
        faults.hinted("missing_key", node.span, "an index has no \"fields\"", "add \"fields: [a, b]\"");
        return Vec::new();
    };
    let items = faults.list(list, "\"fields\" of an index").unwrap_or_default();
    let mut names: Vec<FieldName> = Vec::new();
    for item in items {
        let Some(name) = faults.text(item, "a field of an index") else { continue };
        check_field(name, item.span, draft, faults);
        if names.iter().any(|earlier| earlier == name) {
            faults.hinted(
                "index_field_twice",
                item.span,
                format!("the index has the field \"{name}\" twice"),
                "remove one",
            );
        }
        names.push(FieldName::new(name));
    }
    names
}

fn check_field(name: &str, span: Span, draft: &CollectionDraft<'_>, faults: &mut Faults) {
    let Some(field) = draft.field(name) else {
        let message = format!("collection \"{}\" has no field \"{name}\"", draft.name);
        return faults.misspelt(("unknown_field", span), message, name, draft.field_names());
    };
    let field_type = field.field.field_type;
    if !field.broken && !field_type.takes("index") {
        let message = format!("field \"{name}\" of type {} cannot be part of an index", field_type.name());
        faults.hinted("index_type", span, message, "leave it out");
    }
}

/// Names of indexes are unique in the whole database, and no collection has the same.
pub(super) fn check_names(drafts: &[CollectionDraft<'_>], faults: &mut Faults) {
    let tables = drafts.iter().map(|draft| (draft.name.as_str().to_lowercase(), ("collection", draft.span.line)));
    let mut taken: HashMap<String, (&str, usize)> = tables.collect();
    for index in drafts.iter().flat_map(|draft| &draft.indexes) {
        if let Some((kind, line)) = taken.get(&index.name.to_lowercase()) {
            let message = format!("the index name \"{}\" is taken by the {kind} on line {line}", index.name);
            let hint = "names of indexes are unique in the whole database, whatever their case";
            faults.hinted("index_name_taken", index.span, message, hint);
        } else {
            taken.insert(index.name.to_lowercase(), ("index", index.span.line));
        }
    }
}
