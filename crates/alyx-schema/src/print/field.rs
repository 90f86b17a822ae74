//! A field and its options, in the order of the table of options.

use super::{
    Page,
    scalar::{flow, key, number, quoted},
};
use crate::{Constraints, DefaultValue, Field, FieldType, JsonShape, OnDelete, Reference, Value};

pub(super) fn print(field: &Field, page: &mut Page) {
    page.line(3, &format!("{}:", key(field.name.as_str())));
    let mut line = |name: &str, value: &str| page.line(4, &format!("{name}: {value}"));
    line("type", field.field_type.name());
    flag("primary", field.primary, &mut line);
    if let Some(reference) = &field.references {
        self::reference(field.field_type, reference, &mut line);
    }
    flag("unique", field.unique, &mut line);
    flag("nullable", field.nullable, &mut line);
    flag("index", field.index, &mut line);
    if let Some(default) = &field.default {
        line("default", &self::default(default));
    }
    if field.on_update_now {
        line("onUpdate", "now");
    }
    flag("internal", field.internal, &mut line);
    for (name, rule) in [("read", &field.rules.read), ("write", &field.rules.write)] {
        if let Some(rule) = rule {
            line(name, &quoted(&rule.text));
        }
    }
    limits(field, page);
}

fn flag(name: &str, is_set: bool, line: &mut impl FnMut(&str, &str)) {
    if is_set {
        line(name, "true");
    }
}

fn reference(field_type: FieldType, reference: &Reference, line: &mut impl FnMut(&str, &str)) {
    let Reference { collection, field, on_delete } = reference;
    if field_type == FieldType::Relation {
        line("collection", &key(collection.as_str()));
    } else {
        line("references", &quoted(&format!("{collection}.{field}")));
    }
    match on_delete {
        OnDelete::Restrict => {}
        OnDelete::Cascade => line("onDelete", "cascade"),
        OnDelete::SetNull => line("onDelete", "set null"),
    }
}

fn default(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Auto => "auto".to_owned(),
        DefaultValue::Now => "now".to_owned(),
        DefaultValue::Literal(value) => flow(&value.to_json()),
    }
}

fn limits(field: &Field, page: &mut Page) {
    let Constraints { min_length, max_length, min, max, format, pattern, allowed } = &field.constraints;
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            page.line(4, &format!("{name}: {value}"));
        }
    };
    let list = allowed.as_ref().map(|values| flow(&values.iter().map(Value::to_json).collect()));
    let is_select = field.field_type == FieldType::Select;
    line("values", list.clone().filter(|_| is_select));
    shape(field.json_shape.as_ref(), &mut line);
    line("minLength", min_length.map(|length| length.to_string()));
    line("maxLength", max_length.map(|length| length.to_string()));
    line("min", min.map(number));
    line("max", max.map(number));
    line("format", format.map(|format| format.name().to_owned()));
    line("pattern", pattern.as_ref().map(|pattern| quoted(pattern)));
    line("enum", list.filter(|_| !is_select));
}

fn shape(shape: Option<&JsonShape>, line: &mut impl FnMut(&str, Option<String>)) {
    match shape {
        Some(JsonShape::Items(item_type)) => line("items", Some(item_type.name().to_owned())),
        Some(JsonShape::Schema(schema)) => line("schema", Some(flow(schema.source()))),
        None => {}
    }
}
