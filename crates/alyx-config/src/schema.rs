//! The table as JSON Schema, for editors.

use serde_json::{Map, Value as Json, json};

use crate::{Item, Kind, Section, Setting, table::table};

/// JSON Schema (2020-12) of `alyx.yaml`.
#[must_use]
pub fn json_schema() -> Json {
    let mut schema = section(table());
    let root = schema.as_object_mut().expect("a section is an object");
    root.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    root.insert("title".to_owned(), "alyx.yaml".into());
    root.insert("description".to_owned(), "Configuration of an Alyx project.".into());
    schema
}

fn section(section: &Section) -> Json {
    let properties: Map<String, Json> =
        section.items.iter().map(|item| (item.key().to_owned(), item_schema(item))).collect();
    json!({
        "description": section.doc,
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": properties,
    })
}

fn item_schema(item: &Item) -> Json {
    match item {
        Item::Section(below) => section(below),
        Item::Named(below) => json!({
            "description": below.doc,
            "type": ["object", "null"],
            "propertyNames": { "pattern": "^[a-z][a-z0-9_]{0,31}$" },
            "additionalProperties": section(below),
        }),
        Item::Setting(of) => setting(of),
    }
}

fn setting(setting: &Setting) -> Json {
    let mut schema = setting.kind.schema();
    let fields = schema.as_object_mut().expect("a kind's schema is an object");
    let description = format!("{} Variable: {}.", setting.doc, setting.variable());
    fields.insert("description".to_owned(), description.into());
    if let Some(default) = setting.default {
        fields.insert("default".to_owned(), default_value(&setting.kind, default));
    }
    schema
}

/// A default as YAML would give it.
fn default_value(kind: &Kind, text: &str) -> Json {
    match kind {
        Kind::List(item) => {
            let items = text.split(',').map(str::trim).filter(|text| !text.is_empty());
            items.map(|text| default_value(item, text)).collect()
        }
        Kind::Limit(kind) | Kind::Optional(kind) => default_value(kind, text),
        Kind::Bool | Kind::Integer { .. } | Kind::Number => {
            serde_json::from_str(text).unwrap_or_else(|_| Json::from(text))
        }
        _ => text.into(),
    }
}
