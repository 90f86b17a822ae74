//! Transactions over several calls: what is seen inside and outside, who may, how they end.

use std::{
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use alyx_testing::{Client, Response, Socket, TestServer, Value, json};

/// Accounts are open to all, notes are their owner's.
pub(crate) const SCHEMA: &str = r#"
version: 1
collections:
  users:
    fields:
      id: {type: uuid, primary: true, default: auto}
      email: {type: email, unique: true}
    rules: {create: "true", read: "auth != null"}
  accounts:
    fields:
      id: {type: string, primary: true}
      balance: {type: int}
      label: {type: string, nullable: true, unique: true}
      parent_id: {type: string, nullable: true, references: accounts.id}
    rules: {create: "true", read: "true", update: "true", delete: "true"}
  notes:
    fields:
      id: {type: uuid, primary: true, default: auto}
      text: {type: string}
      owner_id: {type: uuid, references: users.id, onDelete: cascade}
    rules:
      create: doc.owner_id == auth.id
      read: doc.owner_id == auth.id
      update: doc.owner_id == auth.id
      delete: doc.owner_id == auth.id
  closed:
    fields:
      id: {type: uuid, primary: true, default: auto}
      text: {type: string}
"#;

/// The access token of somebody new.
pub(crate) fn sign_up(server: &TestServer, name: &str) -> String {
    let body = json!({"email": format!("{name}@example.com"), "password": "correct horse battery"});
    let made = server.post("/api/auth/register", &body).expect_status(201).json();
    made["tokens"]["access_token"].as_str().expect("it has a token").to_owned()
}

const ACCOUNTS: &str = "/api/collections/accounts";

/// One who is inside of a transaction.
struct Inside {
    /// Calls that are part of it.
    client: Client,
    /// The same caller beside it.
    beside: Client,
    id: String,
}

impl Inside {
    fn begin(server: &TestServer, token: Option<&str>) -> Self {
        Self::at(server.address(), token)
    }

    fn at(address: SocketAddr, token: Option<&str>) -> Self {
        let beside = as_caller(address, token);
        let begun = beside.send("POST", "/api/transactions", None).expect_status(201).json();
        assert!(begun["expires_at"].is_string(), "{begun}");
        let id = begun["transaction_id"].as_str().expect("it has an id").to_owned();
        let client = as_caller(address, token).with_header("X-Alyx-Transaction", &id);
        Self { client, beside, id }
    }

    fn end(&self, how: &str) -> Response {
        self.beside.send("POST", &format!("/api/transactions/{}/{how}", self.id), None)
    }

    fn commit(&self) -> Response {
        self.end("commit")
    }
}

fn as_caller(address: SocketAddr, token: Option<&str>) -> Client {
    let client = Client::new(address);
    match token {
        Some(token) => client.with_token(token),
        None => client,
    }
}

fn start() -> TestServer {
    TestServer::start(SCHEMA)
}

fn account(server: &TestServer, id: &str, balance: i64) {
    server.post(ACCOUNTS, &json!({"id": id, "balance": balance})).expect_status(201);
}

fn one(id: &str) -> String {
    format!("{ACCOUNTS}/{id}")
}

fn balance(client: &Client, id: &str) -> i64 {
    client.get(&one(id)).expect_status(200).json()["balance"].as_i64().expect("it is a number")
}

fn total(client: &Client) -> Value {
    client.get(ACCOUNTS).expect_status(200).json()["total"].clone()
}

/// Asks until it is so.
#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn it_reads_its_own_writes_and_nobody_else_does_before_the_commit() {
    let server = start();
    account(&server, "a", 100);
    let inside = Inside::begin(&server, None);
    inside.client.patch(&one("a"), &json!({"balance": 60})).expect_status(200);
    inside.client.post(ACCOUNTS, &json!({"id": "b", "balance": 40})).expect_status(201);
    assert_eq!((balance(&inside.client, "a"), balance(&inside.client, "b")), (60, 40));
    assert_eq!(total(&inside.client), 2);
    assert_eq!(balance(&inside.beside, "a"), 100);
    inside.beside.get(&one("b")).expect_status(404);
    assert_eq!(total(&inside.beside), 1);

    assert_eq!(inside.commit().expect_status(200).json(), json!({"status": "committed"}));
    assert_eq!((balance(&inside.beside, "a"), balance(&inside.beside, "b")), (60, 40));
    assert_eq!(total(&inside.beside), 2);
}

