//! Creating, reading, updating and deleting one document.

use alyx_query::{Everything, FieldRef, Predicate, Visible};
use alyx_schema::{Collection, Value};
use alyx_store::Projection;
use serde_json::{Value as Json, json};

use crate::fixture::{Fixture, Only};

/// Stores `rating`, `tags`, `thumbnail` and `title`, and reads the document back in the three ways there are.
async fn check(given: Json, expected: Json) {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    let mut document = json!({"id": "p", "author_id": "anna"});
    document.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
    let created = fixture.create("posts", document).await.unwrap();
    let read = fixture.get("posts", "p").await.unwrap();
    assert_eq!(created, read, "what a create answers is what a read finds");
    let updated = fixture.update("posts", "p", json!({})).await.unwrap().unwrap();
    assert_eq!(updated, read, "what an update answers is what a read finds");
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(read[key], *value, "{key}");
    }
}

#[tokio::test]
async fn a_document_comes_back_as_it_was_stored() {
    let expected = json!({
        "id": "p", "title": "Hello", "author_id": "anna", "editor_id": null, "published": true, "views": 7,
        "rating": null, "tags": ["a", {"b": [1, 2.5, null]}], "thumbnail": null,
        "created_at": "2026-01-31T08:30:00.000Z",
    });
    check(expected.clone(), expected).await;
}

#[tokio::test]
async fn text_of_any_kind_survives() {
    for text in [
        "",
        "\"quoted\" and 'single' and \\",
        "line\nbreak\ttab\r\u{8}\u{c}\u{1}\u{2}\u{3}\u{1f}\u{7f}",
        "日本語 🎉 \u{2028}",
    ] {
        check(json!({"title": text, "tags": {"key": text}}), json!({"title": text, "tags": {"key": text}})).await;
    }
}

#[tokio::test]
async fn floats_survive_to_the_last_digit() {
    for number in
        [0.1 + 0.2, 1e300, 1.0, -2.5e-308, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1.0 / 3.0, 123_456_789.123_456_79]
    {
        check(json!({"rating": number}), json!({"rating": number})).await;
    }
}

#[tokio::test]
async fn integers_survive_up_to_the_ends() {
    for number in [i64::MIN, -1, 0, i64::MAX, 9_007_199_254_740_993] {
        check(json!({"id": "p", "tags": [number]}), json!({"tags": [number]})).await;
    }
}

#[tokio::test]
async fn bytes_are_base64_in_json() {
    check(json!({"thumbnail": "\u{1}bytes\u{1}"}), json!({"thumbnail": "AWJ5dGVzAQ=="})).await;
    check(json!({"thumbnail": ""}), json!({"thumbnail": ""})).await;
}

#[tokio::test]
async fn internal_fields_never_leave() {
    let fixture = Fixture::blog().await;
    let created = fixture.create("users", json!({"id": "a", "email": "a", "secret": "s"})).await.unwrap();
    let updated = fixture.update("users", "a", json!({"secret": "t"})).await.unwrap().unwrap();
    let read = fixture.get("users", "a").await.unwrap();
    let list: Json = serde_json::from_slice(&fixture.list(&fixture.query("users")).await.docs).unwrap();
    for document in [created, updated, read, list[0].clone()] {
        assert_eq!(document, json!({"id": "a", "email": "a", "name": null}));
    }
}

#[tokio::test]
async fn words_of_sql_are_names_like_any_other() {
    let schema = "
version: 1
collections:
  order:
    fields:
      id: {type: id, primary: true}
      group: {type: string, index: true}
      select: {type: json, nullable: true}
      value: {type: json, nullable: true}
      rowid: {type: int, nullable: true}
      key: {type: bool, default: false}
";
    let fixture = Fixture::open(schema).await;
    let stored = json!({"id": "1", "group": "by", "select": [1], "value": [2], "rowid": 9, "key": true});
    assert_eq!(fixture.create("order", stored.clone()).await.unwrap(), stored);
    let mut query = fixture.query("order");
    let value = FieldRef::named(&query.collection, "value").unwrap();
    query.predicate = Predicate::ContainsItem { field: value, item: json!(2) };
    let list = fixture.list(&query).await;
    assert_eq!(serde_json::from_slice::<Json>(&list.docs).unwrap(), json!([stored]));
    assert_eq!(list.total, Some(1));
    let updated = fixture.update("order", "1", json!({"group": "having"})).await.unwrap().unwrap();
    assert_eq!(updated["group"], "having");
}

