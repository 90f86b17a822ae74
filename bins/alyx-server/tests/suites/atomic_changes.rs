//! Operators in updates, over the wire: no change is lost, what comes of them is what a model says, and neither
//! rules nor fields that are hidden can be got around by them.

use alyx_testing::{Client, Socket, TestServer, Value, json};

use crate::random::Random;

const SCHEMA: &str = r#"
version: 1
collections:
  things:
    fields:
      id: {type: int, primary: true}
      count: {type: int, nullable: true}
      stock: {type: int, min: 0, max: 100, default: 10}
      place: {type: int, nullable: true, unique: true}
      score: {type: float, nullable: true}
      name: {type: string, nullable: true}
      seen: {type: timestamp, nullable: true}
      day: {type: date, nullable: true}
      list: {type: json, nullable: true}
      tags: {type: json, items: string, nullable: true}
      hidden: {type: int, default: 7, max: 100, read: "auth.role == 'admin'"}
      sealed: {type: int, default: 7, write: "auth.role == 'admin'"}
      inner: {type: int, default: 7, internal: true}
      updated_at: {type: timestamp, onUpdate: now}
    rules: {read: "doc.name != 'secret'", create: "true", update: "true"}
  guarded:
    fields:
      id: {type: int, primary: true}
      level: {type: int, default: 0}
      role: {type: string, default: "user"}
      tags: {type: json, items: string, nullable: true}
    rules:
      read: "true"
      create: "true"
      update: "!(request.body.level > 5) && request.body.role != 'admin' && !('admin' in request.body.tags)"
  counted:
    fields:
      id: {type: int, primary: true}
      views: {type: int, default: 0}
      title: {type: string, default: ""}
    rules: {read: "true", create: "true", update: "request.body.all(key, key == 'views') && request.body.views['$inc'] == 1"}
"#;

fn server() -> TestServer {
    let server = TestServer::start(SCHEMA);
    for collection in ["things", "guarded", "counted"] {
        server.post(&format!("/api/collections/{collection}"), &json!({"id": 1})).expect_status(201);
    }
    server
}

const THING: &str = "/api/collections/things/1";

/// What is wrong with the fields of a body that is refused, each with its code.
fn faults(client: &Client, body: &Value, status: u16) -> Vec<(String, String)> {
    let answer = client.patch(THING, body).expect_status(status).json();
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    let details = answer["details"].as_array().into_iter().flatten();
    details.map(|detail| (text(&detail["field"]), text(&detail["code"]))).collect()
}

#[track_caller]
fn check_refused(client: &Client, body: &Value, status: u16, expected: &[(&str, &str)]) {
    let told = faults(client, body, status);
    let told: Vec<_> = told.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
    assert_eq!(told, expected, "{body}");
}

#[test]
fn sixteen_clients_at_once_lose_no_change() {
    let server = server();
    let address = server.address();
    std::thread::scope(|scope| {
        for client in 0..16 {
            scope.spawn(move || {
                let caller = Client::new(address);
                for number in 0..50 {
                    let body = json!({"count": {"$inc": 1}, "list": {"$addToSet": client * 50 + number}, "score": {"$inc": 0.5}});
                    caller.patch(THING, &body).expect_status(200);
                }
            });
        }
    });
    let thing = server.get(THING).json();
    assert_eq!((&thing["count"], &thing["score"]), (&json!(800), &json!(400.0)));
    let mut items: Vec<i64> = thing["list"].as_array().unwrap().iter().map(|item| item.as_i64().unwrap()).collect();
    items.sort_unstable();
    assert_eq!(items, (0..800).collect::<Vec<_>>());
}

#[test]
fn a_stock_is_never_sold_twice() {
    let server = server();
    let address = server.address();
    let sold: usize = std::thread::scope(|scope| {
        let buyers = (0..8).map(|_| {
            scope.spawn(move || {
                let buyer = Client::new(address);
                (0..5).filter(|_| buyer.patch(THING, &json!({"stock": {"$inc": -1}})).status == 200).count()
            })
        });
        buyers.collect::<Vec<_>>().into_iter().map(|buyer| buyer.join().expect("no buyer fails")).sum()
    });
    assert_eq!((sold, &server.get(THING).json()["stock"]), (10, &json!(0)));
    check_refused(&server.client(), &json!({"stock": {"$inc": -1}}), 400, &[("stock", "MIN")]);
}

