//! Whether a collection can hold the profiles of accounts: its key is the account's id, and fields named
//! as a property of accounts mirror it.

use super::{collection::CollectionDraft, faults::Faults};
use crate::{Field, FieldType, model::MIRRORED};

const ORDINARY: &str = "or say \"auth: false\", which makes it an ordinary collection";

pub(super) fn check(draft: &CollectionDraft<'_>, faults: &mut Faults) {
    for field in draft.fields.iter().map(|draft| &draft.field) {
        if field.primary {
            check_primary(draft, field, faults);
        } else if let Some((_, types)) = MIRRORED.iter().find(|(name, _)| field.name == *name)
            && !types.contains(&field.field_type)
        {
            let message = format!("\"{}\" mirrors the account of \"{}\" and has another type", field.name, draft.name);
            let wanted: Vec<_> = types.iter().map(|each| each.name()).collect();
            let hint = format!("make it {}, rename it, {ORDINARY}", wanted.join(" or "));
            faults.hinted("profile_field", field.span, message, hint);
        }
    }
}

fn check_primary(draft: &CollectionDraft<'_>, field: &Field, faults: &mut Faults) {
    let holds_ids = matches!(field.field_type, FieldType::Uuid | FieldType::Id | FieldType::String);
    let is_mirror = MIRRORED.iter().any(|(name, _)| field.name == *name);
    if !holds_ids || is_mirror || field.references.is_some() {
        let message =
            format!("\"{}\" holds the profiles of accounts, whose ids \"{}\" cannot be", draft.name, field.name);
        let hint = format!("make the primary field a uuid, {ORDINARY}");
        faults.hinted("profile_primary", field.span, message, hint);
    }
}
