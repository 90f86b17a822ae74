//! Field definitions as trees: taken from a printed schema, merged, printed on one line, and made a [`Field`].

use alyx_yaml::{Entry, Kind, Node, ScalarStyle, Span};

use crate::{Collection, Field, FieldType, Schema, parse_schema, to_yaml};

/// Keys that mean the same at the top level of a field and under `validate:`.
const LIMITS: [&str; 7] = ["minLength", "maxLength", "min", "max", "format", "pattern", "enum"];

/// The definition of a field as `schema.yaml` would have it.
pub(super) fn definition_of(schema: &Schema, collection: &str, field: &str) -> Option<Node> {
    printed(schema).get("collections")?.get(collection)?.get("fields")?.get(field).cloned()
}

/// An index as it would stand under `indexes:`.
pub(super) fn index_of(schema: &Schema, collection: &str, index: &str) -> Option<Node> {
    let tree = printed(schema);
    let indexes = tree.get("collections")?.get(collection)?.get("indexes")?.as_sequence()?;
    indexes.iter().find(|node| node.get("name").and_then(Node::as_str) == Some(index)).cloned()
}

fn printed(schema: &Schema) -> Node {
    alyx_yaml::parse("schema.yaml", &to_yaml(schema)).expect("what we print can be parsed")
}

/// The definition with `options` put over it.
pub(super) fn merge(definition: &Node, options: &Node) -> Node {
    let mut entries = flat(definition);
    for option in flat(options) {
        let option = if option.key == "required" { opposite(option) } else { option };
        entries.retain(|entry| entry.key != option.key);
        entries.push(option);
    }
    let (limits, mut rest): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| LIMITS.contains(&&*entry.key));
    if !limits.is_empty() {
        rest.push(entry("validate", mapping(limits)));
    }
    mapping(rest)
}

/// The entries with those of `validate:` among them.
pub(super) fn flat(definition: &Node) -> Vec<Entry> {
    let entries = definition.as_mapping().unwrap_or_default();
    let inner = |entry: &Entry| match entry.value.as_mapping() {
        Some(limits) if entry.key == "validate" => limits.to_vec(),
        _ => vec![entry.clone()],
    };
    entries.iter().flat_map(inner).collect()
}

/// `required: true` is `nullable: false`.
fn opposite(required: Entry) -> Entry {
    match required.value.as_bool() {
        Some(value) => entry("nullable", scalar(if value { "false" } else { "true" })),
        None => required,
    }
}

/// Reads a field's definition in the place of `collection.field` of `schema`.
///
/// # Errors
/// What is wrong with it, as text.
pub(super) fn define(
    schema: &Schema,
    collection: &Collection,
    field: &str,
    definition: &Node,
) -> Result<Field, String> {
    let context = context(schema, collection, field, definition);
    let parsed = parse_schema("schema.yaml", &flow(&context)).map_err(|faults| {
        let said = faults.iter().map(|fault| match &fault.hint {
            Some(hint) => format!("{} ({hint})", fault.message),
            None => fault.message.clone(),
        });
        said.collect::<Vec<_>>().join("; ")
    })?;
    let field = parsed.collection(collection.name.as_str()).and_then(|collection| collection.field(field));
    field.cloned().ok_or_else(|| "the definition could not be read".to_owned())
}

/// A schema just large enough: the primary field and the field itself, and the others without their foreign keys.
fn context(schema: &Schema, collection: &Collection, field: &str, definition: &Node) -> Node {
    let mut collections = Vec::new();
    for other in schema.collections.values() {
        let own = other.name == collection.name;
        let kept = other.fields.iter().filter(|each| !own || (each.primary && each.name != field));
        let mut fields: Vec<_> = kept.map(|each| entry(each.name.as_str(), bare(each))).collect();
        if own {
            fields.push(entry(field, definition.clone()));
        }
        let mut body = vec![entry("fields", mapping(fields))];
        if schema.collections.values().any(|collection| collection.is_auth) {
            body.push(entry("auth", scalar(if other.is_auth { "true" } else { "false" })));
        }
        collections.push(entry(other.name.as_str(), mapping(body)));
    }
    mapping(vec![entry("version", scalar("1")), entry("collections", mapping(collections))])
}

/// A field with nothing but what a foreign key needs to see.
fn bare(field: &Field) -> Node {
    let mut entries = vec![entry("type", scalar(field.value_type.name()))];
    let flags = [("primary", field.primary), ("unique", field.unique), ("nullable", field.nullable)];
    entries.extend(flags.iter().filter(|(_, set)| *set).map(|(key, _)| entry(key, scalar("true"))));
    if field.value_type == FieldType::Select {
        entries.push(entry("values", Node { span: Span::default(), kind: Kind::Sequence(vec![scalar("any")]) }));
    }
    mapping(entries)
}

/// A tree on one line, in YAML's flow style.
pub(super) fn flow(node: &Node) -> String {
    match &node.kind {
        Kind::Mapping(entries) => {
            let inner = entries.iter().map(|entry| format!("{}: {}", word(&entry.key), flow(&entry.value)));
            format!("{{{}}}", inner.collect::<Vec<_>>().join(", "))
        }
        Kind::Sequence(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Kind::Scalar { text, style: ScalarStyle::Plain } if node.is_null() || is_literal(node) => text.clone(),
        Kind::Scalar { text, style: ScalarStyle::Plain } => word(text),
        Kind::Scalar { text, .. } => quoted(text),
    }
}

fn is_literal(node: &Node) -> bool {
    node.as_bool().is_some() || node.as_f64().is_some()
}

/// The text without quotes where no reader could take it for anything else.
pub(super) fn word(text: &str) -> String {
    let simple = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | ' '))
        && !text.ends_with(' ');
    let special = scalar(text);
    let reserved = ["y", "n", "yes", "no", "on", "off"].contains(&text.to_lowercase().as_str());
    if simple && !special.is_null() && !is_literal(&special) && !reserved { text.to_owned() } else { quoted(text) }
}

/// A double-quoted scalar; JSON's escapes are YAML's too.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub(super) fn entry(key: &str, value: Node) -> Entry {
    Entry { key: key.to_owned(), key_span: Span::default(), value }
}

pub(super) fn scalar(text: &str) -> Node {
    Node { span: Span::default(), kind: Kind::Scalar { text: text.to_owned(), style: ScalarStyle::Plain } }
}

pub(super) fn mapping(entries: Vec<Entry>) -> Node {
    Node { span: Span::default(), kind: Kind::Mapping(entries) }
}
