//! Foreign keys: `references:` of ordinary fields and `collection:` of relations, once all collections are known.

use std::collections::HashMap;

use alyx_yaml::Span;

use super::{collection::CollectionDraft, faults::Faults, field::FieldDraft};
use crate::{CollectionName, FieldName, FieldType, OnDelete, Reference};

/// A field that others may point at.
struct Target {
    name: FieldName,
    value_type: FieldType,
    primary: bool,
    unique: bool,
    broken: bool,
}

/// Fields of every collection, as far as they are known.
type Targets = HashMap<CollectionName, Vec<Target>>;

pub(super) fn settle(drafts: &mut [CollectionDraft<'_>], faults: &mut Faults) {
    // Relations first: they take the type of a primary field, and a reference may point at a relation.
    let targets = targets(drafts);
    each(drafts, |field| relation(field, &targets, faults));
    let targets = self::targets(drafts);
    each(drafts, |field| reference(field, &targets, faults));
    each(drafts, |field| check_on_delete(field, faults));
}

fn each(drafts: &mut [CollectionDraft<'_>], change: impl FnMut(&mut FieldDraft<'_>)) {
    drafts.iter_mut().flat_map(|draft| &mut draft.fields).filter(|field| !field.broken).for_each(change);
}

fn targets(drafts: &[CollectionDraft<'_>]) -> Targets {
    let target = |draft: &FieldDraft<'_>| Target {
        name: draft.field.name.clone(),
        value_type: draft.field.value_type,
        primary: draft.field.primary,
        unique: draft.field.unique,
        broken: draft.broken,
    };
    drafts.iter().map(|draft| (draft.name.clone(), draft.fields.iter().map(target).collect())).collect()
}

fn relation(draft: &mut FieldDraft<'_>, targets: &Targets, faults: &mut Faults) {
    if draft.field.field_type != FieldType::Relation {
        return;
    }
    // Until the target is known nothing can be said about the values.
    draft.broken = true;
    if draft.options.node("collection").is_none() {
        let message = format!("{} is a relation without \"collection\"", draft.options.what);
        return faults.hinted("missing_collection", draft.field.span, message, "add \"collection: users\"");
    }
    let Some((name, span)) = draft.options.text("collection", faults) else { return };
    let Some(fields) = collection(name, span, targets, faults) else { return };
    // A collection without primary field has its own fault.
    let Some(primary) = fields.iter().find(|target| target.primary && !target.broken) else { return };
    draft.broken = false;
    draft.field.value_type = primary.value_type;
    let (collection, field) = (CollectionName::new(name), primary.name.clone());
    draft.field.references = Some(Reference { collection, field, on_delete: OnDelete::default() });
}

fn reference(draft: &mut FieldDraft<'_>, targets: &Targets, faults: &mut Faults) {
    let Some((text, span)) = draft.options.text("references", faults) else { return };
    let Some((name, field)) = text.split_once('.').filter(|(_, field)| !field.contains('.')) else {
        let message = format!("\"references\" must be \"collection.field\", not \"{text}\"");
        return faults.hinted(
            "reference_form",
            span,
            message,
            format!("such as \"{}.id\"", text.split('.').next().unwrap_or(text)),
        );
    };
    let Some(fields) = collection(name, span, targets, faults) else { return };
    let Some(target) = fields.iter().find(|target| target.name == field) else {
        let message = format!("collection \"{name}\" has no field \"{field}\"");
        let known = fields.iter().map(|target| target.name.as_str());
        return faults.misspelt(("unknown_field", span), message, field, known);
    };
    check_target(draft, text, span, target, faults);
    let (collection, field) = (CollectionName::new(name), target.name.clone());
    draft.field.references = Some(Reference { collection, field, on_delete: OnDelete::default() });
}

fn collection<'t>(name: &str, span: Span, targets: &'t Targets, faults: &mut Faults) -> Option<&'t Vec<Target>> {
    let found = targets.get(name);
    if found.is_none() {
        let mut known: Vec<_> = targets.keys().map(CollectionName::as_str).collect();
        known.sort_unstable();
        faults.misspelt(("unknown_collection", span), format!("there is no collection \"{name}\""), name, known);
    }
    found
}

fn check_target(draft: &FieldDraft<'_>, text: &str, span: Span, target: &Target, faults: &mut Faults) {
    if target.broken {
        return;
    }
    if !target.primary && !target.unique {
        let message = format!("\"{text}\" is neither primary nor unique");
        faults.hinted(
            "reference_target",
            span,
            message,
            "point at the primary field, or mark that field \"unique: true\"",
        );
    }
    let (ours, theirs) = (draft.field.value_type, target.value_type);
    if ours != theirs {
        let message = format!("type {} cannot reference \"{text}\" of type {}", ours.name(), theirs.name());
        faults.hinted("reference_type", span, message, format!("write \"type: {}\"", theirs.name()));
    }
}

fn check_on_delete(draft: &mut FieldDraft<'_>, faults: &mut Faults) {
    let Some((word, span)) = draft.options.word("onDelete", faults) else { return };
    let on_delete = match word {
        "cascade" => OnDelete::Cascade,
        "set null" | "set_null" => OnDelete::SetNull,
        _ => OnDelete::Restrict,
    };
    if on_delete == OnDelete::SetNull && !draft.field.nullable {
        let message =
            format!("\"onDelete: set null\" needs a field that may be null, and {} may not", draft.options.what);
        faults.hinted("set_null", span, message, "add \"nullable: true\", or choose cascade or restrict");
    }
    match &mut draft.field.references {
        Some(reference) => reference.on_delete = on_delete,
        None if draft.options.node("references").is_none() => {
            let message = format!("\"onDelete\" says nothing without a reference, and {} has none", draft.options.what);
            faults.hinted("on_delete_alone", span, message, "add \"references: collection.field\"");
        }
        None => {}
    }
}
