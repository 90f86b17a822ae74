//! Batches: all of the operations, or none of them.

use std::thread;

use alyx_testing::{Client, Response, Socket, TestServer, Value, json};

use crate::transactions::{SCHEMA, sign_up};

const ACCOUNTS: &str = "/api/collections/accounts";

fn batch(client: &Client, operations: &Value) -> Response {
    client.post("/api/batch", &json!({"operations": operations}))
}

fn create(id: &str, balance: i64) -> Value {
    json!({"op": "create", "collection": "accounts", "data": {"id": id, "balance": balance}})
}

fn ids(client: &Client) -> Vec<String> {
    let docs = client.get(ACCOUNTS).expect_status(200).json()["docs"].clone();
    let docs = docs.as_array().expect("there is a list").clone();
    docs.iter().map(|doc| doc["id"].as_str().expect("it has an id").to_owned()).collect()
}

#[test]
fn every_kind_of_operation_is_done_in_order() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    let answer = batch(
        &client,
        &json!([
            create("a", 1),
            create("b", 1),
            {"op": "update", "collection": "accounts", "id": "a", "data": {"balance": 5}},
            {"op": "update", "collection": "accounts", "id": "a", "data": {"balance": {"$inc": 2}}},
            {"op": "upsert", "collection": "accounts", "id": "a", "data": {"label": "old"}},
            {"op": "upsert", "collection": "accounts", "id": "c", "data": {"balance": 9}},
            {"op": "upsert", "collection": "accounts", "data": {"id": "d", "balance": 3}},
            {"op": "delete", "collection": "accounts", "id": "b"},
        ]),
    );
    let results = answer.expect_status(200).json()["results"].clone();
    let results = results.as_array().expect("there are results");
    assert_eq!(results.len(), 8);
    assert_eq!(results[3]["balance"], 7);
    assert_eq!((&results[4]["label"], &results[4]["balance"]), (&json!("old"), &json!(7)));
    assert_eq!(results[5]["id"], "c");
    assert_eq!(results[6]["balance"], 3);
    assert!(results[7].is_null());
    assert_eq!(ids(&client).join(""), "acd");
    assert_eq!(batch(&client, &json!([])).expect_status(200).json(), json!({"results": []}));
}

/// The second operation is refused so, and nothing of the first is left.
#[track_caller]
fn check_refused(server: &TestServer, client: &Client, bad: &Value, (status, code): (u16, &str)) -> Value {
    let before = ids(&server.admin());
    let refused = batch(client, &json!([create("new", 1), bad])).expect_status(status);
    assert_eq!(refused.error_code(), code, "{bad}");
    assert_eq!(ids(&server.admin()), before, "{bad}");
    refused.json()["details"].clone()
}

#[test]
fn nothing_is_kept_where_one_fails_and_that_one_is_named() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    batch(&client, &json!([create("a", 1)])).expect_status(200);
    let faults = [
        (create("a", 2), 409, "UNIQUE_VIOLATION"),
        (json!({"op": "create", "collection": "accounts", "data": {"balance": "x"}}), 400, "VALIDATION_ERROR"),
        (
            json!({"op": "create", "collection": "accounts", "data": {"unknown": 1, "balance": 1}}),
            400,
            "VALIDATION_ERROR",
        ),
        (json!({"op": "update", "collection": "accounts", "id": "nobody", "data": {"balance": 1}}), 404, "NOT_FOUND"),
        (json!({"op": "update", "collection": "accounts", "id": "a", "data": {"id": "z"}}), 400, "VALIDATION_ERROR"),
        (
            json!({"op": "update", "collection": "accounts", "id": "a", "data": {"parent_id": "no"}}),
            409,
            "FOREIGN_KEY_VIOLATION",
        ),
        (json!({"op": "delete", "collection": "accounts", "id": "nobody"}), 404, "NOT_FOUND"),
        (json!({"op": "delete", "collection": "nothing", "id": "a"}), 404, "NOT_FOUND"),
        (json!({"op": "create", "collection": "closed", "data": {"text": "x"}}), 401, "UNAUTHORIZED"),
        (
            json!({"op": "create", "collection": "users", "data": {"email": "x@example.com"}}),
            400,
            "OPERATION_NOT_SUPPORTED",
        ),
        (
            json!({"op": "upsert", "collection": "users", "data": {"email": "x@example.com"}}),
            400,
            "OPERATION_NOT_SUPPORTED",
        ),
        (json!({"op": "upsert", "collection": "accounts", "id": "a", "data": {"id": "b"}}), 400, "VALIDATION_ERROR"),
    ];
    for (bad, status, code) in faults {
        let details = check_refused(&server, &client, &bad, (status, code));
        assert_eq!((&details[0]["field"], &details[0]["code"]), (&json!("operations[1]"), &json!(code)));
    }
    let bad = json!({"op": "create", "collection": "accounts", "data": {"id": "z", "balance": "x"}});
    let details = check_refused(&server, &client, &bad, (400, "VALIDATION_ERROR"));
    assert_eq!(details[1]["field"], "operations[1].data.balance");
}

