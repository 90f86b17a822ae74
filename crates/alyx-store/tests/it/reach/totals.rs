//! Totals under a rule that asks other documents stay exact while those change.

use std::sync::Arc;

use alyx_query::{Comparison, FieldAt, FieldRef, Predicate, RelatedKey};
use alyx_schema::{Collection, Value};
use alyx_testing::json;

use super::TEAMS;
use crate::fixture::{Fixture, Only};

/// Posts of teams that this person is a member of.
fn of_member(fixture: &Fixture, person: &str) -> Predicate {
    let members = fixture.collection("members");
    let posts = fixture.collection("posts");
    let named = |collection: &Collection, name: &str| FieldRef::named(collection, name).unwrap();
    let link = Predicate::CompareFields {
        left: FieldAt { level: 0, field: named(&members, "team_id") },
        comparison: Comparison::Eq,
        right: FieldAt { level: 1, field: named(&posts, "team_id") },
    };
    let field = named(&members, "person");
    let who = Predicate::Compare { field, comparison: Comparison::Eq, value: Value::Text(person.to_owned()) };
    Predicate::Exists { collection: members, predicate: Box::new(Predicate::And(vec![link, who])) }
}

/// Posts of teams of this level.
fn of_level(fixture: &Fixture, level: i64) -> Predicate {
    let (teams, posts) = (fixture.collection("teams"), fixture.collection("posts"));
    let field = FieldRef::named(&teams, "level").unwrap();
    Predicate::Related {
        key: RelatedKey::Field(FieldAt { level: 0, field: FieldRef::named(&posts, "team_id").unwrap() }),
        target_field: FieldRef::primary(&teams),
        predicate: Box::new(Predicate::Compare { field, comparison: Comparison::Eq, value: Value::Int(level) }),
        target: teams,
    }
}

async fn with_posts(count: usize) -> Fixture {
    let fixture = Fixture::open(TEAMS).await;
    for team in ["t0", "t1"] {
        fixture.create("teams", json!({"id": team, "level": 1})).await.unwrap();
    }
    fixture.create("members", json!({"id": "m", "team_id": "t0", "person": "anna"})).await.unwrap();
    let posts = (0..count).map(|number| {
        let post = json!({"id": format!("p{number:04}"), "team_id": format!("t{}", number % 2)});
        fixture.create("posts", post)
    });
    futures_util::future::join_all(posts).await.into_iter().for_each(|post| drop(post.unwrap()));
    fixture
}

async fn total(fixture: &Fixture, predicate: &Predicate) -> u64 {
    let mut query = fixture.query("posts");
    query.limit = 5;
    let list = fixture.store.list(&query, &Only(|_: &Collection| predicate.clone())).await.unwrap();
    list.total.unwrap()
}

#[tokio::test]
async fn a_total_follows_what_changes_in_other_collections() {
    let fixture = with_posts(200).await;
    let (anna, high) = (of_member(&fixture, "anna"), of_level(&fixture, 2));
    for _ in 0..2 {
        assert_eq!((total(&fixture, &anna).await, total(&fixture, &high).await), (100, 0));
    }
    fixture.create("members", json!({"id": "n", "team_id": "t1", "person": "anna"})).await.unwrap();
    assert_eq!(total(&fixture, &anna).await, 200);
    fixture.update("teams", "t1", json!({"level": 2})).await.unwrap();
    assert_eq!(total(&fixture, &high).await, 100);
    fixture.delete("members", "m").await.unwrap();
    assert_eq!(total(&fixture, &anna).await, 100);
    fixture.update("posts", "p0001", json!({"team_id": null})).await.unwrap();
    assert_eq!((total(&fixture, &anna).await, total(&fixture, &high).await), (99, 99));
}

#[tokio::test]
async fn a_total_is_kept_while_nothing_changes_that_it_looks_at() {
    let fixture = with_posts(200).await;
    let anna = of_member(&fixture, "anna");
    assert_eq!(total(&fixture, &anna).await, 100);
    let before = fixture.store.stats().counts_reused;
    fixture.update("teams", "t0", json!({"name": "new"})).await.unwrap();
    assert_eq!(total(&fixture, &anna).await, 100);
    assert_eq!(fixture.store.stats().counts_reused, before + 1);
    fixture.create("members", json!({"id": "o", "team_id": "t1", "person": "bert"})).await.unwrap();
    assert_eq!(total(&fixture, &anna).await, 100);
    assert_eq!(fixture.store.stats().counts_reused, before + 1, "a member came, so it is counted anew");
}

#[tokio::test]
async fn many_and_few_give_the_same_page() {
    let fixture = with_posts(4_100).await;
    fixture.create("members", json!({"id": "x", "team_id": "t1", "person": "bert"})).await.unwrap();
    fixture.create("posts", json!({"id": "p9999", "team_id": "t1"})).await.unwrap();
    let few = Predicate::And(vec![of_member(&fixture, "bert"), of_level(&fixture, 1), owned(&fixture)]);
    assert_eq!(total(&fixture, &few).await, 0);
    assert_eq!(total(&fixture, &of_member(&fixture, "bert")).await, 2_051);
    let mut query = fixture.query("posts");
    query.limit = 3;
    let rule = of_member(&fixture, "bert");
    let visible = Only(|_: &Collection| rule.clone());
    let page = fixture.store.list(&query, &visible).await.unwrap();
    assert_eq!(crate::fixture::ids(&page), ["p0001", "p0003", "p0005"]);
    query.cursor = page.next_cursor;
    let page = fixture.store.list(&query, &visible).await.unwrap();
    assert_eq!(crate::fixture::ids(&page), ["p0007", "p0009", "p0011"]);
}

fn owned(fixture: &Fixture) -> Predicate {
    let posts: Arc<Collection> = fixture.collection("posts");
    Predicate::IsNull(FieldRef::named(&posts, "owner").unwrap()).negated()
}

#[tokio::test]
async fn it_says_how_documents_are_found() {
    let fixture = with_posts(3).await;
    let posts = fixture.collection("posts");
    let anna = fixture.store.explain_predicate(&posts, &of_member(&fixture, "anna")).await.unwrap();
    assert_eq!(anna.sql, r#""posts"."team_id" IN (SELECT d0."team_id" FROM "members" AS d0 WHERE d0."person" = ?)"#);
    assert_eq!(anna.values, [r#""anna""#]);
    assert!(anna.is_served, "{:?}", anna.plan);
    let owned = fixture.store.explain_predicate(&posts, &owned(&fixture)).await.unwrap();
    assert!(!owned.is_served, "{:?}", owned.plan);
}
