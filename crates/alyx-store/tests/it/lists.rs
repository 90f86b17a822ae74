//! Pages, totals, order, cursors and relations.

use std::collections::BTreeSet;

use alyx_query::{Comparison, Everything, Expand, FieldRef, Predicate, Query, Relation, SortKey, Visible};
use alyx_schema::{Collection, Order, Value};
use serde_json::{Value as Json, json};

use crate::fixture::{Fixture, Only, ids};

fn sorted(query: &mut Query, keys: &[(&str, Order)]) {
    let keys = keys
        .iter()
        .map(|(name, order)| SortKey { field: FieldRef::named(&query.collection, name).unwrap(), order: *order });
    query.sort = keys.collect();
}

async fn with_posts(count: usize) -> Fixture {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    for number in 0..count {
        let rating = (number % 3 > 0).then(|| (number % 5) as f64 / 2.0);
        let post = json!({"id": format!("p{number:03}"), "author_id": "anna", "views": number % 4, "rating": rating,
            "published": number % 2 == 0});
        fixture.create("posts", post).await.unwrap();
    }
    fixture
}

#[tokio::test]
async fn an_empty_list_is_an_array() {
    let fixture = Fixture::blog().await;
    let list = fixture.list(&fixture.query("posts")).await;
    assert_eq!((list.docs.as_slice(), list.total, list.next_cursor), (&b"[]"[..], Some(0), None));
}

#[tokio::test]
async fn a_page_knows_its_total_and_whether_another_follows() {
    let fixture = with_posts(7).await;
    let mut query = fixture.query("posts");
    query.limit = 3;
    let first = fixture.list(&query).await;
    assert_eq!((ids(&first).len(), first.total, first.next_cursor.is_some()), (3, Some(7), true));
    query.offset = 6;
    let last = fixture.list(&query).await;
    assert_eq!((ids(&last), last.total, last.next_cursor), (vec!["p006".to_owned()], Some(7), None));
    query.total = false;
    assert_eq!(fixture.list(&query).await.total, None);
}

#[tokio::test]
async fn an_offset_counts_documents_and_not_what_a_rule_finds_elsewhere() {
    let fixture = with_posts(5).await;
    for name in ["bert", "cleo"] {
        fixture.user(name).await;
    }
    let users = fixture.collection("users");
    let anyone = Predicate::Not(Box::new(Predicate::IsNull(FieldRef::primary(&users))));
    let rule = Predicate::Exists { collection: users, predicate: Box::new(anyone) };
    let visible = Only(|_: &Collection| rule.clone());
    for (offset, expected) in [(0, &["p000", "p001"][..]), (1, &["p001", "p002"]), (4, &["p004"]), (5, &[])] {
        let mut query = fixture.query("posts");
        (query.limit, query.offset) = (2, offset);
        let list = fixture.store.list(&query, &visible).await.unwrap();
        assert_eq!((ids(&list), list.total), (expected.iter().map(ToString::to_string).collect(), Some(5)), "{offset}");
        assert_eq!(list.next_cursor.is_some(), offset < 3, "from {offset} on");
    }
}

/// Every order visits the same documents by cursor as without, and each once.
#[tokio::test]
async fn cursors_visit_each_document_once_in_every_order() {
    let fixture = with_posts(23).await;
    let order = |bit: u32, choice: u32| if choice >> bit & 1 == 0 { Order::Ascending } else { Order::Descending };
    for choice in 0..8 {
        let (first, second, third) = (order(0, choice), order(1, choice), order(2, choice));
        for keys in [
            vec![("id", first)],
            vec![("views", first), ("id", second)],
            vec![("rating", first), ("id", second)],
            vec![("published", first), ("rating", second), ("id", third)],
        ] {
            let mut query = fixture.query("posts");
            sorted(&mut query, &keys);
            // The place of the next page is known even where the documents do not show it.
            query.fields = (choice % 3 == 0).then(Vec::new);
            let whole = ids(&fixture.list(&query).await);
            query.limit = 4;
            let mut visited = Vec::new();
            loop {
                let page = fixture.list(&query).await;
                visited.extend(ids(&page));
                query.cursor = page.next_cursor;
                if query.cursor.is_none() {
                    break;
                }
            }
            assert_eq!(visited, whole, "{keys:?}");
        }
    }
}

#[tokio::test]
async fn nulls_are_first_ascending_and_last_descending() {
    let fixture = with_posts(4).await;
    let mut query = fixture.query("posts");
    sorted(&mut query, &[("rating", Order::Ascending), ("id", Order::Ascending)]);
    assert_eq!(ids(&fixture.list(&query).await), ["p000", "p003", "p001", "p002"]);
    sorted(&mut query, &[("rating", Order::Descending), ("id", Order::Ascending)]);
    assert_eq!(ids(&fixture.list(&query).await), ["p002", "p001", "p000", "p003"]);
}

