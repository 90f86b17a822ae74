//! How long it takes to read a filter, to match a document and to make a cache key.

use std::sync::Arc;

use alyx_query::{Predicate, Query, filter, where_json};
use alyx_schema::{Collection, Document, Schema, Value, parse_schema};
use divan::{Bencher, black_box};

const SCHEMA: &str = "
version: 1
collections:
  posts:
    fields:
      id: { type: uuid, primary: true, default: auto }
      title: { type: string }
      views: { type: int, nullable: true }
      published: { type: bool }
      created_at: { type: timestamp, default: now }
      author_id: { type: string }
";

const WHERE: &str =
    r#"{"$or":[{"views":{"$gt":10}},{"title":{"$like":"%rust%"}}],"published":true,"author_id":{"$in":["a","b","c"]}}"#;

fn main() {
    divan::main();
}

fn posts() -> (Schema, Arc<Collection>) {
    let schema = parse_schema("schema.yaml", SCHEMA).expect("it is a schema");
    let posts = schema.collection("posts").expect("the blog has posts").clone();
    (schema, posts)
}

fn predicate(collection: &Collection) -> Predicate {
    let json = serde_json::from_str(WHERE).expect("it is JSON");
    where_json::parse(collection, &json).expect("it is a filter")
}

fn document(collection: &Collection) -> Document {
    let mut document = Document { values: vec![Value::Null; collection.fields.len()] };
    let mut set = |name, value| document.values[collection.field_index(name).expect("posts have it")] = value;
    set("title", Value::Text("Why we write servers in Rust, and how".to_owned()));
    set("published", Value::Bool(true));
    set("author_id", Value::Text("c".to_owned()));
    document
}

#[divan::bench]
fn parse_one_filter(bencher: Bencher<'_, '_>) {
    let (_, posts) = posts();
    bencher.bench_local(|| filter::parse(&posts, black_box("views:gte:10")));
}

#[divan::bench]
fn parse_a_where(bencher: Bencher<'_, '_>) {
    let (_, posts) = posts();
    let json = serde_json::from_str(WHERE).expect("it is JSON");
    bencher.bench_local(|| where_json::parse(&posts, black_box(&json)));
}

#[divan::bench]
fn read_a_list_request(bencher: Bencher<'_, '_>) {
    let (schema, posts) = posts();
    let pairs =
        [("filter", "author_id:eq:a"), ("filter", "published:eq:true"), ("sort", "-created_at"), ("limit", "30")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
    bencher.bench_local(|| Query::from_parameters(&schema, Arc::clone(&posts), black_box(&pairs)));
}

#[divan::bench]
fn match_a_document(bencher: Bencher<'_, '_>) {
    let (_, posts) = posts();
    let (predicate, document) = (predicate(&posts), document(&posts));
    assert!(predicate.matches(&document));
    bencher.bench_local(|| black_box(&predicate).matches(black_box(&document)));
}

#[divan::bench]
fn canonical_key(bencher: Bencher<'_, '_>) {
    let (_, posts) = posts();
    let predicate = predicate(&posts);
    bencher.bench_local(|| black_box(&predicate).canonical_key());
}
