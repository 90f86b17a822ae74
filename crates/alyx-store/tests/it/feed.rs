//! The change feed and its wake-up.

use alyx_store::{Change, Operation};
use serde_json::json;

use crate::fixture::Fixture;

async fn changes(fixture: &Fixture, after: i64) -> Vec<Change> {
    fixture.store.changes(after, 1000).await.unwrap()
}

fn summary(changes: &[Change]) -> Vec<String> {
    changes
        .iter()
        .map(|change| format!("{:?} {} {}", change.operation, change.collection, change.document_id))
        .collect()
}

#[tokio::test]
async fn each_change_is_one_row_in_order() {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    fixture.update("users", "anna", json!({"name": "Anna", "email": "anna@example.com"})).await.unwrap();
    fixture.update("users", "anna", json!({"name": "Anna"})).await.unwrap();
    fixture.update("users", "anna", json!({"name": null})).await.unwrap();
    fixture.delete("users", "anna").await.unwrap();
    let changes = changes(&fixture, 0).await;
    assert_eq!(
        summary(&changes),
        ["Insert users anna", "Update users anna", "Update users anna", "Delete users anna"],
        "an update that changes nothing leaves no row"
    );
    assert_eq!(json!(changes[0].before), json!({}));
    assert_eq!(json!(changes[1].before), json!({"name": null}));
    assert_eq!(json!(changes[2].before), json!({"name": "Anna"}));
    let whole = json!({"id": "anna", "email": "anna@example.com", "name": null, "secret": null});
    assert_eq!(json!(changes[3].before), whole);
}

#[tokio::test]
async fn cascades_are_changes_too() {
    let fixture = Fixture::blog().await;
    for user in ["anna", "bert"] {
        fixture.user(user).await;
    }
    fixture.create("posts", json!({"id": "p", "author_id": "anna"})).await.unwrap();
    fixture.create("posts", json!({"id": "q", "author_id": "bert", "editor_id": "anna"})).await.unwrap();
    let before = *fixture.store.commits().borrow();
    fixture.delete("users", "anna").await.unwrap();
    let changes = changes(&fixture, before).await;
    let mut told = summary(&changes);
    told.sort();
    assert_eq!(told, ["Delete posts p", "Delete users anna", "Update posts q"]);
    let update = changes.iter().find(|change| change.operation == Operation::Update).unwrap();
    assert_eq!(json!(update.before), json!({"editor_id": "anna"}));
}

#[tokio::test]
async fn old_values_of_every_type_can_be_read_back() {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    let post = json!({"id": "p", "title": "\"t\"", "author_id": "anna", "published": true, "views": i64::MIN,
        "rating": 0.1 + 0.2, "tags": {"a": [1, "x"]}, "thumbnail": "bytes"});
    fixture.create("posts", post.clone()).await.unwrap();
    let before = *fixture.store.commits().borrow();
    fixture.delete("posts", "p").await.unwrap();
    let change = changes(&fixture, before).await.remove(0);
    let posts = fixture.collection("posts");
    let stored = crate::fixture::document(&posts, &post);
    for (field, value) in posts.fields.iter().zip(&stored.values) {
        assert_eq!(change.old_value(&posts, field.name.as_str()).as_ref(), Some(value), "{}", field.name);
    }
}

#[tokio::test]
async fn a_commit_wakes_its_readers() {
    let fixture = Fixture::blog().await;
    let mut commits = fixture.store.commits();
    let start = *commits.borrow_and_update();
    fixture.user("anna").await;
    commits.changed().await.unwrap();
    assert_eq!(*commits.borrow(), start + 1);
}

#[tokio::test]
async fn a_write_of_another_process_is_noticed() {
    let fixture = Fixture::blog().await;
    let mut commits = fixture.store.commits();
    commits.borrow_and_update();
    let mut other = alyx_store::Database::open(&fixture.options).await.unwrap();
    other.execute("INSERT INTO \"users\" (\"id\", \"email\") VALUES ('x', 'x')").await.unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(10), commits.changed()).await.unwrap().unwrap();
    assert_eq!(summary(&changes(&fixture, 0).await), ["Insert users x"]);
}

#[tokio::test]
async fn a_reader_gets_each_change_once_and_its_lag_is_known() {
    let fixture = Fixture::blog().await;
    let mut reader = fixture.store.feed_reader(0);
    for user in ["a", "b", "c"] {
        fixture.user(user).await;
    }
    assert_eq!(fixture.store.stats().feed_lag, 3);
    assert_eq!(summary(&reader.next(2).await.unwrap()), ["Insert users a", "Insert users b"]);
    assert_eq!(fixture.store.stats().feed_lag, 1);
    assert_eq!(summary(&reader.next(2).await.unwrap()), ["Insert users c"]);
    let (next, ()) = tokio::join!(reader.next(2), fixture.user("d"));
    assert_eq!(summary(&next.unwrap()), ["Insert users d"]);
    drop(reader);
    fixture.user("e").await;
    assert_eq!(fixture.store.stats().feed_lag, 0, "there is no reader to be behind");
}
