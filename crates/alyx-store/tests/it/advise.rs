//! Which index a query is told to want.

use alyx_query::Query;
use alyx_schema::Order;

use crate::fixture::Fixture;

/// Asks about the posts and compares the index that is advised: its fields and whether it descends.
async fn check(parameters: &[(&str, &str)], expected: Option<(&[&str], Order)>) {
    let fixture = Fixture::blog().await;
    let schema = fixture.store.schema();
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let query = Query::from_parameters(&schema, schema.collection("posts").unwrap().clone(), &pairs).unwrap();
    let advice = fixture.store.advise(&query).await.unwrap();
    let index = advice.index.as_ref().map(|index| (index.fields.clone(), index.order));
    let expected = expected.map(|(fields, order)| (fields.iter().map(|name| (*name).into()).collect(), order));
    assert_eq!(index, expected, "{parameters:?}: {advice:?}");
    assert!(!advice.plan.is_empty() && advice.plan.iter().all(|line| !line.contains("d0")), "{advice:?}");
}

#[tokio::test]
async fn what_an_index_serves_wants_no_other() {
    check(&[], None).await;
    check(&[("filter", "id:eq:aaaaaaaaaaaaaa1")], None).await;
    check(&[("filter", "author_id:eq:aaaaaaaaaaaaaa1"), ("sort", "-created_at")], None).await;
    check(&[("filter", "published:eq:true"), ("sort", "-created_at")], None).await;
}

#[tokio::test]
async fn an_equality_comes_before_the_order() {
    let parameters = [("filter", "views:eq:3"), ("sort", "-created_at")];
    check(&parameters, Some((&["views", "created_at"], Order::Descending))).await;
}

#[tokio::test]
async fn an_order_alone_wants_an_index() {
    check(&[("sort", "title")], Some((&["title"], Order::Ascending))).await;
}

#[tokio::test]
async fn a_range_wants_an_index_where_nothing_is_sorted() {
    check(&[("filter", "views:gt:3")], Some((&["views"], Order::Ascending))).await;
}

#[tokio::test]
async fn what_no_index_can_find_wants_none() {
    check(&[("filter", "title:like:%a%")], None).await;
}