#[test]
fn one_fault_and_nothing_is_written() {
    let server = server();
    let client = server.client();
    client.patch(THING, &json!({"count": i64::MAX, "place": 1})).expect_status(200);
    server.post("/api/collections/things", &json!({"id": 2, "place": 2})).expect_status(201);
    let before = server.get(THING).json();
    let body = json!({
        "count": {"$inc": 1}, "stock": {"$mul": 11}, "list": {"$push": 1}, "name": "new", "seen": {"$max": "2030-01-01T00:00:00Z"},
    });
    check_refused(&client, &body, 400, &[("count", "RANGE"), ("stock", "MAX")]);
    check_refused(&client, &json!({"place": {"$inc": 1}, "stock": {"$inc": 1}}), 409, &[("place", "TAKEN")]);
    let body = json!({
        "id": {"$inc": 1}, "count": {"$add": 1}, "stock": {"$inc": 1, "$mul": 2}, "name": {"$push": "a"}, "tags": {"$push": 1},
        "list": {"$ref": "#"}, "inner": {"$inc": 1}, "none": {"$inc": 1}, "seen": {"$min": "soon"},
    });
    check_refused(
        &client,
        &body,
        400,
        &[
            ("id", "READ_ONLY"),
            ("count", "UNKNOWN_OPERATOR"),
            ("stock", "OPERATOR_NOT_ALLOWED"),
            ("name", "OPERATOR_NOT_ALLOWED"),
            ("seen", "FORMAT"),
            ("list", "UNKNOWN_OPERATOR"),
            ("tags", "TYPE"),
            ("inner", "UNKNOWN_FIELD"),
            ("none", "UNKNOWN_FIELD"),
        ],
    );
    assert_eq!(server.get(THING).json(), before);
    let created = client.post("/api/collections/things", &json!({"id": 3, "count": {"$inc": 1}, "list": {"$push": 1}}));
    assert_eq!(created.expect_status(400).json()["details"].as_array().map(Vec::len), Some(2));
    client.get("/api/collections/things/3").expect_status(404);
    client.patch("/api/collections/things/3", &json!({"count": {"$inc": 1}})).expect_status(404);
}

#[test]
fn a_rule_that_speaks_of_the_new_value_refuses_every_operator() {
    let server = server();
    let (client, path) = (server.client(), "/api/collections/guarded/1");
    let plain = json!({"level": 5, "role": "editor", "tags": ["a"]});
    client.patch(path, &plain).expect_status(200);
    for (field, operators) in [
        ("level", vec![json!({"$inc": 1}), json!({"$max": 1}), json!({"$mul": 1})]),
        ("role", vec![json!({"$max": "admin"}), json!({"$min": "admin"})]),
        ("tags", vec![json!({"$push": "admin"}), json!({"$addToSet": {"$each": ["admin"]}}), json!({"$pull": "b"})]),
    ] {
        for operator in operators {
            let mut body = plain.clone();
            body[field] = operator;
            client.patch(path, &body).expect_status(401);
            server.admin().patch(path, &body).expect_status(200);
            client.patch(path, &plain).expect_status(200);
        }
    }
}

#[test]
fn a_rule_can_allow_one_operator_alone() {
    let server = server();
    let (client, path) = (server.client(), "/api/collections/counted/1");
    assert_eq!(client.patch(path, &json!({"views": {"$inc": 1}})).expect_status(200).json()["views"], 1);
    for body in [
        json!({"views": {"$inc": 2}}),
        json!({"views": {"$inc": 1}, "title": "x"}),
        json!({"views": {"$mul": 1}}),
        json!({"views": 1}),
        json!({"views": {"$max": 100}}),
    ] {
        client.patch(path, &body).expect_status(401);
    }
    assert_eq!(client.get(path).json()["views"], 1);
}

