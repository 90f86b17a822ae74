//! A store in a temporary folder, and short ways to say documents and queries.

use std::{borrow::Cow, sync::Arc};

use alyx_query::{Everything, FieldRef, Predicate, Query, SortKey, Visible};
use alyx_schema::{Collection, Document, Order, Schema, Value, parse_schema};
use alyx_store::{Database, List, Projection, Result, Store, StoreOptions};
use serde_json::Value as Json;

/// The blog that most tests use.
pub(crate) const BLOG: &str = r#"
version: 1
collections:
  users:
    fields:
      id: {type: id, primary: true}
      email: {type: string, unique: true}
      name: {type: string, nullable: true}
      secret: {type: string, nullable: true, internal: true}
  posts:
    fields:
      id: {type: id, primary: true}
      title: {type: string}
      author_id: {type: id, references: users.id, onDelete: cascade}
      editor_id: {type: id, references: users.id, onDelete: set null, nullable: true}
      published: {type: bool, default: false}
      views: {type: int, default: 0}
      rating: {type: float, nullable: true}
      tags: {type: json, nullable: true}
      thumbnail: {type: blob, nullable: true}
      created_at: {type: timestamp, default: now}
    indexes:
      - {name: posts_by_publication, fields: [published, created_at], order: desc}
  invoices:
    fields:
      id: {type: int, primary: true}
      user_id: {type: id, references: users.id, onDelete: restrict}
"#;

/// An open store whose files go away with it.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) options: StoreOptions,
    _folder: tempfile::TempDir,
}

impl Fixture {
    pub(crate) async fn blog() -> Self {
        Self::open(BLOG).await
    }

    pub(crate) async fn open(schema: &str) -> Self {
        Self::open_with(schema, |_| ()).await
    }

    pub(crate) async fn open_with(schema: &str, adjust: impl FnOnce(&mut StoreOptions)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = StoreOptions::new(folder.path().join("data/alyx.db"));
        options.readers = 2;
        adjust(&mut options);
        let schema = Arc::new(self::schema(schema));
        let mut database = Database::open(&options).await.unwrap();
        database.create_collections(&schema).await.unwrap();
        let store = database.into_store(schema).await.unwrap();
        Self { store, options, _folder: folder }
    }

    pub(crate) fn collection(&self, name: &str) -> Arc<Collection> {
        self.store.schema().collection(name).unwrap().clone()
    }

    /// Stores a document given as JSON; what is not said is null or the type's zero.
    pub(crate) async fn create(&self, collection: &str, json: Json) -> Result<Json> {
        let collection = self.collection(collection);
        let document = document(&collection, &json);
        let written = self.store.create(&collection, document, &Predicate::TRUE, &Everything).await?.unwrap();
        Ok(serde_json::from_slice(&written.json).unwrap())
    }

    pub(crate) async fn get(&self, collection: &str, id: &str) -> Option<Json> {
        let id = Value::Text(id.to_owned());
        let found = self.store.get(&self.collection(collection), &id, &Projection::default(), &Everything).await;
        found.unwrap().map(|json| serde_json::from_slice(&json).unwrap())
    }

    pub(crate) async fn update(&self, collection: &str, id: &str, changes: Json) -> Result<Option<Json>> {
        let collection = self.collection(collection);
        let changes = changes.as_object().unwrap().iter();
        let changes = changes.map(|(name, json)| {
            let field = FieldRef::named(&collection, name).unwrap();
            let value = value(field.field(&collection), json);
            (field, value)
        });
        let changes = changes.collect();
        let id = Value::Text(id.to_owned());
        let written = self.store.update(&collection, &id, changes, &Predicate::TRUE, &Everything).await?;
        Ok(written.map(|written| serde_json::from_slice(&written.json).unwrap()))
    }

    pub(crate) async fn delete(&self, collection: &str, id: &str) -> Result<bool> {
        let id = Value::Text(id.to_owned());
        self.store.delete(&self.collection(collection), &id, &Predicate::TRUE).await
    }

    /// A query of everything, in order of the primary key.
    pub(crate) fn query(&self, collection: &str) -> Query {
        let collection = self.collection(collection);
        let primary = SortKey { field: FieldRef::primary(&collection), order: Order::Ascending };
        Query {
            collection,
            predicate: Predicate::TRUE,
            sort: vec![primary],
            limit: 100,
            offset: 0,
            cursor: None,
            fields: None,
            expand: Vec::new(),
            total: true,
        }
    }

    pub(crate) async fn list(&self, query: &Query) -> List {
        self.store.list(query, &Everything).await.unwrap()
    }

    /// Makes a user with this id.
    pub(crate) async fn user(&self, id: &str) {
        let json = serde_json::json!({"id": id, "email": format!("{id}@example.com")});
        self.create("users", json).await.unwrap();
    }
}

/// Sees only documents that meet a predicate.
pub(crate) struct Only<F>(pub(crate) F);

impl<F: Fn(&Collection) -> Predicate + Send + Sync> Visible for Only<F> {
    fn readable(&self, collection: &Collection) -> Cow<'_, Predicate> {
        Cow::Owned((self.0)(collection))
    }

    fn shown(&self, _: &Collection, _: usize) -> Cow<'_, Predicate> {
        Cow::Owned(Predicate::TRUE)
    }
}

/// The ids of a list's documents.
pub(crate) fn ids(list: &List) -> Vec<String> {
    let docs: Vec<Json> = serde_json::from_slice(&list.docs).unwrap();
    docs.iter().map(|doc| doc["id"].as_str().map_or_else(|| doc["id"].to_string(), str::to_owned)).collect()
}

pub(crate) fn schema(text: &str) -> Schema {
    parse_schema("schema.yaml", text).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// A document from its JSON; bytes are given as text.
pub(crate) fn document(collection: &Collection, json: &Json) -> Document {
    let values = collection.fields.iter().map(|field| match json.get(field.name.as_str()) {
        Some(json) => value(field, json),
        None if field.nullable => Value::Null,
        None => zero(field),
    });
    Document { values: values.collect() }
}

fn zero(field: &alyx_schema::Field) -> Value {
    use alyx_schema::FieldType;
    match field.value_type {
        FieldType::Bool => Value::Bool(false),
        FieldType::Int => Value::Int(0),
        FieldType::Float => Value::Float(0.0),
        FieldType::Blob => Value::Blob(Vec::new()),
        FieldType::Json => Value::Json(Json::Null),
        FieldType::Timestamp => Value::Text("2026-01-31T08:30:00.000Z".to_owned()),
        _ => Value::Text(String::new()),
    }
}

pub(crate) fn value(field: &alyx_schema::Field, json: &Json) -> Value {
    use alyx_schema::FieldType;
    match (field.value_type, json) {
        (_, Json::Null) => Value::Null,
        (FieldType::Json, json) => Value::Json(json.clone()),
        (FieldType::Blob, json) => Value::Blob(json.as_str().unwrap().as_bytes().to_vec()),
        (FieldType::Float, json) => Value::Float(json.as_f64().unwrap()),
        (_, Json::Bool(flag)) => Value::Bool(*flag),
        (_, Json::Number(number)) => Value::Int(number.as_i64().unwrap()),
        (_, Json::String(text)) => Value::Text(text.clone()),
        (_, other) => panic!("{other} is no value of {}", field.name),
    }
}
