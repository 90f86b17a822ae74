//! A small random world: a schema, documents that point at each other, callers and a request.

use std::sync::Arc;

use alyx_query::{FieldRef, World};
use alyx_rules::{Identity, PlainRequest};
use alyx_schema::{Collection, Document, FieldType, JsonShape, Schema, Value, parse_schema};
use serde_json::{Map, Value as Json, json};

use super::choices::Choices;

const SCHEMA: &str = "
version: 1
collections:
  users:
    fields:
      id: { type: string, primary: true }
      name: { type: string, nullable: true }
      role: { type: select, values: [user, moderator, admin] }
      age: { type: int, nullable: true }
      verified: { type: bool }
      team_id: { type: string, nullable: true, references: teams.id }
  teams:
    fields:
      id: { type: string, primary: true }
      name: { type: string, nullable: true }
      plan: { type: string }
      open: { type: bool, nullable: true }
      since: { type: timestamp, nullable: true }
      owner_id: { type: string, nullable: true, references: users.id }
  memberships:
    fields:
      id: { type: string, primary: true }
      team_id: { type: string, nullable: true, references: teams.id }
      user_id: { type: string, references: users.id }
      role: { type: string }
      level: { type: int, nullable: true }
      topics: { type: json, items: string, nullable: true }
  posts:
    fields:
      id: { type: string, primary: true }
      title: { type: string, nullable: true }
      status: { type: select, values: [draft, live] }
      views: { type: int }
      likes: { type: int, nullable: true }
      score: { type: float }
      rank: { type: float, nullable: true }
      published: { type: bool }
      pinned: { type: bool, nullable: true }
      created_at: { type: timestamp }
      edited_at: { type: timestamp, nullable: true }
      tags: { type: json, items: string }
      labels: { type: json, items: string, nullable: true }
      counts: { type: json, items: int }
      extra: { type: json, nullable: true }
      data: { type: blob, nullable: true }
      author_id: { type: string, nullable: true, references: users.id }
      team_id: { type: string, nullable: true, references: teams.id }
      parent_id: { type: string, nullable: true, references: posts.id }
";

pub(super) const TEXTS: [&str; 10] = ["a", "ab", "b", "", "u1", "t1", "live", "user", "é'\\", "aB"];
pub(super) const MOMENTS: [&str; 7] = [
    "2026-01-31T08:30:00.000Z",
    "2026-01-31T08:45:00.000Z",
    "2026-01-31T08:30:00.001Z",
    "2025-01-01T00:00:00.000Z",
    "9999-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00.000Z",
    "1700-06-15T12:00:00.000Z",
];
const INTS: [i64; 6] = [0, 1, 2, 3, -1, 1_000_000];
const FLOATS: [f64; 6] = [0.0, 0.5, 1.0, 2.5, -1.0, 1e10];

