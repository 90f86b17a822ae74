//! Defaults, once every field's type of value is known.

use alyx_yaml::{Kind, Node, ScalarStyle};

use super::{collection::CollectionDraft, faults::Faults, field::FieldDraft, limits};
use crate::{
    DefaultValue, Field, Value,
    document::{FieldFault, accept},
};

pub(super) fn settle(drafts: &mut [CollectionDraft<'_>], faults: &mut Faults) {
    for draft in drafts.iter_mut().flat_map(|draft| &mut draft.fields).filter(|draft| !draft.broken) {
        if let Some(node) = draft.options.node("default") {
            draft.field.default = default(draft, node, faults);
        }
    }
}

fn default(draft: &FieldDraft<'_>, node: &Node, faults: &mut Faults) -> Option<DefaultValue> {
    let field = &draft.field;
    if let Some(word) = node.as_str().filter(|word| is_generated(word, node, field)) {
        return generated(draft, word, node, faults);
    }
    if node.is_null() {
        if !field.nullable {
            let message = format!("the default of {} is null, which the field may not be", draft.options.what);
            faults.hinted("default_null", node.span, message, "add \"nullable: true\", or remove the default");
        }
        return None;
    }
    if field.primary {
        let message = format!("{} is primary, and two documents cannot have the same default", draft.options.what);
        faults.hinted(
            "default_primary",
            node.span,
            message,
            "remove the default, or write \"default: auto\" with type uuid or id",
        );
    }
    literal(draft, node, faults).map(DefaultValue::Literal)
}

/// Whether the word means a value to be made: without quotes, or where it can mean nothing else.
fn is_generated(word: &str, node: &Node, field: &Field) -> bool {
    let listed = |allowed: &Vec<Value>| allowed.contains(&Value::Text(word.to_owned()));
    let is_plain = matches!(node.kind, Kind::Scalar { style: ScalarStyle::Plain, .. });
    matches!(word, "auto" | "now")
        && (is_plain || field.field_type.definition().generated.is_some())
        && !field.constraints.allowed.as_ref().is_some_and(listed)
}

fn generated(draft: &FieldDraft<'_>, word: &str, node: &Node, faults: &mut Faults) -> Option<DefaultValue> {
    let field_type = draft.field.field_type;
    match (word, field_type.definition().generated) {
        ("auto", Some("auto")) => return Some(DefaultValue::Auto),
        ("now", Some("now")) => return Some(DefaultValue::Now),
        _ => {}
    }
    let (code, takers) =
        if word == "auto" { ("default_auto", "uuid and id") } else { ("default_now", "timestamp and date") };
    let message = format!("\"default: {word}\" does not apply to type {}", field_type.name());
    let is_value = field_type.is_textual() && field_type.read_text(word).is_ok();
    let quotes = if is_value { format!("; the text itself is \"{word}\" in quotes") } else { String::new() };
    faults.hinted(code, node.span, message, format!("it applies to {takers}{quotes}"));
    None
}

fn literal(draft: &FieldDraft<'_>, node: &Node, faults: &mut Faults) -> Option<Value> {
    let field = &draft.field;
    let json = node.to_json();
    if let Err(wrong) = field.value_type.read_json(&json) {
        let message = format!("the default of {} {}, not {}", draft.options.what, wrong.message, node.describe());
        faults.hinted("default_type", node.span, message, limits::quoting(field.value_type, node));
        return None;
    }
    let mut found: Vec<FieldFault> = Vec::new();
    let value = accept(field, &json, &mut found);
    for fault in found {
        let message =
            format!("the default of {} breaks the field's own limits: it {}", draft.options.what, fault.message);
        faults.hinted("default_value", node.span, message, "change the default or the limit");
    }
    value
}
