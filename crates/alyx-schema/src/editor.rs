//! A JSON Schema of `schema.yaml`, for editors that complete and check while one types.
//!
//! It comes from the tables that the parser uses. What looks across fields and collections only the parser says.

use serde_json::{Map, Value as Json, json};

use crate::{
    FieldType,
    channel::MAX_NAME,
    option::{FIELD_OPTIONS, FieldOption, ORDERS, Takes},
    parse::{CHANNEL_KEYS, CHANNEL_RULE_KEYS, COLLECTION_KEYS, INDEX_KEYS, RULE_KEYS, TOP_KEYS, VERSION},
};

/// What a name may be: no digit first, nothing reserved.
const NAME: &str = "^(?!_[aA][lL][yY][xX]|[sS][qQ][lL][iI][tT][eE]_)[A-Za-z_][A-Za-z0-9_]{0,62}$";

/// Parts between colons: fixed, or a parameter in braces.
const CHANNEL_NAME: &str =
    r"^([A-Za-z0-9_.-]+|\{[A-Za-z_][A-Za-z0-9_]*\})(:([A-Za-z0-9_.-]+|\{[A-Za-z_][A-Za-z0-9_]*\}))*$";

/// The JSON Schema (draft 2020-12) of a schema file.
#[must_use]
pub fn json_schema() -> Json {
    let top = [
        ("version", json!({"const": VERSION, "description": "The version of the format."})),
        (
            "collections",
            named(&json!({"$ref": "#/$defs/collection"}), "Collections by name, in the order of their tables."),
        ),
        ("channels", channels()),
    ];
    let mut schema = object(TOP_KEYS, top, "The data model of an Alyx project.");
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("schema.yaml");
    schema["required"] = json!(["version", "collections"]);
    schema["$defs"] = json!({"collection": collection(), "field": field(), "index": index(), "rules": rules()});
    schema
}

/// An object of exactly these keys; each must be described, so that the tables cannot drift apart.
fn object<const N: usize>(keys: &[&str], described: [(&str, Json); N], summary: &str) -> Json {
    assert!(described.iter().map(|(key, _)| *key).eq(keys.iter().copied()), "every key is described, in order");
    let properties: Map<_, _> = described.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    json!({"type": "object", "description": summary, "properties": properties, "additionalProperties": false})
}

fn named(of: &Json, summary: &str) -> Json {
    json!({"type": "object", "description": summary, "propertyNames": {"pattern": NAME}, "additionalProperties": of})
}

fn collection() -> Json {
    let mut fields =
        named(&json!({"$ref": "#/$defs/field"}), "Fields by name, in the order in which documents show them.");
    fields["minProperties"] = json!(1);
    let indexes = json!({
        "type": ["array", "null"], "items": {"$ref": "#/$defs/index"}, "description": "Indexes over one or more fields."
    });
    let auth = json!({"type": "boolean", "description": "Documents are the profiles of accounts (else: those of `users`, unless it says false)."});
    let described =
        [("fields", fields), ("indexes", indexes), ("rules", json!({"$ref": "#/$defs/rules"})), ("auth", auth)];
    let mut collection = object(COLLECTION_KEYS, described, "A collection of documents.");
    collection["required"] = json!(["fields"]);
    collection
}

fn index() -> Json {
    let name = json!({"type": "string", "pattern": NAME, "description": "Its name, unique in the whole database."});
    let fields = json!({
        "type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": true, "description": "Its fields in order."
    });
    let order = json!({"enum": ORDERS, "description": "The order of all its fields; ascending if left out."});
    let unique = json!({"type": "boolean", "description": "No two documents share the combination."});
    let described = [("name", name), ("fields", fields), ("order", order), ("unique", unique)];
    let mut index = object(INDEX_KEYS, described, "An index.");
    index["required"] = json!(["name", "fields"]);
    index
}

fn channels() -> Json {
    let described = [
        ("join", rule("join, and hear what is sent")),
        ("broadcast", rule("send to all who have joined")),
        ("presence", rule("be seen, and see who is there")),
    ];
    let mut rules = object(CHANNEL_RULE_KEYS, described, "Who may do what.");
    rules["type"] = json!(["object", "null"]);
    let mut channel = object(CHANNEL_KEYS, [("rules", rules)], "A channel, or all whose names fit the pattern.");
    channel["type"] = json!(["object", "null"]);
    let summary = "Realtime channels by name or by a pattern such as `room:{room_id}`.";
    json!({
        "type": ["object", "null"], "description": summary,
        "propertyNames": {"pattern": CHANNEL_NAME, "maxLength": MAX_NAME}, "additionalProperties": channel
    })
}

fn rule(what: &str) -> Json {
    let summary = format!("Who may {what}: \"true\" is everyone; without it administrators only.");
    json!({"type": "string", "minLength": 1, "description": summary})
}

fn rules() -> Json {
    let described = [
        ("create", rule("create documents")),
        ("read", rule("read a document")),
        ("update", rule("change a document")),
        ("delete", rule("delete a document")),
    ];
    let mut rules = object(RULE_KEYS, described, "Who may do what.");
    rules["type"] = json!(["object", "null"]);
    rules
}

/// All options of all types, and for each type which of them it takes.
fn field() -> Json {
    let by_type: Vec<_> = FieldType::ALL.into_iter().map(of_type).collect();
    json!({
        "type": "object",
        "description": "A field.",
        "required": ["type"],
        "properties": properties(|_| true),
        "additionalProperties": false,
        "allOf": by_type,
    })
}

fn properties(wanted: impl Fn(&FieldOption) -> bool) -> Map<String, Json> {
    let wanted = FIELD_OPTIONS.iter().filter(|option| wanted(option));
    wanted.map(|option| (option.name.to_owned(), property(option))).collect()
}

fn property(option: &FieldOption) -> Json {
    let mut property = match option.takes {
        Takes::Type => return types(option.summary),
        Takes::Flag => json!({"type": "boolean"}),
        Takes::Length => json!({"type": "integer", "minimum": 0}),
        Takes::Number => json!({"type": "number"}),
        Takes::Text => json!({"type": "string", "minLength": 1}),
        Takes::Word(words) => json!({"enum": words}),
        Takes::List => json!({"type": "array", "minItems": 1, "uniqueItems": true}),
        Takes::Any => json!({}),
        Takes::Validations => {
            json!({"type": "object", "properties": properties(|option| option.validates), "additionalProperties": false})
        }
    };
    property["description"] = json!(option.summary);
    property
}

fn types(summary: &str) -> Json {
    let one = |field_type: FieldType| {
        let definition = field_type.definition();
        json!({"const": definition.name, "description": definition.summary})
    };
    json!({"description": summary, "oneOf": FieldType::ALL.into_iter().map(one).collect::<Vec<_>>()})
}

fn of_type(field_type: FieldType) -> Json {
    let taken = |wanted: &dyn Fn(&FieldOption) -> bool| -> Vec<_> {
        let options = FIELD_OPTIONS.iter().filter(|option| wanted(option) && field_type.takes(option.name));
        options.map(|option| option.name).collect()
    };
    let required: Vec<_> = ["collection", "values"].into_iter().filter(|name| field_type.takes(name)).collect();
    json!({
        "if": {"properties": {"type": {"const": field_type.name()}}, "required": ["type"]},
        "then": {
            "propertyNames": {"enum": taken(&|_| true)},
            "properties": {"validate": {"propertyNames": {"enum": taken(&|option| option.validates)}}},
            "required": required,
        },
    })
}
