//! The schemas and documents of the tests.

use std::sync::{Arc, LazyLock};

use alyx_schema::{Collection, Document, Schema, Value, parse_schema};

/// Users, posts and comments, with an internal field and a foreign key to a unique field.
const BLOG: &str = "
version: 1
collections:
  users:
    fields:
      id: { type: uuid, primary: true, default: auto }
      name: { type: string, unique: true }
      password_hash: { type: string, internal: true, nullable: true }
  posts:
    fields:
      id: { type: string, primary: true }
      title: { type: string, nullable: true }
      views: { type: int, nullable: true }
      score: { type: float, nullable: true }
      published: { type: bool, nullable: true }
      created_at: { type: timestamp, nullable: true }
      tags: { type: json, items: string, nullable: true }
      extra: { type: json, nullable: true }
      data: { type: blob, nullable: true }
      author_id: { type: string, nullable: true, references: users.name }
      editor: { type: uuid, nullable: true, references: users.id }
      reviewer_id: { type: uuid, nullable: true, references: users.id, internal: true }
      secret: { type: string, nullable: true, internal: true }
  comments:
    fields:
      id: { type: int, primary: true }
      post_id: { type: string, references: posts.id }
      parent_id: { type: int, nullable: true, references: comments.id }
      body: { type: text }
";

/// One field of every type, named after it; `relation` points at the collection itself.
const TYPES: &str = "
version: 1
collections:
  things:
    fields:
      uuid: { type: uuid, primary: true }
      string: { type: string, nullable: true }
      text: { type: text, nullable: true }
      int: { type: int, nullable: true }
      float: { type: float, nullable: true }
      bool: { type: bool, nullable: true }
      timestamp: { type: timestamp, nullable: true }
      json: { type: json, nullable: true }
      blob: { type: blob, nullable: true }
      id: { type: id, nullable: true }
      email: { type: email, nullable: true }
      url: { type: url, nullable: true }
      date: { type: date, nullable: true }
      select: { type: select, values: [a, b], nullable: true }
      richtext: { type: richtext, nullable: true }
      relation: { type: relation, collection: things, nullable: true }
      numbers: { type: json, items: int, nullable: true }
      flags: { type: json, items: bool, nullable: true }
";

static BLOG_SCHEMA: LazyLock<Schema> = LazyLock::new(|| schema(BLOG));
static TYPES_SCHEMA: LazyLock<Schema> = LazyLock::new(|| schema(TYPES));

fn schema(text: &str) -> Schema {
    parse_schema("schema.yaml", text).unwrap_or_else(|faults| panic!("the fixture is a schema: {faults:#?}"))
}

/// Users, posts and comments.
pub(crate) fn blog() -> &'static Schema {
    &BLOG_SCHEMA
}

/// The collection of posts.
pub(crate) fn posts() -> Arc<Collection> {
    Arc::clone(blog().collection("posts").expect("the blog has posts"))
}

/// A collection with a field of every type.
pub(crate) fn things() -> Arc<Collection> {
    Arc::clone(TYPES_SCHEMA.collection("things").expect("it has things"))
}

/// A document in which everything is null.
pub(crate) fn empty_document(collection: &Collection) -> Document {
    Document { values: vec![Value::Null; collection.fields.len()] }
}