#[test]
fn what_is_rolled_back_was_never_there() {
    let server = start();
    account(&server, "a", 100);
    let inside = Inside::begin(&server, None);
    inside.client.delete(&one("a")).expect_status(204);
    inside.client.get(&one("a")).expect_status(404);
    assert_eq!(inside.end("rollback").expect_status(200).json(), json!({"status": "rolled_back"}));
    assert_eq!(balance(&inside.beside, "a"), 100);
    assert_eq!(inside.client.get(&one("a")).expect_status(409).error_code(), "TRANSACTION_ENDED");
    assert_eq!(inside.commit().expect_status(409).error_code(), "TRANSACTION_ENDED");
}

#[test]
fn its_moment_stays_while_others_write() {
    let server = start();
    account(&server, "a", 1);
    let inside = Inside::begin(&server, None);
    server.client().patch(&one("a"), &json!({"balance": 2})).expect_status(200);
    account(&server, "later", 1);
    assert_eq!(balance(&inside.client, "a"), 1);
    assert_eq!(total(&inside.client), 1);
    inside.client.get(&one("later")).expect_status(404);
    inside.commit().expect_status(200);
}

#[test]
fn what_was_read_and_changed_by_others_is_a_conflict() {
    let server = start();
    account(&server, "a", 1);
    account(&server, "b", 1);
    let (first, second) = (Inside::begin(&server, None), Inside::begin(&server, None));
    balance(&first.client, "a");
    balance(&second.client, "a");
    first.client.patch(&one("a"), &json!({"balance": 2})).expect_status(200);
    first.commit().expect_status(200);
    let conflict = second.client.patch(&one("a"), &json!({"balance": 3})).expect_status(409);
    assert_eq!(conflict.error_code(), "TRANSACTION_CONFLICT");
    assert_eq!(second.client.get(&one("b")).expect_status(409).error_code(), "TRANSACTION_CONFLICT");
    assert_eq!(second.commit().expect_status(409).error_code(), "TRANSACTION_CONFLICT");
    // It is rolled back already, as who asks for that wants it.
    second.end("rollback").expect_status(200);
    assert_eq!(balance(&server.client(), "a"), 2);
}

#[test]
fn two_cannot_both_rely_on_what_the_other_changes() {
    let server = start();
    account(&server, "a", 50);
    account(&server, "b", 50);
    // Each takes 60 from one of two accounts if there is as much in both.
    let sides = [Inside::begin(&server, None), Inside::begin(&server, None)];
    for inside in &sides {
        assert_eq!(balance(&inside.client, "a") + balance(&inside.client, "b"), 100);
    }
    sides[0].client.patch(&one("a"), &json!({"balance": -10})).expect_status(200);
    sides[0].commit().expect_status(200);
    let late = sides[1].client.patch(&one("b"), &json!({"balance": -10})).expect_status(409);
    assert_eq!(late.error_code(), "TRANSACTION_CONFLICT");
}

#[test]
fn no_update_is_lost_among_eight_who_read_and_write() {
    let server = start();
    account(&server, "a", 0);
    let address = server.address();
    let rounds = 12;
    let loops: Vec<_> = (0..8)
        .map(|_| {
            thread::spawn(move || {
                for _ in 0..rounds {
                    while !increment(address) {}
                }
            })
        })
        .collect();
    loops.into_iter().for_each(|each| each.join().expect("a loop ends"));
    assert_eq!(balance(&server.client(), "a"), 8 * rounds);
}

