//! What goes in and out of a collection: the document, a page of them, and the bodies of writes.

use alyx_schema::{Collection, Field, Schema};
use serde_json::{Map, Value as Json, json};

use super::{account_schemas, change_schema, field_schema, parameters::relations, reference, where_schema};

/// Adds the schemas of one collection under its name.
pub(super) fn add(schema: &Schema, collection: &Collection, schemas: &mut Map<String, Json>) {
    let name = &collection.name;
    schemas.insert(name.to_string(), document(schema, collection));
    schemas.insert(format!("{name}.page"), page(name.as_str()));
    schemas.insert(format!("{name}.create"), create(collection));
    schemas.insert(format!("{name}.update"), update(collection));
    schemas.insert(format!("{name}.where"), where_schema::condition(collection));
}

/// Fields that clients know of.
pub(super) fn visible(collection: &Collection) -> impl Iterator<Item = &Field> {
    collection.fields.iter().filter(|field| !field.internal)
}

/// `fields` leaves out any field but the primary key, and `expand` adds relations.
fn document(schema: &Schema, collection: &Collection) -> Json {
    let fields: Vec<_> = visible(collection).collect();
    let mut properties = properties(&fields, field_schema::of_field);
    for relation in relations(schema, collection) {
        let target = reference(relation.target.as_str());
        let embedded = if relation.is_list { json!({"type": "array", "items": target}) } else { target };
        let embedded = if relation.is_list { embedded } else { json!({"anyOf": [embedded, {"type": "null"}]}) };
        properties.entry(relation.key).or_insert(embedded);
    }
    json!({
        "type": "object",
        "description": format!("A document of {}; relations are there where `expand` asks for them.", collection.name),
        "properties": properties,
        "required": [collection.primary_field().name.as_str()],
        "x-order": order(&fields),
    })
}

fn page(name: &str) -> Json {
    json!({
        "type": "object",
        "properties": {
            "docs": {"type": "array", "items": reference(name)},
            "total": {"type": "integer", "minimum": 0, "description": "Documents in all; absent with `total=false`."},
            "limit": {"type": "integer", "minimum": 1},
            "offset": {"type": "integer", "minimum": 0},
            "next_cursor": {"type": ["string", "null"], "description": "The `cursor` of the next page; null on the last."},
        },
        "required": ["docs", "limit", "offset", "next_cursor"],
        "additionalProperties": false,
    })
}

/// Fields that a write may have: what follows the account is written with the account.
fn settable(collection: &Collection) -> impl Iterator<Item = &Field> {
    visible(collection).filter(|field| !collection.mirrors_account(field))
}

fn create(collection: &Collection) -> Json {
    let fields: Vec<_> = settable(collection).collect();
    let body = body(&fields, change_schema::of_value, &required(&fields));
    if collection.is_auth { account_schemas::with_account(body) } else { body }
}

/// What somebody who registers says of themselves; the id is made by the server.
pub(super) fn profile(collection: &Collection) -> Json {
    let fields: Vec<_> = settable(collection).filter(|field| !field.primary).collect();
    body(&fields, change_schema::of_value, &required(&fields))
}

fn required<'a>(fields: &[&'a Field]) -> Vec<&'a str> {
    let needed = |field: &&&Field| field.default.is_none() && !field.nullable && !field.on_update_now;
    fields.iter().filter(needed).map(|field| field.name.as_str()).collect()
}

fn update(collection: &Collection) -> Json {
    let fields: Vec<_> = settable(collection).filter(|field| !field.primary).collect();
    body(&fields, change_schema::of_change, &[])
}

fn body(fields: &[&Field], of_field: fn(&Field) -> Json, required: &[&str]) -> Json {
    let mut body = json!({
        "type": "object",
        "properties": properties(fields, of_field),
        "additionalProperties": false,
        "x-order": order(fields),
    });
    if !required.is_empty() {
        body["required"] = required.into();
    }
    body
}

/// The order of the project's schema, which an object here does not keep.
fn order<'a>(fields: &[&'a Field]) -> Vec<&'a str> {
    fields.iter().map(|field| field.name.as_str()).collect()
}

fn properties(fields: &[&Field], of_field: fn(&Field) -> Json) -> Map<String, Json> {
    fields.iter().map(|field| (field.name.to_string(), of_field(field))).collect()
}
