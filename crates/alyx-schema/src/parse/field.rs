//! One field, as far as it can be read without the rest of the schema.

use alyx_yaml::{Entry, did_you_mean};

use super::{faults::Faults, limits, options::Options, rules};
use crate::{CollectionName, Field, FieldName, FieldRules, FieldType};

/// A field whose reference and default are not settled yet.
pub(super) struct FieldDraft<'n> {
    pub(super) field: Field,
    pub(super) options: Options<'n>,
    /// Its type is unknown, so that nothing more can be said about its values.
    pub(super) broken: bool,
}

pub(super) fn read<'n>(
    entry: &'n Entry,
    collection: &CollectionName,
    text: &str,
    faults: &mut Faults,
) -> FieldDraft<'n> {
    let what = format!("field \"{}\" of \"{collection}\"", entry.key);
    let Some(entries) = entry.value.as_mapping() else {
        let hint = format!("write \"{}: {{type: string}}\"", entry.key);
        faults.hinted("wrong_kind", entry.key_span, format!("{what} must be a mapping"), hint);
        return FieldDraft {
            field: Field::text(FieldName::new(&entry.key), entry.key_span),
            options: Options::read(&[], what, faults),
            broken: true,
        };
    };
    let mut draft = FieldDraft {
        field: Field::text(FieldName::new(&entry.key), entry.key_span),
        options: Options::read(entries, what, faults),
        broken: true,
    };
    draft.field.primary = draft.options.flag("primary", faults);
    let Some(field_type) = field_type(entry, &draft.options, faults) else { return draft };
    draft.broken = false;
    draft.field.field_type = field_type;
    draft.field.value_type = field_type;
    check_primary(&draft, faults);
    draft.options.keep_for(field_type, faults);
    fill(&mut draft, faults);
    check_rules(&draft, faults);
    draft.field.rules = FieldRules {
        read: draft.options.entry("read").and_then(|entry| rules::rule(entry, text, faults)),
        write: draft.options.entry("write").and_then(|entry| rules::rule(entry, text, faults)),
    };
    draft
}

/// A field that clients never see or set needs no rule, and a document without its primary key is none.
fn check_rules(draft: &FieldDraft<'_>, faults: &mut Faults) {
    let FieldDraft { field, options, .. } = draft;
    for name in ["read", "write"] {
        let Some(entry) = options.entry(name) else { continue };
        if field.internal {
            let message = format!("\"{name}\" has no meaning for an internal field");
            faults.hinted("internal_rule", entry.key_span, message, "remove the rule, or \"internal\"");
        } else if field.primary && name == "read" {
            let message = "a primary field is always shown with its document";
            faults.hinted("primary_rule", entry.key_span, message, "remove \"read\"");
        }
    }
}

fn field_type(entry: &Entry, options: &Options<'_>, faults: &mut Faults) -> Option<FieldType> {
    let all = || FieldType::ALL.into_iter().map(FieldType::name);
    if options.node("type").is_none() {
        let message = format!("{} has no type", options.what);
        faults.hinted(
            "missing_type",
            entry.key_span,
            message,
            format!("one of {}", all().collect::<Vec<_>>().join(", ")),
        );
        return None;
    }
    let (name, span) = options.text("type", faults)?;
    let known = FieldType::from_name(name);
    if name == "file" {
        let hint = "until then keep a url, or the bytes in a blob";
        faults.hinted(
            "file_type",
            span,
            "type \"file\" comes with file storage, which this version does not have",
            hint,
        );
    } else if known.is_none() {
        let hint = synonym(name).or_else(|| did_you_mean(name, all()));
        let hint = hint.unwrap_or_else(|| format!("one of {}", all().collect::<Vec<_>>().join(", ")));
        faults.hinted("unknown_type", span, format!("{} has the unknown type \"{name}\"", options.what), hint);
    }
    known
}

/// What other systems call our types.
fn synonym(name: &str) -> Option<String> {
    let ours = match name.to_lowercase().as_str() {
        "integer" | "bigint" | "number" => "int",
        "boolean" => "bool",
        "datetime" | "time" => "timestamp",
        "double" | "real" | "decimal" => "float",
        "varchar" | "char" => "string",
        "object" | "array" | "jsonb" => "json",
        "bytes" | "binary" => "blob",
        "enum" => "select",
        "html" => "richtext",
        _ => return None,
    };
    Some(format!("did you mean \"{ours}\"?"))
}

fn check_primary(draft: &FieldDraft<'_>, faults: &mut Faults) {
    let FieldDraft { field, options, .. } = draft;
    if !field.primary {
        return;
    }
    if let Some(node) = options.node("nullable").filter(|node| node.as_bool() == Some(true)) {
        faults.hinted("primary_nullable", node.span, "a primary field cannot be nullable", "remove \"nullable\"");
    }
    if let Some(node) = options.node("internal").filter(|node| node.as_bool() == Some(true)) {
        faults.hinted("primary_internal", node.span, "a primary field cannot be internal", "remove \"internal\"");
    }
}

fn fill(draft: &mut FieldDraft<'_>, faults: &mut Faults) {
    let FieldDraft { field, options, .. } = draft;
    field.unique = options.flag("unique", faults);
    field.nullable = options.flag("nullable", faults);
    field.index = options.flag("index", faults);
    field.internal = options.flag("internal", faults);
    field.on_update_now = options.word("onUpdate", faults).is_some();
    field.constraints = limits::read(field.field_type, options, faults);
    field.json_shape = limits::json_shape(options, faults);
    if field.field_type == FieldType::Select && options.node("values").is_none() {
        let message = format!("{} is a select without \"values\"", options.what);
        faults.hinted("missing_values", field.span, message, "add \"values: [draft, published]\"");
    }
}