/// Whether there was no conflict.
fn increment(address: SocketAddr) -> bool {
    let inside = Inside::at(address, None);
    let read = balance(&inside.client, "a");
    let written = inside.client.patch(&one("a"), &json!({"balance": read + 1}));
    if written.status == 409 {
        assert_eq!(written.error_code(), "TRANSACTION_CONFLICT");
        return false;
    }
    written.expect_status(200);
    inside.commit().expect_status(200);
    true
}

#[test]
fn who_leaves_after_a_write_keeps_nobody_waiting_for_long() {
    let server = TestServer::with_schema(SCHEMA).config("database: {transactions: {lease: 200ms}}").start();
    account(&server, "a", 1);
    let inside = Inside::begin(&server, None);
    inside.client.patch(&one("a"), &json!({"balance": 2})).expect_status(200);
    // It waits until the lease is over.
    account(&server, "b", 1);
    assert_eq!(balance(&server.client(), "a"), 1);
    let late = inside.client.patch(&one("a"), &json!({"balance": 3})).expect_status(409);
    assert_eq!(late.error_code(), "TRANSACTION_EXPIRED");
    assert!(late.text().contains("database.transactions.lease"), "{}", late.text());
    assert_eq!(inside.commit().expect_status(409).error_code(), "TRANSACTION_EXPIRED");
}

#[test]
fn one_of_which_nothing_is_heard_ends() {
    let settings = "database: {transactions: {idle_timeout: 300ms, max_open: 1}}";
    let server = TestServer::with_schema(SCHEMA).config(settings).start();
    account(&server, "a", 1);
    let inside = Inside::begin(&server, None);
    let full = server.client().send("POST", "/api/transactions", None).expect_status(503);
    assert_eq!((full.error_code().as_str(), full.header("retry-after")), ("BUSY", Some("1")));
    wait_until("there is room again", || server.client().send("POST", "/api/transactions", None).status == 201);
    let late = inside.client.get(&one("a")).expect_status(409);
    assert_eq!(late.error_code(), "TRANSACTION_EXPIRED");
    assert!(late.text().contains("idle_timeout"), "{}", late.text());
}

#[test]
fn one_that_is_used_all_the_time_ends_too() {
    let server = TestServer::with_schema(SCHEMA).config("database: {transactions: {max_duration: 300ms}}").start();
    account(&server, "a", 1);
    let inside = Inside::begin(&server, None);
    wait_until("it is too old", || inside.client.get(&one("a")).status == 409);
    assert_eq!(inside.commit().expect_status(409).error_code(), "TRANSACTION_EXPIRED");
}

#[test]
fn a_caller_has_only_so_many() {
    let server = TestServer::with_schema(SCHEMA).config("database: {transactions: {max_per_caller: 2}}").start();
    let (ann, bob) = (sign_up(&server, "ann"), sign_up(&server, "bob"));
    let open = [Inside::begin(&server, Some(&ann)), Inside::begin(&server, Some(&ann))];
    let third = open[0].beside.send("POST", "/api/transactions", None).expect_status(429);
    assert_eq!(third.error_code(), "TOO_MANY_TRANSACTIONS");
    Inside::begin(&server, Some(&bob));
    open[0].end("rollback").expect_status(200);
    Inside::begin(&server, Some(&ann));
}

#[test]
fn it_is_nobody_elses() {
    let server = start();
    let (ann, bob) = (sign_up(&server, "ann"), sign_up(&server, "bob"));
    let inside = Inside::begin(&server, Some(&ann));
    let own = json!({"text": "mine", "owner_id": me(&inside.beside)});
    inside.client.post("/api/collections/notes", &own).expect_status(201);
    for other in [Some(bob.as_str()), None, Some(alyx_testing::ADMIN_TOKEN)] {
        let other = as_caller(server.address(), other);
        for how in ["commit", "rollback"] {
            let refused = other.send("POST", &format!("/api/transactions/{}/{how}", inside.id), None);
            assert_eq!(refused.expect_status(404).error_code(), "NOT_FOUND");
        }
        let inside = other.with_header("X-Alyx-Transaction", &inside.id);
        inside.get("/api/collections/accounts").expect_status(404);
    }
    inside.commit().expect_status(200);
    let unknown = server.client().with_header("X-Alyx-Transaction", "no such");
    unknown.get(ACCOUNTS).expect_status(404);
    unknown.with_header("X-Alyx-Transaction", "twice").get(ACCOUNTS).expect_status(400);
}

