//! Sharing, leaving, resuming and being too slow.

use std::{num::NonZeroU32, time::Duration};

use serde_json::json;

use crate::{
    client::Client,
    world::{OPEN, Rules, World},
};

async fn world_of(rules: Rules) -> World {
    let world = World::open(rules).await;
    assert!(world.create("users", &json!({"id": "u0", "name": "a"})).await);
    world
}

async fn post(world: &World, id: &str, published: bool) {
    let post = json!({"id": id, "title": "a", "author_id": "u0", "published": published});
    assert!(world.create("posts", &post).await);
}

/// Waits until everybody has been told of every commit.
async fn settle(world: &World) {
    let (question, _) = world.question(None, &json!({"collection": "users", "limit": 1}));
    Client::new(1).subscribe(world, &question, (0, None)).await;
}

#[tokio::test]
async fn who_asks_the_same_shares_a_query_and_who_may_see_other_things_does_not() {
    let world = world_of(Rules { posts: "doc.published || doc.author_id == auth.id", ..OPEN }).await;
    let (mut first, mut second, mut owner) = (Client::new(9), Client::new(9), Client::new(9));
    let asked = json!({"collection": "posts", "filter": {"title": "a", "published": false}});
    let same = json!({"collection": "posts", "filter": {"published": false, "title": "a"}});
    first.subscribe(&world, &world.question(None, &asked).0, (1, None)).await;
    second.subscribe(&world, &world.question(None, &same).0, (7, None)).await;
    owner.subscribe(&world, &world.question(Some("u0"), &asked).0, (1, None)).await;
    assert_eq!(world.hub.figures().await, (2, 3));
    let public = json!({"collection": "posts", "filter": {"published": true}});
    for (asker, number) in [(None, 8), (Some("u0"), 9), (Some("u1"), 10)] {
        second.subscribe(&world, &world.question(asker, &public).0, (number, None)).await;
    }
    assert_eq!(world.hub.figures().await, (3, 6), "what is published may be read by all");
    post(&world, "p1", false).await;
    settle(&world).await;
    for client in [&mut first, &mut second, &mut owner] {
        client.receive().await;
    }
    assert_eq!([first.received, second.received, owner.received], [0, 0, 1]);
}

#[tokio::test]
async fn nobody_is_told_who_has_left() {
    let world = world_of(OPEN).await;
    let (question, _) = world.question(None, &json!({"collection": "posts"}));
    let (mut stays, mut leaves, gone) = (Client::new(9), Client::new(9), Client::new(9));
    stays.subscribe(&world, &question, (1, None)).await;
    leaves.subscribe(&world, &question, (1, None)).await;
    { gone }.subscribe(&world, &question, (1, None)).await;
    world.hub.unsubscribe(&question, (&leaves.mailbox, 1));
    while world.hub.figures().await.1 > 2 {
        tokio::task::yield_now().await;
    }
    post(&world, "p1", true).await;
    settle(&world).await;
    stays.receive().await;
    leaves.receive().await;
    assert_eq!((stays.received, leaves.received), (1, 0));
    // The connection that is gone was noticed when it should have been told.
    assert!(world.hub.figures().await.1 <= 2);
    world.hub.unsubscribe(&question, (&stays.mailbox, 1));
    drop(stays);
    while world.hub.figures().await.0 > 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_cursor_goes_on_from_where_it_was_and_is_for_one_question() {
    let world = world_of(OPEN).await;
    let (question, _) = world.question(None, &json!({"collection": "posts", "expand": ["author"]}));
    let mut client = Client::new(9);
    client.subscribe(&world, &question, (1, None)).await;
    let cursor = client.held[&1].cursor.clone();
    assert!(client.subscribe(&world, &question, (1, Some(&cursor))).await);
    assert!(world.create("teams", &json!({"id": "t0"})).await, "nobody asks for teams");
    assert!(client.subscribe(&world, &question, (1, Some(&cursor))).await);
    assert!(world.update("users", "u0", ("name", &json!("b"))).await);
    assert!(client.subscribe(&world, &question, (1, Some(&cursor))).await, "an author is shown");
    let (other, _) = world.question(None, &json!({"collection": "posts"}));
    assert!(!client.subscribe(&world, &other, (2, Some(&client.held[&1].cursor.clone()))).await);
    for wrong in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA"] {
        assert!(!client.subscribe(&world, &question, (1, Some(wrong))).await, "{wrong}");
    }
}

