//! Names under which expanded documents are answered must be free.

use std::collections::HashMap;

use super::{collection::CollectionDraft, faults::Faults};
use crate::Field;

/// Where the document that `field` points at is answered: `author_id` under `author`, `owner` under `owner_doc`.
#[must_use]
pub fn expand_name(field: &str) -> String {
    match field.strip_suffix("_id") {
        Some(stem) if !stem.is_empty() => stem.to_owned(),
        _ => format!("{field}_doc"),
    }
}

/// Where the documents of `collection` are answered that point here by `field`: `comments_via_post_id`.
#[must_use]
pub fn back_relation_name(collection: &str, field: &str) -> String {
    format!("{collection}_via_{field}")
}

pub(super) fn check_names(drafts: &[CollectionDraft<'_>], faults: &mut Faults) {
    for draft in drafts {
        let mut taken: HashMap<String, &Field> = HashMap::new();
        for field in &draft.fields {
            taken.insert(field.field.name.as_str().to_owned(), &field.field);
        }
        for field in draft.fields.iter().map(|draft| &draft.field).filter(|field| field.references.is_some()) {
            check(field, &mut taken, faults);
            check_back(draft, field, drafts, faults);
        }
    }
}

fn check_back(from: &CollectionDraft<'_>, field: &Field, drafts: &[CollectionDraft<'_>], faults: &mut Faults) {
    let Some(reference) = &field.references else { return };
    let name = back_relation_name(from.name.as_str(), field.name.as_str());
    let target = drafts.iter().find(|draft| draft.name == reference.collection);
    if let Some(other) = target.and_then(|target| target.field(&name)) {
        let message = format!("\"{name}\" is where documents expand that point here by \"{}\"", field.name);
        faults.hinted("expand_clash", other.field.span, message, "rename this field");
    }
}

fn check<'d>(field: &'d Field, taken: &mut HashMap<String, &'d Field>, faults: &mut Faults) {
    let name = expand_name(field.name.as_str());
    let Some(other) = taken.get(&name) else {
        taken.insert(name, field);
        return;
    };
    let holder = if other.name == name.as_str() { "which is a field itself" } else { "as another field does" };
    let message = format!("\"{}\" expands to \"{name}\", {holder} (line {})", field.name, other.span.line);
    faults.hinted("expand_clash", field.span, message, "rename one of the two");
}