fn me(client: &Client) -> Value {
    client.get("/api/auth/me").expect_status(200).json()["id"].clone()
}

#[test]
fn ac06_of_many_commits_at_a_time_one_succeeds() {
    let server = start();
    for round in 0..5 {
        let inside = Inside::begin(&server, None);
        inside.client.post(ACCOUNTS, &json!({"id": format!("r{round}"), "balance": 1})).expect_status(201);
        let path = format!("/api/transactions/{}/commit", inside.id);
        let address = server.address();
        let ends: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                thread::spawn(move || Client::new(address).send("POST", &path, None))
            })
            .collect();
        let statuses: Vec<u16> = ends.into_iter().map(|end| end.join().expect("it answers").status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 7, "{statuses:?}");
        assert_eq!(balance(&server.client(), &format!("r{round}")), 1);
    }
}

#[test]
fn calls_at_the_time_of_the_commit_are_in_it_or_refused() {
    let server = start();
    let address = server.address();
    for round in 0..5 {
        let inside = Inside::begin(&server, None);
        let id = inside.id.clone();
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let id = id.clone();
                thread::spawn(move || {
                    let client = Client::new(address).with_header("X-Alyx-Transaction", &id);
                    let name = format!("r{round}w{writer}");
                    (client.post(ACCOUNTS, &json!({"id": name, "balance": 1})).status, name)
                })
            })
            .collect();
        inside.commit().expect_status(200);
        for writer in writers {
            let (status, name) = writer.join().expect("it answers");
            let there = server.get(&one(&name)).status;
            assert!(matches!((status, there), (201, 200) | (409, 404)), "{status} and then {there}");
        }
    }
}

#[test]
fn a_refused_write_leaves_the_rest_as_it_is() {
    let server = start();
    account(&server, "a", 1);
    let inside = Inside::begin(&server, None);
    inside.client.post(ACCOUNTS, &json!({"id": "b", "balance": 1, "label": "x"})).expect_status(201);
    let taken = inside.client.post(ACCOUNTS, &json!({"id": "c", "balance": 1, "label": "x"})).expect_status(409);
    assert_eq!(taken.error_code(), "UNIQUE_VIOLATION");
    inside.client.post(ACCOUNTS, &json!({"id": "d", "balance": "much"})).expect_status(400);
    inside.client.patch(&one("a"), &json!({"parent_id": "nobody"})).expect_status(409);
    inside.client.patch(&one("a"), &json!({"parent_id": "b"})).expect_status(200);
    inside.commit().expect_status(200);
    assert_eq!(server.get(&one("a")).json()["parent_id"], "b");
    server.get(&one("c")).expect_status(404);
}

#[test]
fn the_rules_hold_inside() {
    let server = start();
    let (ann, bob) = (sign_up(&server, "ann"), sign_up(&server, "bob"));
    let inside = Inside::begin(&server, Some(&ann));
    let (ann_id, bob_id) = (me(&inside.beside), me(&as_caller(server.address(), Some(&bob))));
    let notes = "/api/collections/notes";
    let note = inside.client.post(notes, &json!({"text": "mine", "owner_id": ann_id})).expect_status(201).json();
    inside.client.post(notes, &json!({"text": "his", "owner_id": bob_id})).expect_status(403);
    let path = format!("{notes}/{}", note["id"].as_str().expect("it has an id"));
    inside.client.patch(&path, &json!({"text": "changed"})).expect_status(200);
    assert_eq!(inside.client.get(notes).json()["total"], 1);
    inside.client.get("/api/collections/closed").expect_status(403);
    let foreign = Inside::begin(&server, Some(&bob));
    foreign.client.get(&path).expect_status(404);
    inside.commit().expect_status(200);
    as_caller(server.address(), Some(&bob)).patch(&path, &json!({"text": "x"})).expect_status(404);
    // An account is made where mail and passwords are looked after.
    let admin = Inside::begin(&server, Some(alyx_testing::ADMIN_TOKEN));
    let made = json!({"email": "carl@example.com", "password": "correct horse battery"});
    let refused = admin.client.post("/api/collections/users", &made).expect_status(400);
    assert_eq!(refused.error_code(), "OPERATION_NOT_SUPPORTED");
}

