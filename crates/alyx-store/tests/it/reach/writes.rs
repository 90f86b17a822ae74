//! Guards of writes that ask other documents, and what their callers see of the result.

use alyx_query::{Comparison, Everything, FieldRef, Predicate};
use alyx_schema::{Collection, Value};
use alyx_testing::json;

use super::TEAMS;
use crate::fixture::{Fixture, Only, document};

/// Whether somebody is called this.
fn somebody(fixture: &Fixture, person: &str) -> Predicate {
    let members = fixture.collection("members");
    let field = FieldRef::named(&members, "person").unwrap();
    let predicate = Predicate::Compare { field, comparison: Comparison::Eq, value: Value::Text(person.to_owned()) };
    Predicate::Exists { collection: members, predicate: Box::new(predicate) }
}

async fn with_anna() -> Fixture {
    let fixture = Fixture::open(TEAMS).await;
    fixture.create("teams", json!({"id": "t0"})).await.unwrap();
    fixture.create("members", json!({"id": "m", "team_id": "t0", "person": "anna"})).await.unwrap();
    fixture
}

#[tokio::test]
async fn a_create_is_stored_only_where_its_guard_holds() {
    let fixture = with_anna().await;
    let posts = fixture.collection("posts");
    let post = |id: &str| document(&posts, &json!({"id": id, "owner": "anna"}));
    for (id, person, expected) in [("p1", "anna", true), ("p2", "bert", false)] {
        let guard = somebody(&fixture, person);
        let written = fixture.store.create(&posts, post(id), &guard, &Everything).await.unwrap();
        assert_eq!(written.is_some(), expected, "{id}");
        assert_eq!(fixture.get("posts", id).await.is_some(), expected, "{id}");
    }
    let never = fixture.store.create(&posts, post("p3"), &Predicate::FALSE, &Everything).await.unwrap();
    assert!(never.is_none());
    assert_eq!(
        fixture.store.judge_alone(&posts, &[&somebody(&fixture, "anna"), &Predicate::FALSE]).await.unwrap(),
        [true, false]
    );
}

#[tokio::test]
async fn what_a_write_answers_is_asked_of_the_database_where_it_must_be() {
    let fixture = with_anna().await;
    let posts = fixture.collection("posts");
    for (id, person, expected) in [("p1", "anna", r#""owner":"x""#), ("p2", "bert", r#"{"id":"p2"}"#)] {
        let rule = somebody(&fixture, person);
        let visible = Only(|_: &Collection| rule.clone());
        let post = document(&posts, &json!({"id": id, "owner": "x"}));
        let written = fixture.store.create(&posts, post, &Predicate::TRUE, &visible).await.unwrap().unwrap();
        let json = String::from_utf8(written.json).unwrap();
        assert!(json.contains(expected), "{json}");
    }
}

#[tokio::test]
async fn updates_and_deletes_touch_only_what_their_guard_lets_through() {
    let fixture = with_anna().await;
    let posts = fixture.collection("posts");
    fixture.create("posts", json!({"id": "p", "owner": "anna"})).await.unwrap();
    let id = Value::Text("p".to_owned());
    let changes = || vec![(FieldRef::named(&posts, "owner").unwrap(), Value::Text("bert".to_owned()))];
    let (anna, bert) = (somebody(&fixture, "anna"), somebody(&fixture, "bert"));
    let denied = fixture.store.update(&posts, &id, changes(), &bert, &Everything).await.unwrap();
    assert!(denied.is_none());
    assert_eq!(fixture.get("posts", "p").await.unwrap()["owner"], "anna");
    assert!(fixture.store.update(&posts, &id, changes(), &anna, &Everything).await.unwrap().is_some());
    assert!(!fixture.store.delete(&posts, &id, &bert).await.unwrap());
    assert!(fixture.store.delete(&posts, &id, &anna).await.unwrap());
    assert_eq!(fixture.store.judge(&posts, &id, &[&anna]).await.unwrap(), None, "it is gone");
}
