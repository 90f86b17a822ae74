//! A process that dies in the middle of its writes: what it was told is there, nothing is half there.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::Arc,
};

use alyx_query::{Everything, Predicate};
use alyx_store::{Operation, Store, StoreOptions};
use serde_json::json;

use crate::fixture::{BLOG, Fixture, document, ids};

/// Says to the copy of this test binary where to write.
const DATABASE: &str = "ALYX_STORE_KILL_DATABASE";

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let fixture = Fixture::blog().await;
    for round in 0..5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::writes_until_it_is_killed", "--nocapture"])
            .env(DATABASE, &fixture.options.path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let acknowledged =
            lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("written ").map(str::to_owned));
        let told: Vec<String> = acknowledged.take(40 + round * 37).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        for id in &told {
            assert!(fixture.get("users", id).await.is_some(), "{id} was acknowledged");
        }
    }
    let mut query = fixture.query("users");
    query.limit = 1000;
    let mut stored = ids(&fixture.list(&query).await);
    let changes = fixture.store.changes(0, 100_000).await.unwrap();
    assert!(changes.windows(2).all(|pair| pair[0].position + 1 == pair[1].position));
    assert!(changes.iter().all(|change| change.operation == Operation::Insert));
    let mut fed: Vec<String> = changes.into_iter().map(|change| change.document_id).collect();
    fed.sort();
    stored.sort();
    assert_eq!(fed.len() as u64, fixture.list(&query).await.total.unwrap(), "one row of the feed a document");
    assert!(stored.iter().all(|id| fed.binary_search(id).is_ok()));
}

/// The other process: alone it is a test of nothing, since no database is named.
#[tokio::test]
async fn writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(DATABASE) else { return };
    let schema = Arc::new(crate::fixture::schema(BLOG));
    let users = schema.collection("users").unwrap().clone();
    let store = Store::open(StoreOptions::new(path), schema).await.unwrap();
    let writers = (0..16).map(async |_| {
        loop {
            let id = alyx_schema::clock::IdGenerator::short_id(&alyx_store::SystemIds);
            let user = document(&users, &json!({"id": id, "email": id}));
            store.create(&users, user, &Predicate::TRUE, &Everything).await.unwrap();
            writeln!(std::io::stdout().lock(), "written {id}").unwrap();
        }
    });
    futures_util::future::join_all(writers).await.into_iter().for_each(|never: ()| never);
}
