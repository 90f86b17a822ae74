//! What checking a body costs: a create and an update of nine fields.

use alyx_schema::{
    Collection, Writer,
    clock::{Clock, IdGenerator},
    parse_schema,
};
use divan::{Bencher, black_box};
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

const POSTS: &str = "
version: 1
collections:
  posts:
    fields:
      id: { type: uuid, primary: true, default: auto }
      title: { type: string, minLength: 1, maxLength: 200 }
      slug: { type: string, unique: true, pattern: '^[a-z0-9-]+$' }
      content: { type: text }
      author_id: { type: uuid, index: true }
      published: { type: bool, default: false }
      tags: { type: json, items: string, nullable: true }
      view_count: { type: int, default: 0, min: 0 }
      created_at: { type: timestamp, default: now }
";

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

impl IdGenerator for Fixed {
    fn uuid(&self) -> String {
        "01890a5d-ac96-774b-bcce-b302099a8057".to_owned()
    }

    fn short_id(&self) -> String {
        "abcdefghij01234".to_owned()
    }
}

fn posts() -> Collection {
    let schema = parse_schema("schema.yaml", POSTS).expect("the schema above is valid");
    schema.collections["posts"].as_ref().clone()
}

fn object(json: Json) -> Map<String, Json> {
    serde_json::from_value(json).expect("an object")
}

fn main() {
    divan::main();
}

#[divan::bench]
fn create(bencher: Bencher<'_, '_>) {
    let posts = posts();
    let body = object(json!({
        "title": "A title of usual length", "slug": "a-title-of-usual-length", "content": "x".repeat(1000),
        "author_id": "01890a5d-ac96-774b-bcce-b302099a8057", "published": true, "tags": ["a", "b"],
    }));
    bencher.bench_local(|| posts.draft(black_box(&body), Writer::Client, &Fixed, &Fixed).expect("the body is valid"));
}

#[divan::bench]
fn update(bencher: Bencher<'_, '_>) {
    let posts = posts();
    let body = object(json!({"title": "Another title", "view_count": 7}));
    bencher.bench_local(|| posts.changes(black_box(&body), Writer::Client, &Fixed).expect("the body is valid"));
}

#[divan::bench]
fn refuse(bencher: Bencher<'_, '_>) {
    let posts = posts();
    let body = object(json!({"titel": "x", "view_count": 1.5, "author_id": "me"}));
    bencher
        .bench_local(|| posts.draft(black_box(&body), Writer::Client, &Fixed, &Fixed).expect_err("the body is wrong"));
}
