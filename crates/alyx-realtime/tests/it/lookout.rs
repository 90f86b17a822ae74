//! What rules of channels look at is looked out for, and nothing else.

use std::time::Duration;

use alyx_realtime::Lookout;
use serde_json::json;

use crate::world::{OPEN, World};

#[tokio::test]
async fn a_commit_wakes_who_looks_at_its_collection_and_nobody_else() {
    let world = World::open(OPEN).await;
    let teams = Lookout::new(&world.store, ["teams".into(), "members".into()].into());
    let users = Lookout::new(&world.store, ["users".into()].into());
    let (mut of_teams, mut of_users) = (teams.changes(), users.changes());
    assert!(world.create("users", &json!({"id": "u0", "name": "a"})).await);
    tokio::time::timeout(Duration::from_secs(20), of_users.changed()).await.expect("it wakes").unwrap();
    assert!(world.create("teams", &json!({"id": "t0"})).await);
    tokio::time::timeout(Duration::from_secs(20), of_teams.changed()).await.expect("it wakes").unwrap();
    // Both followers have seen the first commit by now: only what is looked at counts.
    assert_eq!((*of_teams.borrow(), *of_users.borrow()), (1, 1));
}

#[tokio::test]
async fn where_nothing_is_looked_at_nothing_is_followed() {
    let world = World::open(OPEN).await;
    let lookout = Lookout::new(&world.store, [].into());
    let changes = lookout.changes();
    assert!(world.create("users", &json!({"id": "u0", "name": "a"})).await);
    assert!(!changes.has_changed().unwrap());
}

#[tokio::test]
async fn who_begins_to_look_while_nobody_does_is_told_of_what_comes_then() {
    let world = World::open(OPEN).await;
    let lookout = Lookout::new(&world.store, ["users".into()].into());
    drop(lookout.changes());
    for number in 0..3 {
        assert!(world.create("users", &json!({"id": format!("before{number}"), "name": "a"})).await);
    }
    let mut changes = lookout.changes();
    assert!(world.create("users", &json!({"id": "after", "name": "a"})).await);
    tokio::time::timeout(Duration::from_secs(20), changes.changed()).await.expect("it wakes").unwrap();
}