#[test]
fn all_that_is_wrong_with_its_form_is_told_at_once() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    let refused = batch(
        &client,
        &json!([
            {"op": "replace", "collection": "accounts"},
            7,
            {"op": "create", "data": [], "more": 1},
            {"op": "delete", "collection": "accounts", "data": {}},
            {"op": "create", "collection": "accounts", "id": "a", "data": {}},
            {"op": "update", "collection": "accounts", "id": {"$ne": null}, "data": {}},
        ]),
    );
    let details = refused.expect_status(400).json()["details"].clone();
    let fields: Vec<_> =
        details.as_array().expect("there are details").iter().map(|each| each["field"].clone()).collect();
    let expected = [
        "operations[0].op",
        "operations[1]",
        "operations[2].data",
        "operations[2].collection",
        "operations[2].data",
        "operations[2].more",
        "operations[3].id",
        "operations[3].data",
        "operations[4].id",
        "operations[5].id",
    ];
    assert_eq!(fields, expected);
    for body in [json!({}), json!({"operations": {}}), json!({"operations": [], "more": 1})] {
        assert_eq!(client.post("/api/batch", &body).expect_status(400).error_code(), "VALIDATION_ERROR");
    }
    client.post("/api/batch?x=1", &json!({"operations": []})).expect_status(400);
}

#[test]
fn it_has_a_limit() {
    let server = TestServer::with_schema(SCHEMA).config("database: {transactions: {max_operations: 3}}").start();
    let client = server.client();
    let operations = |count: i64| (0..count).map(|number| create(&format!("n{number}"), 1)).collect::<Value>();
    batch(&client, &operations(3)).expect_status(200);
    let refused = batch(&client, &operations(4)).expect_status(400);
    assert_eq!(refused.json()["details"][0]["code"], "TOO_MANY");
}

#[test]
fn the_rules_judge_each_operation() {
    let server = TestServer::start(SCHEMA);
    let (ann, bob) = (sign_up(&server, "ann"), sign_up(&server, "bob"));
    let (ann, bob) = (server.client().with_token(&ann), server.client().with_token(&bob));
    let id = |client: &Client| client.get("/api/auth/me").expect_status(200).json()["id"].clone();
    let note = |owner: &Value| json!({"op": "create", "collection": "notes", "data": {"text": "x", "owner_id": owner}});
    let made = batch(&ann, &json!([note(&id(&ann))])).expect_status(200).json()["results"][0].clone();
    let foreign = batch(&ann, &json!([note(&id(&ann)), note(&id(&bob))])).expect_status(403);
    assert_eq!(foreign.json()["details"][0]["field"], "operations[1]");
    assert_eq!(ann.get("/api/collections/notes").json()["total"], 1);
    for operation in ["update", "delete"] {
        let mut change = json!({"op": operation, "collection": "notes", "id": made["id"]});
        if operation == "update" {
            change["data"] = json!({"text": "stolen"});
        }
        batch(&bob, &json!([change])).expect_status(404);
    }
    // Where it is not there for him, an upsert creates: and the key is taken.
    let theft = json!({"op": "upsert", "collection": "notes", "id": made["id"], "data": {"text": "stolen", "owner_id": id(&bob)}});
    batch(&bob, &json!([theft])).expect_status(409);
    assert_eq!(ann.get("/api/collections/notes").json()["docs"][0]["text"], "x");
}

#[test]
fn within_a_transaction_it_is_a_part_of_it() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    let begun = client.send("POST", "/api/transactions", None).expect_status(201).json();
    let id = begun["transaction_id"].as_str().expect("it has an id");
    let inside = server.client().with_header("X-Alyx-Transaction", id);
    batch(&inside, &json!([create("a", 1), create("b", 1)])).expect_status(200);
    batch(&inside, &json!([create("c", 1), create("a", 1)])).expect_status(409);
    batch(&inside, &json!([create("d", 1)])).expect_status(200);
    assert_eq!((ids(&inside).join(""), ids(&client).join("")), ("abd".to_owned(), String::new()));
    client.send("POST", &format!("/api/transactions/{id}/commit"), None).expect_status(200);
    assert_eq!(ids(&client).join(""), "abd");
}

#[test]
fn many_at_a_time_wait_for_each_other() {
    let server = TestServer::start(SCHEMA);
    let address = server.address();
    batch(&server.client(), &json!([create("a", 0), create("b", 0)])).expect_status(200);
    let loops: Vec<_> = (0..6)
        .map(|_| {
            thread::spawn(move || {
                let client = Client::new(address);
                for _ in 0..10 {
                    let move_one = |id: &str, by: i64| {
                        json!({"op": "update", "collection": "accounts", "id": id, "data": {"balance": {"$inc": by}}})
                    };
                    batch(&client, &json!([move_one("a", 1), move_one("b", -1)])).expect_status(200);
                }
            })
        })
        .collect();
    loops.into_iter().for_each(|each| each.join().expect("a loop ends"));
    let balance = |id: &str| server.get(&format!("{ACCOUNTS}/{id}")).json()["balance"].clone();
    assert_eq!((balance("a"), balance("b")), (json!(60), json!(-60)));
}

#[test]
fn a_live_query_hears_of_it_in_one_delta() {
    let server = TestServer::start(SCHEMA);
    let mut socket = Socket::open(server.address(), None);
    let mut live = socket.subscribe(&json!({"collection": "accounts", "limit": 1000}));
    let operations: Value = (0..500).map(|number| create(&format!("n{number}"), 1)).collect();
    batch(&server.client(), &operations).expect_status(200);
    live.apply(&socket.wait("delta"));
    assert_eq!((live.total, live.documents.len()), (500, 500));
}
