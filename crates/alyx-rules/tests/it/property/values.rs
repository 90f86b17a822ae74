//! Documents, callers and requests as values of the other interpreter.

use std::{cell::RefCell, collections::HashMap};

use alyx_rules::{Identity, PlainRequest, Request};
use alyx_schema::{Collection, Document, FieldType, Value as Stored, expand_name};
use cel_parser::{Context, Program, Value};
use serde_json::{Map, Value as Json};

use super::documents::Sample;

/// How many foreign keys are followed: as many as rules here follow.
pub(super) const HOPS: usize = 3;

/// A document with those that it points at. Where a foreign key is null the relation is no key of the map, so that
/// asking for it is an error.
pub(super) fn document(sample: &Sample, collection: &Collection, document: &Document, hops: usize) -> Value {
    let mut entries: HashMap<String, Value> = HashMap::new();
    for (field, stored) in collection.fields.iter().zip(&document.values) {
        entries.insert(field.name.as_str().to_owned(), stored_value(field.value_type, stored));
        let Some(reference) = field.references.as_ref().filter(|_| hops > 0 && !stored.is_null()) else { continue };
        let target = sample.schema.collection(reference.collection.as_str()).expect("it is there");
        let key = target.field_index(reference.field.as_str()).expect("it is there");
        let found = sample.documents(target.name.as_str()).iter().find(|found| found.values[key] == *stored);
        let found = found.expect("foreign keys lead somewhere");
        entries.insert(expand_name(field.name.as_str()), self::document(sample, target, found, hops - 1));
    }
    entries.into()
}

fn stored_value(field_type: FieldType, stored: &Stored) -> Value {
    match stored {
        Stored::Null => Value::Null,
        Stored::Bool(flag) => Value::Bool(*flag),
        Stored::Int(number) => Value::Int(*number),
        Stored::Float(number) => Value::Float(*number),
        Stored::Text(text) if field_type == FieldType::Timestamp => moment(text),
        Stored::Text(text) => text.as_str().into(),
        Stored::Blob(bytes) => bytes.clone().into(),
        Stored::Json(json) => from_json(json),
    }
}

thread_local! {
    static MOMENTS: RefCell<HashMap<String, Value>> = RefCell::default();
}

/// Only the interpreter itself can make one.
fn moment(text: &str) -> Value {
    MOMENTS.with_borrow_mut(|known| {
        let make = || {
            let program = Program::compile(&format!("timestamp('{text}')")).expect("it can be read");
            program.execute(&Context::default()).expect("it is a moment")
        };
        known.entry(text.to_owned()).or_insert_with(make).clone()
    })
}

fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Float(number.as_f64().expect("it is a number")),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => items.iter().map(from_json).collect::<Vec<Value>>().into(),
        Json::Object(entries) => object(entries),
    }
}

fn object(entries: &Map<String, Json>) -> Value {
    entries.iter().map(|(key, value)| (key.clone(), from_json(value))).collect::<HashMap<String, Value>>().into()
}

/// The caller; an anonymous one is a map without keys, so that every use is an error.
pub(super) fn auth(identity: Option<&Identity>) -> Value {
    let mut entries: HashMap<String, Value> = HashMap::new();
    if let Some(identity) = identity {
        entries.insert("id".to_owned(), identity.id.as_str().into());
        entries.insert("email".to_owned(), identity.email.as_str().into());
        entries.insert("role".to_owned(), identity.role.as_str().into());
        entries.insert("verified".to_owned(), Value::Bool(identity.verified));
        entries.insert("metadata".to_owned(), object(&identity.metadata));
    }
    entries.into()
}

pub(super) fn request(request: &PlainRequest) -> Value {
    let mut query: HashMap<String, String> = HashMap::new();
    for (name, value) in &request.query {
        query.entry(name.clone()).or_insert_with(|| value.clone());
    }
    let headers: HashMap<String, String> = request.headers.iter().cloned().collect();
    let mut entries: HashMap<String, Value> = HashMap::new();
    entries.insert("method".to_owned(), request.method().into());
    entries.insert("ip".to_owned(), request.ip().into());
    entries.insert("time".to_owned(), moment(&request.time.to_string()));
    entries.insert("body".to_owned(), object(&request.body.clone().unwrap_or_default()));
    entries.insert("headers".to_owned(), headers.into());
    entries.insert("query".to_owned(), query.into());
    entries.into()
}
