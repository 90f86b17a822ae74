//! The commonest queries find their index, and slow ones are told which they want.

use alyx_query::{Comparison, Everything, FieldRef, Predicate, Query, SortKey};
use alyx_schema::{Order, Value};
use alyx_store::Advice;

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

async fn advice(equal: &[(&str, Value)], sort: &[&str]) -> Advice {
    let fixture = Fixture::blog().await;
    fixture.store.advise(&query(&fixture, equal, sort), &Everything).await.unwrap()
}

fn anna() -> Value {
    Value::Text("anna".to_owned())
}

#[tokio::test]
async fn the_children_of_one_parent_newest_first_need_no_sort_and_are_counted_in_the_index() {
    let advice = advice(&[("published", Value::Bool(true)), ("author_id", anna())], &["created_at"]).await;
    assert!(advice.is_served, "{advice:#?}");
    let uses = advice.plan.iter().filter(|step| step.contains("COVERING INDEX _alyx_posts_author_id (author_id=?)"));
    assert_eq!(uses.count(), 2, "the page and the count: {advice:#?}");
    assert!(!advice.plan.iter().any(|step| step.contains("TEMP B-TREE")), "{advice:#?}");
}

#[tokio::test]
async fn the_newest_with_a_flag_come_from_the_flags_index() {
    let advice = advice(&[("published", Value::Bool(true))], &["created_at"]).await;
    assert!(advice.is_served, "{advice:#?}");
    assert!(advice.plan.iter().any(|step| step.contains("INDEX posts_by_publication (published=?)")), "{advice:#?}");
    assert!(!advice.plan.iter().any(|step| step.contains("TEMP B-TREE")), "{advice:#?}");
}

#[tokio::test]
async fn a_query_without_an_index_is_told_which_it_wants() {
    let advice = advice(&[("published", Value::Bool(true)), ("title", anna())], &["views"]).await;
    assert!(!advice.is_served, "{advice:#?}");
    insta::assert_snapshot!(advice.wanted.unwrap(), @"
    collections:
      posts:
        indexes:
          - {name: posts_by_title_published_views, fields: [title, published, views], order: desc}
    ");
}

#[tokio::test]
async fn a_listing_by_the_primary_key_is_served() {
    assert!(advice(&[], &[]).await.is_served);
}