#[tokio::test]
async fn an_absent_document_is_none_for_every_call() {
    let fixture = Fixture::blog().await;
    assert_eq!(fixture.get("posts", "nobody").await, None);
    assert_eq!(fixture.update("posts", "nobody", json!({"views": 1})).await.unwrap(), None);
    assert!(!fixture.delete("posts", "nobody").await.unwrap());
}

#[tokio::test]
async fn a_deleted_document_is_gone() {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    assert!(fixture.delete("users", "anna").await.unwrap());
    assert_eq!(fixture.get("users", "anna").await, None);
}

#[tokio::test]
async fn an_update_without_changes_answers_with_the_document() {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    let before = *fixture.store.commits().borrow();
    let same = fixture.update("users", "anna", json!({})).await.unwrap().unwrap();
    assert_eq!(same["id"], "anna");
    assert!(fixture.store.changes(before, 10).await.unwrap().is_empty());
}

/// Lets through what has the right title.
fn titled(title: &'static str) -> impl Visible {
    Only(move |collection: &Collection| match FieldRef::named(collection, "title") {
        Some(field) => Predicate::ContainsText { field, text: title.to_owned() },
        None => Predicate::FALSE,
    })
}

#[tokio::test]
async fn a_write_whose_result_is_not_readable_answers_with_the_key_alone() {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    let posts = fixture.collection("posts");
    let document = crate::fixture::document(&posts, &json!({"id": "p", "title": "private", "author_id": "anna"}));
    let created = fixture.store.create(&posts, document, &Predicate::TRUE, &titled("public")).await.unwrap();
    assert_eq!(String::from_utf8(created.unwrap().json).unwrap(), r#"{"id":"p"}"#);
    let id = Value::Text("p".to_owned());
    let changes = vec![(FieldRef::named(&posts, "views").unwrap(), Value::Int(3))];
    let updated = fixture.store.update(&posts, &id, changes, &Predicate::TRUE, &titled("public")).await.unwrap();
    assert_eq!(String::from_utf8(updated.unwrap().json).unwrap(), r#"{"id":"p"}"#);
    let projection = Projection::default();
    assert_eq!(fixture.store.get(&posts, &id, &projection, &titled("public")).await.unwrap(), None);
    assert!(fixture.store.get(&posts, &id, &projection, &titled("priv")).await.unwrap().is_some());
}

#[tokio::test]
async fn a_guard_keeps_a_write_from_happening() {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    let users = fixture.collection("users");
    let id = Value::Text("anna".to_owned());
    let name = FieldRef::named(&users, "name").unwrap();
    let guards = [Predicate::FALSE, Predicate::IsNull(name.clone()).negated()];
    for guard in guards {
        let changes = vec![(name.clone(), Value::Text("Eve".to_owned()))];
        assert!(fixture.store.update(&users, &id, changes, &guard, &Everything).await.unwrap().is_none());
        assert!(!fixture.store.delete(&users, &id, &guard).await.unwrap());
    }
    assert_eq!(fixture.get("users", "anna").await.unwrap()["name"], Json::Null);
}

#[tokio::test]
async fn a_projection_shows_what_was_asked_and_the_key() {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    let users = fixture.collection("users");
    let fields = Some(vec![FieldRef::named(&users, "name").unwrap()]);
    let projection = Projection { fields, expand: Vec::new() };
    let found = fixture.store.get(&users, &Value::Text("anna".to_owned()), &projection, &Everything).await.unwrap();
    assert_eq!(String::from_utf8(found.unwrap()).unwrap(), r#"{"id":"anna","name":null}"#);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    /// Neither reading nor the feed loses a bit, near zero and near infinity least of all.
    #[test]
    fn every_float_survives(numbers in proptest::collection::vec(proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL, 20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::open("
version: 1
collections:
  measures:
    fields:
      id: {type: int, primary: true}
      number: {type: float}
").await;
            let measures = fixture.collection("measures");
            for (id, number) in numbers.iter().enumerate() {
                fixture.create("measures", json!({"id": id, "number": number})).await.unwrap();
                let id = Value::Int(id as i64);
                let read = fixture.store.get(&measures, &id, &Projection::default(), &Everything).await.unwrap().unwrap();
                let text = String::from_utf8(read).unwrap();
                let digits = text.split(':').nth(2).unwrap().trim_end_matches('}');
                assert_eq!(digits.parse::<f64>().unwrap(), *number, "{text}");
                let before = *fixture.store.commits().borrow();
                fixture.store.delete(&measures, &id, &Predicate::TRUE).await.unwrap();
                let change = fixture.store.changes(before, 1).await.unwrap().remove(0);
                assert_eq!(change.old_value(&measures, "number"), Some(Value::Float(*number)));
            }
        });
    }
}
