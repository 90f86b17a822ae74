//! What a query showed at each earlier position of the feed is what it had shown then.

use std::collections::BTreeSet;

use alyx_query::{Everything, Query};
use alyx_schema::CollectionName;
use alyx_store::{Database, Synchronous, Window};
use alyx_testing::is_full;
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value as Json, json};

use crate::fixture::{BLOG, Fixture};

const CASES: u32 = 40;
const FULL_CASES: u32 = 2_000;

#[derive(Clone, Debug)]
enum Write {
    User(String),
    Create(Json),
    Update(String, Json),
    Delete(&'static str, String),
    Sql(String),
}

fn number(letter: char, count: u8) -> impl Strategy<Value = String> {
    (0..count).prop_map(move |number| format!("{letter}{number}"))
}

/// One field with a value that travels in a way of its own.
fn field() -> impl Strategy<Value = (&'static str, Json)> {
    let floats = vec![0.1, 1.0 / 3.0, -2.5e-300, 1.797_693_134_862_315_7e308, 5e-324, 123_456_789.123_456_79];
    prop_oneof![
        prop::sample::select(vec!["", "a", "b\"\\\n", "é\u{1f600}", "null"]).prop_map(|text| ("title", json!(text))),
        any::<bool>().prop_map(|flag| ("published", json!(flag))),
        prop::sample::select(vec![0, -1, i64::MAX, i64::MIN]).prop_map(|views| ("views", json!(views))),
        prop::sample::select(floats).prop_map(|rating| ("rating", json!(rating))),
        Just(("rating", Json::Null)),
        prop::sample::select(vec![json!(["a", 1, null]), json!({"k": "v"}), json!("x"), json!(7), Json::Null])
            .prop_map(|tags| ("tags", tags)),
        prop::sample::select(vec![json!("bytes\u{0}"), json!(""), Json::Null]).prop_map(|bytes| ("thumbnail", bytes)),
        number('u', 3).prop_map(|user| ("author_id", json!(user))),
        prop_oneof![Just(Json::Null), number('u', 3).prop_map(Json::from)].prop_map(|user| ("editor_id", user)),
    ]
}

fn write() -> impl Strategy<Value = Write> {
    let named = |fields: Vec<(&str, Json)>| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let object = move || vec(field(), 1..5).prop_map(move |fields| Json::Object(named(fields)));
    prop_oneof![
        2 => number('u', 3).prop_map(Write::User),
        5 => (number('p', 6), number('u', 3), object()).prop_map(|(id, author, mut post)| {
            post["id"] = json!(id);
            if post.get("author_id").is_none() {
                post["author_id"] = json!(author);
            }
            Write::Create(post)
        }),
        6 => (number('p', 6), object()).prop_map(|(id, changes)| Write::Update(id, changes)),
        2 => number('p', 6).prop_map(|id| Write::Delete("posts", id)),
        1 => number('u', 3).prop_map(|id| Write::Delete("users", id)),
        4 => statement().prop_map(Write::Sql),
    ]
}

/// Statements of another program that remove what is in their way, or leave it.
fn statement() -> impl Strategy<Value = String> {
    let user = (0..4usize, number('u', 3), number('u', 3)).prop_map(|(kind, id, other)| match kind {
        0 => format!("REPLACE INTO users (id, email, name) VALUES ('{id}', '{other}@x', 'n')"),
        1 => format!("INSERT OR IGNORE INTO users (id, email) VALUES ('{id}', '{other}@x')"),
        2 => format!("UPDATE OR REPLACE users SET email = '{other}@x' WHERE id = '{id}'"),
        _ => format!(
            "INSERT INTO users (id, email) VALUES ('{id}', '{other}@x') ON CONFLICT (id) DO UPDATE SET name = 'm'"
        ),
    });
    let rest = "author_id, editor_id, published, views, rating, tags, thumbnail, created_at";
    let post = (0..3usize, number('p', 6), number('p', 6)).prop_map(move |(kind, id, other)| match kind {
        0 => format!(
            "REPLACE INTO posts (id, title, {rest}) SELECT '{id}', title || 'r', {rest} FROM posts WHERE id = '{other}'"
        ),
        1 => format!("UPDATE OR REPLACE posts SET id = '{id}' WHERE id = '{other}'"),
        _ => format!("UPDATE OR REPLACE posts SET rowid = 1 WHERE id = '{id}'"),
    });
    prop_oneof![user, post]
}

fn questions(fixture: &Fixture) -> Vec<Query> {
    let asked = [
        json!({"collection": "posts", "limit": 3}),
        json!({"collection": "posts", "sort": ["-rating", "title"], "limit": 2, "expand": ["author", "editor"]}),
        json!({"collection": "posts", "filter": {"published": true}, "sort": ["-created_at"]}),
        json!({"collection": "posts", "filter": {"author_id": "u1", "views": {"$gte": 0}}, "fields": ["views", "tags"]}),
        json!({"collection": "posts", "filter": {"$or": [{"rating": {"$lt": 1}}, {"title": {"$contains": "a"}}]}}),
        json!({"collection": "users", "sort": ["name"], "expand": ["posts_via_author_id"]}),
    ];
    asked.iter().map(|asked| Query::from_json(&fixture.store.schema(), asked).unwrap()).collect()
}

async fn windows(fixture: &Fixture, questions: &[Query]) -> (i64, Vec<Window>) {
    let mut snapshot = fixture.store.snapshot().await.unwrap();
    let mut windows = Vec::new();
    for query in questions {
        windows.push(snapshot.window(query, &Everything, true).await.unwrap());
    }
    let position = snapshot.position();
    snapshot.end().await;
    (position, windows)
}

async fn check(writes: &[Write]) -> Result<(), TestCaseError> {
    let schema = BLOG.replace("type: id", "type: string");
    let fixture = Fixture::open_with(&schema, |options| options.synchronous = Synchronous::Off).await;
    let questions = questions(&fixture);
    let mut beside = Database::open(&fixture.options).await.unwrap();
    let mut seen = vec![windows(&fixture, &questions).await];
    for write in writes {
        // Some are impossible: an author who is not there, a document that is.
        let _ = match write {
            Write::User(id) => {
                fixture.create("users", json!({"id": id, "email": format!("{id}@x"), "name": id})).await.is_ok()
            }
            Write::Create(post) => fixture.create("posts", post.clone()).await.is_ok(),
            Write::Update(id, changes) => fixture.update("posts", id, changes.clone()).await.is_ok(),
            Write::Delete(collection, id) => fixture.delete(collection, id).await.is_ok(),
            Write::Sql(statement) => match beside.execute(statement).await {
                Ok(()) => true,
                Err(fault) => {
                    prop_assert!(format!("{fault:?}").contains("constraint failed"), "{}: {:?}", statement, fault);
                    false
                }
            },
        };
        seen.push(windows(&fixture, &questions).await);
    }
    let all = BTreeSet::from([CollectionName::new("users"), CollectionName::new("posts")]);
    let mut snapshot = fixture.store.snapshot().await.unwrap();
    for (position, expected) in &seen {
        prop_assert!(snapshot.place_at(*position).await.unwrap().is_some());
        let past = snapshot.past(*position, &all).await.unwrap().expect("the feed tells all of it");
        for (query, expected) in questions.iter().zip(expected) {
            let window = snapshot.window_of(&past, query, &Everything, true).await.unwrap();
            let text = |window: &Window| {
                let documents = window.documents.iter().map(|document| String::from_utf8_lossy(document).into_owned());
                (documents.collect::<Vec<_>>(), window.total)
            };
            prop_assert_eq!(text(&window), text(expected), "at {}: {:?}", position, query.predicate);
        }
    }
    snapshot.end().await;
    beside.close().await.unwrap();
    fixture.store.close().await;
    Ok(())
}

#[test]
fn every_earlier_moment_can_be_seen_again() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cases = if is_full() { FULL_CASES } else { CASES };
    let mut runner = TestRunner::new(Config { cases, source_file: Some(file!()), ..Config::default() });
    let outcome = runner.run(&vec(write(), 1..30), |writes| runtime.block_on(check(&writes)));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[tokio::test]
async fn a_restored_database_is_another_place() {
    let fixture = Fixture::blog().await;
    fixture.user("u1").await;
    let snapshot = fixture.store.snapshot().await.unwrap();
    let place = snapshot.place().clone();
    snapshot.end().await;
    fixture.user("u2").await;
    let mut snapshot = fixture.store.snapshot().await.unwrap();
    assert_eq!(snapshot.place_at(place.position).await.unwrap(), Some(place.clone()));
    assert_ne!(snapshot.place().mark, place.mark);
    assert_eq!(snapshot.place_at(place.position + 7).await.unwrap(), None);
    snapshot.end().await;
    let other = Fixture::blog().await;
    other.user("u3").await;
    let mut snapshot = other.store.snapshot().await.unwrap();
    assert_ne!(snapshot.place_at(place.position).await.unwrap(), Some(place), "the same position of another history");
    snapshot.end().await;
}