#[tokio::test]
async fn who_is_too_slow_is_told_so_and_hears_nothing_more() {
    let world = world_of(OPEN).await;
    let (question, _) = world.question(None, &json!({"collection": "posts"}));
    let mut client = Client::new(2);
    client.subscribe(&world, &question, (1, None)).await;
    for number in 0..5 {
        post(&world, &format!("p{number}"), true).await;
        settle(&world).await;
    }
    client.receive().await;
    assert_eq!(client.received, 2);
    assert_eq!(client.lost.try_recv().map(|lost| lost.0), Some(1));
    assert!(client.lost.try_recv().is_none());
    client.subscribe(&world, &question, (1, None)).await;
    assert_eq!(client.held[&1].total, 5);
}

#[tokio::test]
async fn a_query_that_shows_nothing_begins_when_there_is_something() {
    let world = world_of(Rules { posts: "false", ..OPEN }).await;
    let (question, _) = world.question(None, &json!({"collection": "posts"}));
    let mut client = Client::new(9);
    client.subscribe(&world, &question, (1, None)).await;
    post(&world, "p1", true).await;
    settle(&world).await;
    client.receive().await;
    assert_eq!((client.received, client.held[&1].total), (0, 0));
}

#[tokio::test]
async fn each_commit_is_a_delta_even_when_several_come_at_once() {
    let world = world_of(OPEN).await;
    let (posts, _) = world.question(None, &json!({"collection": "posts", "sort": ["-id"], "limit": 2}));
    let (users, _) = world.question(None, &json!({"collection": "users"}));
    let mut client = Client::new(100);
    client.subscribe(&world, &posts, (1, None)).await;
    client.subscribe(&world, &users, (2, None)).await;
    for number in 0..6 {
        post(&world, &format!("p{number}"), true).await;
        assert!(world.update("users", "u0", ("name", &json!(number.to_string()))).await);
        if number % 2 == 0 {
            settle(&world).await;
        }
    }
    settle(&world).await;
    let order = client.receive().await;
    assert_eq!(order, [1, 2].repeat(6), "one for each commit, in the order of commits");
    assert_eq!(client.held[&1].total, 6);
    assert!(client.held[&1].documents.keys().eq(["\"p4\"", "\"p5\""]));
}

#[tokio::test]
async fn what_the_feed_has_forgotten_begins_anew() {
    let world = World::open_with(OPEN, NonZeroU32::new(2)).await;
    assert!(world.create("users", &json!({"id": "u0", "name": "a"})).await);
    let (question, _) = world.question(None, &json!({"collection": "posts"}));
    let mut client = Client::new(9);
    client.subscribe(&world, &question, (1, None)).await;
    let cursor = client.held[&1].cursor.clone();
    for id in ["p1", "p2", "p3", "p4"] {
        post(&world, id, true).await;
    }
    assert!(!client.subscribe(&world, &question, (1, Some(&cursor))).await);
    assert_eq!(client.held[&1].total, 4);
    let cursor = client.held[&1].cursor.clone();
    post(&world, "p5", true).await;
    assert!(client.subscribe(&world, &question, (1, Some(&cursor))).await);
    assert_eq!(client.held[&1].total, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_commit_while_the_first_one_joins_is_not_missed() {
    let world = world_of(OPEN).await;
    let (question, _) = world.question(None, &json!({"collection": "posts", "limit": 500}));
    for number in 0..300_u64 {
        let mut client = Client::new(9);
        let id = format!("p{number}");
        tokio::join!(client.subscribe(&world, &question, (1, None)), post(&world, &id, true));
        let told = async {
            while client.held[&1].total <= number {
                client.receive().await;
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), told).await.expect("the document is shown");
        world.hub.unsubscribe(&question, (&client.mailbox, 1));
        while world.hub.figures().await.0 > 0 {
            tokio::task::yield_now().await;
        }
    }
}
