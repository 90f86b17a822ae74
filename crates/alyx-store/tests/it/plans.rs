//! The commonest queries are answered by an index, without a sort.

use alyx_query::{Comparison, FieldRef, Predicate, Query, SortKey};
use alyx_schema::{Order, Value};

use crate::fixture::Fixture;

fn query(fixture: &Fixture, equal: &[(&str, Value)], sort: &[&str]) -> Query {
    let mut query = fixture.query("posts");
    let field = |name: &str| FieldRef::named(&query.collection, name).unwrap();
    let equal = equal.iter().map(|(name, value)| Predicate::Compare {
        field: field(name),
        comparison: Comparison::Eq,
        value: value.clone(),
    });
    let sort = sort.iter().chain([&"id"]).map(|name| SortKey { field: field(name), order: Order::Descending });
    (query.predicate, query.sort) = (Predicate::all(equal.collect()), sort.collect());
    query
}

/// The page of this query comes straight from an index that says `expected`.
async fn check(equal: &[(&str, Value)], sort: &[&str], expected: &str) {
    let fixture = Fixture::blog().await;
    let advice = fixture.store.advise(&query(&fixture, equal, sort)).await.unwrap();
    assert!(!advice.scans && !advice.sorts, "{advice:#?}");
    assert!(advice.plan.iter().any(|step| step.contains(expected)), "{advice:#?}");
}

fn anna() -> Value {
    Value::Text("anna".to_owned())
}

#[tokio::test]
async fn the_children_of_one_parent_newest_first_come_from_the_foreign_key_alone() {
    let equal = [("published", Value::Bool(true)), ("author_id", anna())];
    check(&equal, &["created_at"], "COVERING INDEX _alyx_posts_author_id (author_id=?)").await;
}

#[tokio::test]
async fn the_newest_with_a_flag_come_from_the_flags_index() {
    check(&[("published", Value::Bool(true))], &["created_at"], "COVERING INDEX posts_by_publication (published=?)")
        .await;
}

#[tokio::test]
async fn a_listing_by_the_primary_key_needs_no_sort() {
    check(&[], &[], "INDEX sqlite_autoindex_posts_1").await;
}
