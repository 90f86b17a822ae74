//! One collection: its keys, its fields, its one primary field.

use std::sync::Arc;

use alyx_yaml::{Entry, Node, Span};

use super::{
    faults::Faults,
    field::{self, FieldDraft},
    index, names, rules,
};
use crate::{Collection, CollectionName, Index, Rules, Schema};

/// Keys of a collection.
pub(crate) const COLLECTION_KEYS: &[&str] = &["fields", "indexes", "rules", "auth"];
/// The collection that holds the profiles of accounts where none is marked.
pub(crate) const DEFAULT_AUTH: &str = "users";
/// Most fields; the database has a limit of its own beyond this.
const MAX_FIELDS: usize = 1000;

/// A collection whose references and defaults are not settled yet.
pub(super) struct CollectionDraft<'n> {
    pub(super) name: CollectionName,
    pub(super) span: Span,
    pub(super) fields: Vec<FieldDraft<'n>>,
    pub(super) indexes: Vec<Index>,
    rules: Rules,
    /// What `auth:` says, and where.
    auth: Option<(bool, Span)>,
}

impl CollectionDraft<'_> {
    pub(super) fn field(&self, name: &str) -> Option<&FieldDraft<'_>> {
        self.fields.iter().find(|draft| draft.field.name == name)
    }

    pub(super) fn field_names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|draft| draft.field.name.as_str())
    }
}

pub(super) fn read<'n>(entry: &'n Entry, text: &str, faults: &mut Faults) -> CollectionDraft<'n> {
    let name = CollectionName::new(&entry.key);
    let (indexes, rules) = (Vec::new(), Rules::default());
    let mut draft = CollectionDraft { name, span: entry.key_span, fields: Vec::new(), indexes, rules, auth: None };
    let what = format!("collection \"{}\"", draft.name);
    if entry.value.is_null() {
        faults.hinted(
            "empty_collection",
            entry.key_span,
            format!("{what} has no fields"),
            "give it \"fields:\" with a primary field",
        );
        return draft;
    }
    let Some(entries) = faults.mapping(&entry.value, &what) else { return draft };
    faults.known_keys(entries, COLLECTION_KEYS, &what);
    draft.fields = fields(&draft.name, &what, (entry, text), faults);
    check_primary(&draft, &what, faults);
    if let Some(node) = entry.value.get("auth") {
        draft.auth = Some((faults.flag(node, "\"auth\""), node.span));
    }
    if let Some(node) = entry.value.get("indexes") {
        draft.indexes = index::read(node, &draft, faults);
    }
    if let Some(node) = entry.value.get("rules") {
        draft.rules = rules::read(node, &draft.name, text, faults);
    }
    draft
}

fn fields<'n>(
    name: &CollectionName,
    what: &str,
    (entry, text): (&'n Entry, &str),
    faults: &mut Faults,
) -> Vec<FieldDraft<'n>> {
    let node = entry.value.get("fields").filter(|node| !node.is_null());
    let Some(entries) = node.and_then(Node::as_mapping).filter(|entries| !entries.is_empty()) else {
        match node {
            Some(node) if node.as_mapping().is_none() => faults.wrong_kind(node, "\"fields\"", "a mapping"),
            _ => {
                let hint = "give it \"fields:\" with a primary field";
                faults.hinted("empty_collection", entry.key_span, format!("{what} has no fields"), hint);
            }
        }
        return Vec::new();
    };
    if entries.len() > MAX_FIELDS {
        let message = format!("{what} has {} fields", entries.len());
        faults.hinted("many_fields", entry.key_span, message, format!("at most {MAX_FIELDS}"));
    }
    names::check(entries, names::Kind::Field, faults);
    entries.iter().map(|entry| field::read(entry, name, text, faults)).collect()
}

fn check_primary(draft: &CollectionDraft<'_>, what: &str, faults: &mut Faults) {
    let mut primaries = draft.fields.iter().filter(|draft| draft.field.primary);
    let Some(first) = primaries.next() else {
        if !draft.fields.is_empty() {
            let hint = "mark one field \"primary: true\", such as \"id: {type: uuid, primary: true, default: auto}\"";
            faults.hinted("no_primary", draft.span, format!("{what} has no primary field"), hint);
        }
        return;
    };
    for second in primaries {
        let message = format!("{what} has a second primary field \"{}\"", second.field.name);
        let hint = format!("\"{}\" on line {} is the first; keep one", first.field.name, first.field.span.line);
        faults.hinted("several_primaries", second.field.span, message, hint);
    }
}

/// The collection of profiles: the one that is marked, or else the one of the usual name, unless it says that it is none.
pub(super) fn auth(drafts: &[CollectionDraft<'_>], faults: &mut Faults) -> Option<CollectionName> {
    let mut marked = drafts.iter().filter_map(|draft| Some((draft, draft.auth?))).filter(|(_, (marked, _))| *marked);
    let first = marked.next();
    for (CollectionDraft { name, .. }, (_, span)) in marked {
        let message = format!("collection \"{name}\" is a second one with \"auth: true\"");
        faults.hinted("several_auth", span, message, "accounts have one profile collection; keep one mark");
    }
    let usual = || drafts.iter().find(|draft| draft.name == DEFAULT_AUTH && draft.auth.is_none());
    first.map(|(draft, _)| draft).or_else(usual).map(|draft| draft.name.clone())
}

/// The model of collections that are settled.
pub(super) fn finish(drafts: Vec<CollectionDraft<'_>>, auth: Option<&CollectionName>) -> Schema {
    let finished = drafts.into_iter().map(|draft| Arc::new(model(draft, auth)));
    let collections = finished.map(|collection| (collection.name.clone(), collection)).collect();
    Schema { collections, ..Schema::default() }
}

fn model(draft: CollectionDraft<'_>, auth: Option<&CollectionName>) -> Collection {
    let is_auth = auth == Some(&draft.name);
    let fields: Vec<_> = draft.fields.into_iter().map(|draft| draft.field).collect();
    let primary = fields.iter().position(|field| field.primary).unwrap_or_default();
    let CollectionDraft { name, indexes, rules, span, .. } = draft;
    Collection { name, fields, primary, indexes, rules, is_auth, span }
}