#[tokio::test]
async fn a_cursor_misses_nothing_and_repeats_nothing_while_documents_arrive() {
    let fixture = with_posts(20).await;
    let mut query = fixture.query("posts");
    query.limit = 3;
    sorted(&mut query, &[("views", Order::Descending), ("id", Order::Descending)]);
    let mut seen = Vec::new();
    for round in 0.. {
        let page = fixture.list(&query).await;
        seen.extend(ids(&page));
        for (name, views) in [("a", 0), ("z", 3)] {
            let post = json!({"id": format!("{name}{round}"), "author_id": "anna", "views": views});
            fixture.create("posts", post).await.unwrap();
        }
        query.cursor = page.next_cursor;
        if query.cursor.is_none() || round > 60 {
            break;
        }
    }
    let unique: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(unique.len(), seen.len(), "none came twice");
    for number in 0..20 {
        assert!(unique.contains(&format!("p{number:03}")), "p{number:03} was missed");
    }
}

#[tokio::test]
async fn a_filter_counts_what_it_finds() {
    let fixture = with_posts(10).await;
    let mut query = fixture.query("posts");
    let field = FieldRef::named(&query.collection, "published").unwrap();
    query.predicate = Predicate::Compare { field, comparison: Comparison::Eq, value: Value::Bool(true) };
    query.limit = 2;
    let list = fixture.list(&query).await;
    assert_eq!((ids(&list), list.total), (vec!["p000".to_owned(), "p002".to_owned()], Some(5)));
}

fn author(fixture: &Fixture) -> Expand {
    let (posts, users) = (fixture.collection("posts"), fixture.collection("users"));
    Expand {
        name: "author".to_owned(),
        relation: Relation::ToOne {
            field: FieldRef::named(&posts, "author_id").unwrap(),
            target_field: FieldRef::primary(&users),
        },
        target: users,
        nested: Vec::new(),
    }
}

fn editor(fixture: &Fixture) -> Expand {
    let field = FieldRef::named(&fixture.collection("posts"), "editor_id").unwrap();
    let Expand { relation: Relation::ToOne { target_field, .. }, target, .. } = author(fixture) else { unreachable!() };
    Expand { name: "editor".to_owned(), relation: Relation::ToOne { field, target_field }, target, nested: Vec::new() }
}

#[tokio::test]
async fn relations_are_embedded_both_ways() {
    let fixture = with_posts(2).await;
    let mut query = fixture.query("posts");
    query.fields = Some(Vec::new());
    query.expand = vec![author(&fixture), editor(&fixture)];
    let posts: Json = serde_json::from_slice(&fixture.list(&query).await.docs).unwrap();
    let anna = json!({"id": "anna", "email": "anna@example.com", "name": null});
    assert_eq!(posts, json!([{"id": "p000", "author": anna}, {"id": "p001", "author": anna}]), "no editor, no key");

    let mut query = fixture.query("users");
    query.expand = vec![Expand {
        name: "posts_via_author_id".to_owned(),
        relation: Relation::Back {
            field: FieldRef::primary(&fixture.collection("users")),
            target_field: FieldRef::named(&fixture.collection("posts"), "author_id").unwrap(),
        },
        target: fixture.collection("posts"),
        nested: vec![author(&fixture)],
    }];
    let users: Json = serde_json::from_slice(&fixture.list(&query).await.docs).unwrap();
    let posts = users[0]["posts_via_author_id"].as_array().unwrap();
    assert_eq!(posts.len(), 2);
    assert_eq!((&posts[1]["id"], &posts[1]["author"]), (&json!("p001"), &anna));
}

/// Reads posts, but of the users only those called Anna.
fn only_anna() -> impl Visible {
    Only(|collection: &Collection| match FieldRef::named(collection, "name") {
        Some(field) => Predicate::Compare { field, comparison: Comparison::Eq, value: Value::Text("Anna".to_owned()) },
        None => Predicate::TRUE,
    })
}

#[tokio::test]
async fn an_embedded_document_obeys_its_own_rule() {
    let fixture = with_posts(1).await;
    let mut query = fixture.query("posts");
    query.expand = vec![author(&fixture)];
    let read = async |fixture: &Fixture, query: &Query| -> Json {
        let list = fixture.store.list(query, &only_anna()).await.unwrap();
        serde_json::from_slice::<Json>(&list.docs).unwrap()[0].clone()
    };
    assert!(read(&fixture, &query).await.get("author").is_none());
    fixture.update("users", "anna", json!({"name": "Anna"})).await.unwrap();
    assert_eq!(read(&fixture, &query).await["author"]["name"], "Anna");
    let everything = fixture.store.list(&fixture.query("users"), &Everything).await.unwrap();
    assert_eq!(everything.total, Some(1));
}

#[tokio::test]
async fn what_may_not_be_read_is_neither_listed_nor_counted() {
    let fixture = with_posts(1).await;
    let list = fixture.store.list(&fixture.query("users"), &only_anna()).await.unwrap();
    assert_eq!((list.docs.as_slice(), list.total), (&b"[]"[..], Some(0)));
}