#[test]
fn operators_work_inside() {
    let server = start();
    account(&server, "a", 1);
    let inside = Inside::begin(&server, None);
    for _ in 0..3 {
        inside.client.patch(&one("a"), &json!({"balance": {"$inc": 5}})).expect_status(200);
    }
    assert_eq!(balance(&inside.client, "a"), 16);
    assert_eq!(balance(&inside.beside, "a"), 1);
    inside.commit().expect_status(200);
    assert_eq!(balance(&inside.beside, "a"), 16);
}

#[test]
fn who_may_change_nothing_keeps_nobody_waiting() {
    let server = TestServer::with_schema(SCHEMA).config("database: {transactions: {lease: 1h}}").start();
    account(&server, "a", 1);
    let inside = Inside::begin(&server, None);
    inside.client.patch(&one("nobody"), &json!({"balance": 1})).expect_status(404);
    inside.client.post(ACCOUNTS, &json!({"id": "a", "balance": 1})).expect_status(409);
    inside.client.patch(&one("nobody"), &json!({"balance": {"$inc": 1}})).expect_status(404);
    // Would it hold the lease, this would wait for an hour.
    account(&server, "b", 1);
    inside.end("rollback").expect_status(200);
}

#[test]
fn nothing_of_an_open_one_is_left_after_kill_9() {
    let mut server = start();
    account(&server, "a", 1);
    let inside = Inside::begin(&server, None);
    for number in 0..50 {
        inside.client.post(ACCOUNTS, &json!({"id": format!("n{number}"), "balance": 1})).expect_status(201);
    }
    inside.client.patch(&one("a"), &json!({"balance": 2})).expect_status(200);
    server.kill();
    server.restart();
    let client = server.client();
    assert_eq!((total(&client), balance(&client, "a")), (json!(1), 1));
    client.with_header("X-Alyx-Transaction", &inside.id).get(ACCOUNTS).expect_status(404);
}

#[test]
fn a_live_query_hears_of_a_commit_in_one_delta() {
    let server = start();
    account(&server, "a", 1);
    let mut socket = Socket::open(server.address(), None);
    let mut live = socket.subscribe(&json!({"collection": "accounts"}));
    let inside = Inside::begin(&server, None);
    inside.client.post(ACCOUNTS, &json!({"id": "b", "balance": 1})).expect_status(201);
    inside.client.post(ACCOUNTS, &json!({"id": "c", "balance": 1})).expect_status(201);
    inside.client.patch(&one("a"), &json!({"balance": 2})).expect_status(200);
    inside.commit().expect_status(200);
    let delta = socket.wait("delta");
    live.apply(&delta);
    assert_eq!(delta["payload"]["changes"]["inserts"].as_array().map(Vec::len), Some(2), "{delta}");
    assert_eq!(delta["payload"]["changes"]["updates"].as_array().map(Vec::len), Some(1), "{delta}");
    assert_eq!((live.total, live.documents.len()), (3, 3));

    let undone = Inside::begin(&server, None);
    undone.client.delete(&one("a")).expect_status(204);
    undone.end("rollback").expect_status(200);
    account(&server, "d", 1);
    let next = socket.wait("delta");
    assert_eq!(next["payload"]["changes"]["deletes"], json!([]), "{next}");
    live.apply(&next);
    assert_eq!(live.total, 4);
}