#[test]
fn ac19_an_operator_tells_nothing_of_what_the_caller_may_not_read() {
    let server = server();
    let client = server.client();
    for operator in [json!({"$inc": 1}), json!({"$inc": 94}), json!({"$max": 8}), json!({"$mul": 100})] {
        check_refused(&client, &json!({ "hidden": operator }), 401, &[("hidden", "FIELD_NOT_READABLE")]);
        let body = json!({"hidden": operator, "sealed": operator, "count": {"$inc": 1}});
        check_refused(&client, &body, 401, &[("sealed", "FIELD_NOT_WRITABLE")]);
    }
    check_refused(&client, &json!({"sealed": {"$inc": 1}}), 401, &[("sealed", "FIELD_NOT_WRITABLE")]);
    assert_eq!(client.get(THING).json()["count"], Value::Null);
    client.patch(THING, &json!({"hidden": 9})).expect_status(200);
    let admin = server.admin();
    assert_eq!(admin.patch(THING, &json!({"hidden": {"$inc": 1}})).expect_status(200).json()["hidden"], 10);
    // A document that is not readable can be set, and takes no operator.
    let made = json!({"id": 5, "name": "secret", "stock": 100});
    client.post("/api/collections/things", &made).expect_status(201);
    let secret = "/api/collections/things/5";
    for body in [json!({"stock": {"$inc": 1}}), json!({"stock": {"$inc": -1}}), json!({"list": {"$push": 1}})] {
        client.patch(secret, &body).expect_status(404);
    }
    assert_eq!(client.patch(secret, &json!({"stock": 99})).expect_status(200).json(), json!({"id": 5}));
    assert_eq!(admin.get(secret).json()["stock"], 99);
}

#[test]
fn live_queries_and_the_time_of_the_update_follow() {
    let server = server();
    let mut socket = Socket::open(server.address(), None);
    let mut live = socket.subscribe(&json!({"collection": "things", "filter": {"count": {"$gte": 2}}}));
    assert!(live.documents.is_empty());
    let before = server.get(THING).json();
    server.client().patch(THING, &json!({"count": {"$inc": 1}})).expect_status(200);
    let after = server.client().patch(THING, &json!({"count": {"$inc": 1}})).expect_status(200).json();
    assert!(before["updated_at"].as_str() <= after["updated_at"].as_str());
    let delta = socket.wait("delta");
    live.apply(&delta);
    assert_eq!(live.documents.into_values().collect::<Vec<_>>(), [after]);
}

#[test]
fn operators_work_in_batches_and_in_transactions_and_never_conflict_unread() {
    let server = server();
    let client = server.client();
    let update = |data: Value| json!({"op": "update", "collection": "things", "id": 1, "data": data});
    let operations = json!([update(json!({"count": {"$inc": 1}})), update(json!({"count": {"$mul": 5}}))]);
    let done = client.post("/api/batch", &json!({ "operations": operations })).expect_status(200).json();
    assert_eq!((&done["results"][0]["count"], &done["results"][1]["count"]), (&json!(1), &json!(5)));
    let failing = json!([update(json!({"count": {"$inc": 1}})), update(json!({"stock": {"$inc": 500}}))]);
    client.post("/api/batch", &json!({ "operations": failing })).expect_status(400);
    let begun = client.post("/api/transactions", &json!({})).expect_status(201).json();
    let id = begun["transaction_id"].as_str().expect("it has an id");
    let inside = server.client().with_header("X-Alyx-Transaction", id);
    // Another write after its snapshot: what has not been read does not conflict, and is not lost.
    inside.get("/api/collections/guarded/1").expect_status(200);
    client.patch(THING, &json!({"count": {"$inc": 10}})).expect_status(200);
    assert_eq!(inside.patch(THING, &json!({"count": {"$inc": 1}})).expect_status(200).json()["count"], 16);
    assert_eq!(
        inside.patch(THING, &json!({"stock": {"$inc": -11}})).expect_status(400).error_code(),
        "VALIDATION_ERROR"
    );
    assert_eq!(inside.get(THING).json()["count"], 16);
    assert_eq!(client.get(THING).json()["count"], 15);
    client.post(&format!("/api/transactions/{id}/commit"), &json!({})).expect_status(200);
    assert_eq!((&client.get(THING).json()["count"], &client.get(THING).json()["stock"]), (&json!(16), &json!(10)));
}

