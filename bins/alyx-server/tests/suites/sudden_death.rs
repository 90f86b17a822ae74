//! `kill -9` under 64 writers: what was acknowledged is there, nothing is half there.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use alyx_schema::parse_schema;
use alyx_store::{Change, Operation, Store, StoreOptions};
use alyx_testing::{Client, TestServer, Value, is_full, json, record};

use crate::random::Random;

const SCHEMA: &str = r#"
version: 1
collections:
  pairs:
    fields:
      id: {type: string, primary: true}
      left: {type: string}
      right: {type: string}
      round: {type: int, index: true}
    rules: {read: "true", create: "true", update: "true", delete: "true"}
"#;
const PATH: &str = "/api/collections/pairs";
const WRITERS: usize = 64;

/// What a writer was told: the last acknowledged state of each of its documents, and what is in doubt.
#[derive(Default)]
struct Ledger {
    acknowledged: HashMap<String, Option<String>>,
    in_doubt: HashMap<String, Option<String>>,
}

/// Writes until the server is gone; each writer has documents of its own.
fn write(address: SocketAddr, writer: usize, round: usize, done: &AtomicUsize) -> Ledger {
    let client = Client::new(address);
    let mut random = Random((round * WRITERS + writer) as u64);
    let mut ledger = Ledger::default();
    for step in 0.. {
        let id = format!("r{round}-w{writer}-{}", if step < 3 { step } else { random.below(step) });
        let text = format!("{step}-{}", random.next());
        let exists = ledger.acknowledged.get(&id).is_some_and(Option::is_some);
        let body = json!({"id": id, "left": text, "right": text, "round": round});
        let change = json!({"left": text, "right": text});
        let one = format!("{PATH}/{id}");
        let (sent, after) = match (exists, random.below(5)) {
            (false, _) => (client.try_send("POST", PATH, Some(&body)), Some(text)),
            (true, 0) => (client.try_send("DELETE", &one, None), None),
            (true, _) => (client.try_send("PATCH", &one, Some(&change)), Some(text)),
        };
        match sent {
            Ok(response) => {
                assert!((200..300).contains(&response.status), "{}: {}", response.status, response.text());
                ledger.acknowledged.insert(id, after);
                done.fetch_add(1, Ordering::Relaxed);
            }
            Err(_) => {
                ledger.in_doubt.insert(id, after);
                return ledger;
            }
        }
    }
    ledger
}

fn check_documents(client: &Client, ledgers: &[Ledger], round: usize) {
    let mut docs = HashMap::new();
    let mut offset = 0;
    loop {
        let path = format!("{PATH}?filter=round:eq:{round}&limit=1000&offset={offset}");
        let page = client.get(&path).expect_status(200).json();
        let found = page["docs"].as_array().expect("docs is a list");
        for doc in found {
            assert_eq!(doc["left"], doc["right"], "round {round}: half a write in {doc}");
            docs.insert(text(&doc["id"]), text(&doc["left"]));
        }
        offset += found.len();
        if found.is_empty() {
            break;
        }
    }
    for ledger in ledgers {
        for (id, acknowledged) in &ledger.acknowledged {
            let stored = docs.remove(id);
            let doubtful = ledger.in_doubt.get(id).is_some_and(|state| *state == stored);
            assert!(stored == *acknowledged || doubtful, "round {round}: {id} is {stored:?}, not {acknowledged:?}");
        }
        for (id, state) in &ledger.in_doubt {
            let stored = docs.remove(id);
            assert!(stored.is_none() || stored == *state, "round {round}: {id} is {stored:?}");
        }
    }
    assert!(docs.is_empty(), "round {round}: documents that nobody wrote: {docs:?}");
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text field holds text").to_owned()
}

/// Replays the feed: it must make sense change by change and end at what the table holds.
fn check_feed(server: &TestServer) -> usize {
    let schema = Arc::new(parse_schema("schema.yaml", SCHEMA).expect("the schema is right"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let changes = runtime.block_on(async {
        let store = Store::open(StoreOptions::new(server.database()), schema).await.expect("the database opens");
        let mut changes: Vec<Change> = Vec::new();
        loop {
            let after = changes.last().map_or(0, |change| change.position);
            let more = store.changes(after, 10_000).await.expect("the feed can be read");
            if more.is_empty() {
                store.close().await;
                return changes;
            }
            changes.extend(more);
        }
    });
    let mut alive = HashSet::new();
    let mut last = 0;
    for change in &changes {
        assert_eq!(change.position, last + 1, "the feed has a gap or a repetition");
        last = change.position;
        let id = change.document_id.clone();
        let sound = match change.operation {
            Operation::Insert => alive.insert(id),
            Operation::Update => alive.contains(&id),
            Operation::Delete => alive.remove(&id),
        };
        assert!(sound, "{change:?} does not follow from what came before");
    }
    let total = server.get(&format!("{PATH}?limit=1")).json()["total"].as_u64().expect("a total");
    assert_eq!(alive.len() as u64, total, "the feed ends at another set of documents than the table");
    changes.len()
}

#[test]
fn acknowledged_writes_survive_sudden_death_and_none_is_half_there() {
    let rounds = if is_full() { 100 } else { 5 };
    let mut server = TestServer::start(SCHEMA);
    let mut random = Random(9);
    let mut acknowledged = 0;
    for round in 0..rounds {
        let done = Arc::new(AtomicUsize::new(0));
        let ledgers = Arc::new(Mutex::new(Vec::new()));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (address, done, ledgers) = (server.address(), Arc::clone(&done), Arc::clone(&ledgers));
                thread::spawn(move || {
                    let ledger = write(address, writer, round, &done);
                    ledgers.lock().expect("no writer failed").push(ledger);
                })
            })
            .collect();
        let enough = 100 + random.below(900);
        let deadline = Instant::now() + Duration::from_secs(60);
        while done.load(Ordering::Relaxed) < enough && Instant::now() < deadline {
            thread::sleep(Duration::from_micros(200));
        }
        server.kill();
        for writer in writers {
            writer.join().expect("no writer failed");
        }
        server.restart();
        let ledgers = ledgers.lock().expect("no writer failed");
        check_documents(&server.client(), &ledgers, round);
        acknowledged += done.load(Ordering::Relaxed);
    }
    let changes = check_feed(&server);
    assert!(acknowledged > 0 && changes >= acknowledged, "{acknowledged} acknowledged, {changes} in the feed");
    record(&format!(
        "kill -9: {rounds} rounds under {WRITERS} writers, {acknowledged} acknowledged writes, 0 lost, none half there; \
         {changes} changes in the feed, in order and without a gap"
    ));
}
