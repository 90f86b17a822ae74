//! What the database refuses, and in whose terms.

use alyx_store::Error;
use serde_json::json;

use crate::fixture::Fixture;

#[tokio::test]
async fn a_taken_value_names_its_field() {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    let again = fixture.create("users", json!({"id": "b", "email": "anna@example.com"})).await;
    assert!(matches!(&again, Err(Error::Taken { fields }) if fields[0] == "email"), "{again:?}");
    let again = fixture.create("users", json!({"id": "anna", "email": "other"})).await;
    assert!(matches!(&again, Err(Error::Taken { fields }) if fields[0] == "id"), "{again:?}");
    fixture.user("bert").await;
    let again = fixture.update("users", "bert", json!({"email": "anna@example.com"})).await;
    assert!(matches!(&again, Err(Error::Taken { fields }) if fields[0] == "email"), "{again:?}");
}

#[tokio::test]
async fn a_combination_that_is_taken_names_all_its_fields() {
    let fixture = Fixture::open(
        "
version: 1
collections:
  seats:
    fields:
      id: {type: int, primary: true}
      row: {type: int}
      number: {type: int}
    indexes:
      - {name: one_seat, fields: [row, number], unique: true}
",
    )
    .await;
    fixture.create("seats", json!({"id": 1, "row": 1, "number": 2})).await.unwrap();
    let again = fixture.create("seats", json!({"id": 2, "row": 1, "number": 2})).await;
    let Err(Error::Taken { fields }) = again else { panic!("{again:?}") };
    assert_eq!(fields.iter().map(ToString::to_string).collect::<Vec<_>>(), ["row", "number"]);
}

#[tokio::test]
async fn a_reference_to_nothing_names_the_foreign_key() {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    let post = fixture.create("posts", json!({"id": "p", "author_id": "anna", "editor_id": "nobody"})).await;
    assert!(matches!(&post, Err(Error::MissingReference { fields }) if fields.len() == 1 && fields[0] == "editor_id"));
    fixture.create("posts", json!({"id": "p", "author_id": "anna"})).await.unwrap();
    let post = fixture.update("posts", "p", json!({"author_id": "nobody"})).await;
    assert!(matches!(&post, Err(Error::MissingReference { fields }) if fields[0] == "author_id"), "{post:?}");
}

#[tokio::test]
async fn what_is_still_referred_to_stays() {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    fixture.create("invoices", json!({"id": 1, "user_id": "anna"})).await.unwrap();
    let deleted = fixture.delete("users", "anna").await;
    assert!(
        matches!(&deleted, Err(Error::StillReferenced { collection: Some(by) }) if *by == "invoices"),
        "{deleted:?}"
    );
    assert!(fixture.get("users", "anna").await.is_some());
}

#[tokio::test]
async fn what_a_cascade_would_take_along_stays_where_others_refer_to_it() {
    let fixture = Fixture::open(
        "
version: 1
collections:
  users: {fields: {id: {type: id, primary: true}}}
  posts: {fields: {id: {type: id, primary: true}, by: {type: id, references: users.id, onDelete: cascade}}}
  notes: {fields: {id: {type: id, primary: true}, on: {type: id, references: posts.id, onDelete: restrict}}}
",
    )
    .await;
    fixture.create("users", json!({"id": "anna"})).await.unwrap();
    fixture.create("posts", json!({"id": "p", "by": "anna"})).await.unwrap();
    fixture.create("notes", json!({"id": "n", "on": "p"})).await.unwrap();
    let deleted = fixture.delete("users", "anna").await;
    assert!(matches!(&deleted, Err(Error::StillReferenced { collection: None })), "{deleted:?}");
    assert!(fixture.get("posts", "p").await.is_some());
    fixture.delete("notes", "n").await.unwrap();
    assert!(fixture.delete("users", "anna").await.unwrap());
    assert!(fixture.get("posts", "p").await.is_none());
}

#[tokio::test]
async fn a_value_the_table_cannot_hold_is_a_fault_and_nothing_more() {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    let null = fixture.update("users", "anna", json!({"email": null})).await;
    assert!(matches!(null, Err(Error::Database { .. })), "{null:?}");
    assert_eq!(fixture.get("users", "anna").await.unwrap()["email"], "anna@example.com");
}

#[tokio::test]
async fn one_failing_write_leaves_its_neighbours_in_the_commit_alone() {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    let writes = (0..60).map(|number| {
        let author = if number % 7 == 3 { "nobody" } else { "anna" };
        fixture.create("posts", json!({"id": format!("p{number}"), "author_id": author}))
    });
    let results = futures_util::future::join_all(writes).await;
    for (number, result) in results.iter().enumerate() {
        let stored = fixture.get("posts", &format!("p{number}")).await.is_some();
        assert_eq!(result.is_ok(), number % 7 != 3, "{number}: {result:?}");
        assert_eq!(stored, result.is_ok(), "{number}");
    }
    let stats = fixture.store.stats();
    assert!(stats.commits < stats.writes, "writes that wait together are committed together: {stats:?}");
}