/// One random operator on a field, and what a model makes of the stored value.
fn random_change(random: &mut Random, stored: &Value) -> (&'static str, Value, Value) {
    let field = *random.pick(&["count", "score", "name", "day", "list", "tags"]);
    let (operator, expected) = match field {
        "count" | "score" => number(random, field, &stored[field]),
        "list" | "tags" => list(random, field, &stored[field]),
        _ => text(random, field, &stored[field]),
    };
    (field, operator, expected)
}

fn number(random: &mut Random, field: &str, stored: &Value) -> (Value, Value) {
    let whole = random.below(41) as f64 - 20.0;
    let by = if field == "count" { whole } else { whole / 4.0 };
    let old = stored.as_f64();
    let (name, new) = match random.below(4) {
        0 => ("$inc", old.unwrap_or(0.0) + by),
        1 if old.is_none_or(|old| old.abs() < 1e6) => ("$mul", old.unwrap_or(0.0) * by),
        2 => ("$min", old.map_or(by, |old| if by < old { by } else { old })),
        _ => ("$max", old.map_or(by, |old| if by > old { by } else { old })),
    };
    let json = |number: f64| if field == "count" { json!(number as i64) } else { json!(number + 0.0) };
    (json!({ name: json(by) }), json(new))
}

fn text(random: &mut Random, field: &str, stored: &Value) -> (Value, Value) {
    let given = match field {
        "day" => format!("20{:02}-0{}-1{}", random.below(100), random.below(9) + 1, random.below(10)),
        _ => random.text(&['a', 'B', 'z', 'é', '😀', ' '], 4),
    };
    let greatest = random.below(2) == 0;
    let chosen = match stored.as_str() {
        Some(old) if greatest == (old.as_bytes() >= given.as_bytes()) => old.to_owned(),
        _ => given.clone(),
    };
    (json!({ (if greatest { "$max" } else { "$min" }): given }), json!(chosen))
}

fn list(random: &mut Random, field: &str, stored: &Value) -> (Value, Value) {
    let all = [json!("a"), json!("b"), json!(""), json!(null), json!(1), json!(1.5), json!([1]), json!({"k": [null]})];
    let items = if field == "tags" { &all[..3] } else { &all[..] };
    let given: Vec<Value> = (0..random.below(4)).map(|_| random.pick(items).clone()).collect();
    let one = random.pick(items).clone();
    let old = stored.as_array().cloned();
    let add = |with: &[Value], once: bool| {
        let mut list = old.clone().unwrap_or_default();
        for item in with {
            if !once || !list.contains(item) {
                list.push(item.clone());
            }
        }
        json!(list)
    };
    match random.below(5) {
        0 => (json!({"$push": one}), add(&[one], false)),
        1 => (json!({"$push": {"$each": given}}), add(&given, false)),
        2 => (json!({"$addToSet": one}), add(&[one], true)),
        3 => (json!({"$addToSet": {"$each": given}}), add(&given, true)),
        _ => {
            let left = old.clone().map(|list| list.into_iter().filter(|item| *item != one).collect::<Vec<_>>());
            (json!({"$pull": one}), json!(left))
        }
    }
}

#[test]
fn the_server_makes_of_a_document_what_the_model_makes() {
    let server = server();
    let client = server.client();
    let mut random = Random(20_261_124);
    let mut stored = client.get(THING).json();
    let steps = if std::env::var_os("ALYX_TEST_FULL").is_some() { 5000 } else { 400 };
    for step in 0..steps {
        let mut body = json!({});
        for _ in 0..=random.below(3) {
            let (field, operator, expected) = random_change(&mut random, &stored);
            if body.get(field).is_none() {
                body[field] = operator;
                stored[field] = expected;
            }
        }
        // Now and then a value, so that lists stay short and nulls come back.
        if random.below(8) == 0 {
            let field = *random.pick(&["count", "score", "name", "day", "list", "tags"]);
            body[field] = Value::Null;
            stored[field] = Value::Null;
        }
        let mut answer = client.patch(THING, &body).expect_status(200).json();
        answer["updated_at"] = stored["updated_at"].clone();
        assert_eq!(answer, stored, "step {step}: {body}");
    }
}