pub(super) fn schema() -> Schema {
    parse_schema("schema.yaml", SCHEMA).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// Documents, callers and a request.
#[derive(Clone)]
pub(super) struct Sample {
    pub(super) schema: Schema,
    pub(super) posts: Vec<Document>,
    others: Vec<(Arc<Collection>, Vec<Document>)>,
    pub(super) callers: Vec<Option<Identity>>,
    pub(super) request: PlainRequest,
}

impl Sample {
    /// With a few posts.
    pub(super) fn new(schema: &Schema, choices: &mut Choices<'_>) -> Self {
        Self::with_posts(schema, choices, &["p1", "p2", "p3"])
    }

    /// With posts of these ids, `p1` and `p2` among them.
    pub(super) fn with_posts(schema: &Schema, choices: &mut Choices<'_>, posts: &[&str]) -> Self {
        let mut make = |name: &str, ids: &[&str]| -> (Arc<Collection>, Vec<Document>) {
            let collection = schema.collection(name).expect("it is there");
            (Arc::clone(collection), ids.iter().map(|id| document(collection, id, choices)).collect())
        };
        let (_, posts) = make("posts", posts);
        let others =
            vec![make("users", &["u1", "u2"]), make("teams", &["t1", "t2"]), make("memberships", &["m1", "m2", "m3"])];
        let others = others.into_iter().map(|(collection, mut documents)| {
            // Collections may be empty where nothing points at them.
            if collection.name == "memberships" {
                documents.truncate(choices.below(4));
            }
            (collection, documents)
        });
        let others = others.collect();
        let callers = vec![None, Some(identity(choices)), Some(identity(choices))];
        let request = request(choices);
        Self { schema: schema.clone(), posts, others, callers, request }
    }

    pub(super) fn documents(&self, collection: &str) -> &[Document] {
        match self.others.iter().find(|(known, _)| known.name == collection) {
            Some((_, documents)) => documents,
            None => &self.posts,
        }
    }

    pub(super) fn documents_mut(&mut self, collection: &str) -> &mut Vec<Document> {
        match self.others.iter_mut().find(|(known, _)| known.name == collection) {
            Some((_, documents)) => documents,
            None => &mut self.posts,
        }
    }
}

impl World for Sample {
    fn find(&self, collection: &Collection, field: &FieldRef, value: &Value) -> Option<Document> {
        self.documents(collection.name.as_str()).iter().find(|document| document.values[field.index] == *value).cloned()
    }

    fn all(&self, collection: &Collection) -> Vec<Document> {
        self.documents(collection.name.as_str()).to_vec()
    }
}

/// A random document that points at documents of every sample.
pub(super) fn document(collection: &Collection, id: &str, choices: &mut Choices<'_>) -> Document {
    let values = collection.fields.iter().map(|field| {
        if field.primary {
            return Value::Text(id.to_owned());
        }
        if field.nullable && choices.one_in(3) {
            return Value::Null;
        }
        if let Some(reference) = &field.references {
            let letter = &reference.collection.as_str()[..1];
            return Value::Text(format!("{letter}{}", 1 + choices.below(2)));
        }
        match field.value_type {
            FieldType::Int => Value::Int(choices.of(&INTS)),
            FieldType::Float => Value::Float(choices.of(&FLOATS)),
            FieldType::Bool => Value::Bool(choices.below(2) == 0),
            FieldType::Timestamp => Value::Text(choices.of(&MOMENTS).to_owned()),
            FieldType::Blob => Value::Blob(choices.of(&TEXTS).as_bytes().to_vec()),
            FieldType::Select => match &field.constraints.allowed {
                Some(allowed) => allowed[choices.below(allowed.len())].clone(),
                None => Value::Null,
            },
            FieldType::Json => Value::Json(match field.json_shape {
                Some(JsonShape::Items(FieldType::Int)) => {
                    (0..choices.below(4)).map(|_| json!(choices.of(&INTS))).collect()
                }
                Some(_) => (0..choices.below(4)).map(|_| json!(choices.of(&TEXTS))).collect(),
                None => Json::Object(any_object(choices, 2)),
            }),
            _ => Value::Text(choices.of(&TEXTS).to_owned()),
        }
    });
    Document { values: values.collect() }
}

/// An object that often has the keys that rules ask for, in canonical form.
fn any_object(choices: &mut Choices<'_>, depth: usize) -> Map<String, Json> {
    let mut object = Map::new();
    for key in ["l", "n", "o", "s"] {
        let value = match choices.below(7) {
            0 => continue,
            1 => json!(choices.of(&INTS)),
            2 => json!(2.5),
            3 => json!(choices.of(&TEXTS)),
            4 => (0..choices.below(4)).map(|_| json!(choices.of(&TEXTS))).collect(),
            5 if depth > 0 => Json::Object(any_object(choices, depth - 1)),
            _ => choices.of(&[None, Some(true), Some(false)]).map_or(Json::Null, Json::Bool),
        };
        object.insert(key.to_owned(), value);
    }
    object
}

fn identity(choices: &mut Choices<'_>) -> Identity {
    let mut metadata = any_object(choices, 1);
    let teams: Vec<Json> = (0..choices.below(3)).map(|_| json!(choices.of(&["t1", "t2", "a"]))).collect();
    metadata.insert("teams".to_owned(), Json::Array(teams));
    Identity {
        id: choices.of(&["u1", "u2", "a"]).to_owned(),
        email: choices.of(&TEXTS).to_owned(),
        role: choices.of(&["user", "admin", "moderator"]).to_owned(),
        verified: choices.below(2) == 0,
        metadata,
    }
}

fn request(choices: &mut Choices<'_>) -> PlainRequest {
    let body = any_object(choices, 1);
    PlainRequest {
        method: choices.of(&["GET", "POST", "a"]).to_owned(),
        ip: "10.0.0.1".to_owned(),
        time: choices.of(&MOMENTS[..4]).parse().expect("it is a moment"),
        body: if choices.one_in(4) { None } else { Some(body) },
        headers: vec![("a".to_owned(), choices.of(&TEXTS).to_owned()), ("x-b".to_owned(), "b".to_owned())],
        query: vec![("a".to_owned(), choices.of(&TEXTS).to_owned()), ("a".to_owned(), "second".to_owned())],
    }
}
