//! Every filter operator on every field type, over the wire.

use alyx_testing::{Client, TestServer, Value, json};

const SCHEMA: &str = r#"
version: 1
collections:
  owners:
    fields:
      id: {type: uuid, primary: true, default: auto}
    rules: {read: "true", create: "true"}
  things:
    fields:
      id: {type: int, primary: true}
      uuid: {type: uuid, nullable: true}
      string: {type: string, nullable: true}
      text: {type: text, nullable: true}
      int: {type: int, nullable: true}
      float: {type: float, nullable: true}
      bool: {type: bool, nullable: true}
      timestamp: {type: timestamp, nullable: true}
      json: {type: json, nullable: true}
      blob: {type: blob, nullable: true}
      short: {type: id, nullable: true}
      email: {type: email, nullable: true}
      url: {type: url, nullable: true}
      date: {type: date, nullable: true}
      select: {type: select, values: [alpha, beta, gamma], nullable: true}
      richtext: {type: richtext, nullable: true}
      owner: {type: relation, collection: owners, onDelete: set null, nullable: true}
    rules: {read: "true", create: "true"}
"#;

const LOW: &str = "00000000-0000-7000-8000-00000000000a";
const HIGH: &str = "00000000-0000-7000-8000-00000000000b";

/// Documents 1 and 2 hold the lower and the higher value of each type, document 3 holds null.
const VALUES: &[(&str, &str, &str)] = &[
    ("uuid", LOW, HIGH),
    ("string", "apple: green", "banana"),
    ("text", "it's 50% off_", "zoë \"quoted\" \\ back"),
    ("int", "-9223372036854775808", "9223372036854775807"),
    ("float", "-0.5", "1e300"),
    ("timestamp", "2026-01-31T08:30:00.000Z", "2026-01-31T08:30:00.001Z"),
    ("short", "aaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbb"),
    ("email", "ann@example.com", "bob@example.com"),
    ("url", "https://example.com/a", "https://example.com/b?c=d:e"),
    ("date", "2025-12-31", "2026-01-01"),
    ("select", "alpha", "beta"),
    ("richtext", "<p>one</p>", "<p>two</p>"),
    ("owner", LOW, HIGH),
];
const NUMBERS: &[&str] = &["int", "float"];

fn server() -> TestServer {
    let server = TestServer::start(SCHEMA);
    for id in [LOW, HIGH] {
        server.post("/api/collections/owners", &json!({ "id": id })).expect_status(201);
    }
    for (id, which) in [(1, 0), (2, 1)] {
        let mut body = json!({"id": id, "bool": which == 1});
        for (field, low, high) in VALUES {
            let text = if which == 0 { low } else { high };
            body[*field] = if NUMBERS.contains(field) { serde_json_number(text) } else { json!(text) };
        }
        body["json"] = if which == 0 { json!(["rust", 1, null]) } else { json!({"b": 1, "a": [true]}) };
        body["blob"] = json!(if which == 0 { "AAEC" } else { "/w==" });
        server.post("/api/collections/things", &body).expect_status(201);
    }
    server.post("/api/collections/things", &json!({"id": 3})).expect_status(201);
    server
}

fn serde_json_number(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| json!(text.parse::<f64>().expect("a number")), |number| json!(number))
}

fn ids(client: &Client, parameters: &[(&str, &str)]) -> Vec<i64> {
    let answer = client.query("/api/collections/things", parameters).expect_status(200).json();
    let docs = answer["docs"].as_array().expect("docs is a list");
    let ids: Vec<i64> = docs.iter().map(|doc| doc["id"].as_i64().expect("id is a number")).collect();
    assert_eq!(answer["total"], json!(ids.len()), "total of {parameters:?}");
    ids
}

#[track_caller]
fn check(client: &Client, filter: &str, expected: &[i64]) {
    assert_eq!(ids(client, &[("filter", filter)]), expected, "filter={filter}");
}

#[track_caller]
fn check_where(client: &Client, condition: &Value, expected: &[i64]) {
    assert_eq!(ids(client, &[("where", &condition.to_string())]), expected, "where={condition}");
}

#[track_caller]
fn refused(client: &Client, filter: &str) {
    let response = client.query("/api/collections/things", &[("filter", filter)]).expect_status(400);
    let _ = response.error_code();
}

#[test]
fn every_ordered_type_answers_every_comparison() {
    let server = server();
    let client = server.client();
    for (field, low, high) in VALUES {
        check(&client, &format!("{field}:eq:{low}"), &[1]);
        check(&client, &format!("{field}:ne:{low}"), &[2, 3]);
        check(&client, &format!("{field}:gt:{low}"), &[2]);
        check(&client, &format!("{field}:gte:{low}"), &[1, 2]);
        check(&client, &format!("{field}:lt:{high}"), &[1]);
        check(&client, &format!("{field}:lte:{high}"), &[1, 2]);
        check(&client, &format!("{field}:is_null"), &[3]);
        check(&client, &format!("{field}:not_null"), &[1, 2]);
        if !high.contains(',') && !low.contains(',') {
            check(&client, &format!("{field}:in:{low},{high}"), &[1, 2]);
        }
    }
}

#[test]
fn json_where_has_the_same_comparisons_and_null_is_a_value() {
    let server = server();
    let client = server.client();
    for (field, low, high) in VALUES {
        let number = |text: &str| if NUMBERS.contains(field) { serde_json_number(text) } else { json!(text) };
        let (low, high) = (number(low), number(high));
        let on = |operator: &str, value: &Value| json!({ *field: { operator: value } });
        check_where(&client, &json!({ *field: low }), &[1]);
        check_where(&client, &json!({ *field: null }), &[3]);
        check_where(&client, &on("$ne", &json!(null)), &[1, 2]);
        check_where(&client, &on("$gt", &low), &[2]);
        check_where(&client, &on("$in", &json!([low, null])), &[1, 3]);
        check_where(&client, &on("$nin", &json!([low, null])), &[2]);
        check_where(&client, &json!({"$not": on("$gt", &low)}), &[1]);
        check_where(&client, &json!({"$not": on("$eq", &low)}), &[2, 3]);
        check_where(&client, &json!({"$or": [on("$lt", &high), on("$is_null", &json!(true))]}), &[1, 3]);
        check_where(&client, &on("$gt", &json!(null)), &[]);
        check_where(&client, &json!({"$not": on("$gt", &json!(null))}), &[]);
    }
}

#[test]
fn bool_json_and_blob_have_equality_and_no_order() {
    let server = server();
    let client = server.client();
    check(&client, "bool:eq:true", &[2]);
    check(&client, "bool:ne:true", &[1, 3]);
    check(&client, "bool:in:true,false", &[1, 2]);
    check(&client, "bool:is_null", &[3]);
    check(&client, "blob:eq:AAEC", &[1]);
    check(&client, "blob:not_null", &[1, 2]);
    check_where(&client, &json!({"json": {"$eq": {"a": [true], "b": 1}}}), &[2]);
    check_where(&client, &json!({"json": {"$ne": ["rust", 1, null]}}), &[2, 3]);
    check_where(&client, &json!({"json": null}), &[3]);
    for field in ["bool", "json", "blob"] {
        for operator in ["gt", "gte", "lt", "lte", "like"] {
            refused(&client, &format!("{field}:{operator}:1"));
        }
    }
    refused(&client, "bool:contains:true");
    refused(&client, "int:like:1%");
    refused(&client, "float:contains:1");
}

#[test]
fn like_ignores_ascii_case_and_contains_does_not() {
    let server = server();
    let client = server.client();
    check(&client, "string:like:APPLE%", &[1]);
    check(&client, "string:like:_anana", &[2]);
    check(&client, "string:like:%: %", &[1]);
    check(&client, "text:like:%50% off_", &[1]);
    check(&client, "text:contains:50% off_", &[1]);
    check(&client, "text:contains:50_ off", &[]);
    check(&client, "string:contains:Apple", &[]);
    check(&client, "string:contains:", &[1, 2]);
    check(&client, "text:like:zo_ %", &[2]);
    check(&client, "text:like:ZOË%", &[]);
    check(&client, "text:contains:\"quoted\" \\", &[2]);
    check_where(&client, &json!({"$not": {"string": {"$like": "a%"}}}), &[2]);
}

#[test]
fn contains_on_json_is_membership_by_type_and_value() {
    let server = server();
    let client = server.client();
    check_where(&client, &json!({"json": {"$contains": "rust"}}), &[1]);
    check_where(&client, &json!({"json": {"$contains": 1}}), &[1]);
    check_where(&client, &json!({"json": {"$contains": 1.0}}), &[1]);
    check_where(&client, &json!({"json": {"$contains": true}}), &[]);
    check_where(&client, &json!({"json": {"$contains": null}}), &[1]);
    check_where(&client, &json!({"json": {"$contains": "1"}}), &[]);
    check_where(&client, &json!({"$not": {"json": {"$contains": "rust"}}}), &[2]);
    check(&client, "json:contains:rust", &[1]);
}

#[test]
fn values_are_read_with_the_fields_type() {
    let server = server();
    let client = server.client();
    for filter in [
        "int:gt:abc",
        "int:eq:1.5",
        "int:eq:9223372036854775808",
        "float:eq:NaN",
        "float:gt:inf",
        "bool:eq:yes",
        "timestamp:gt:yesterday",
        "date:eq:2026-02-30",
        "uuid:eq:not-a-uuid",
        "blob:eq:***",
    ] {
        refused(&client, filter);
    }
    check(&client, "timestamp:eq:2026-01-31T09:30:00+01:00", &[1]);
    check(&client, "uuid:eq:00000000-0000-7000-8000-00000000000A", &[1]);
}

#[test]
fn what_is_unknown_is_named_with_a_suggestion() {
    let server = server();
    let client = server.client();
    for (parameters, wrong, meant) in [
        (&[("filter", "strng:eq:a")][..], "strng", "string"),
        (&[("filter", "string:equals:a")], "equals", "eq"),
        (&[("sort", "-timestmp")], "timestmp", "timestamp"),
        (&[("fields", "id,strin")], "strin", "string"),
        (&[("expand", "ownr")], "ownr", "owner"),
        (&[("limt", "3")], "limt", "limit"),
        (&[("where", "{\"strng\":\"a\"}")], "strng", "string"),
        (&[("where", "{\"string\":{\"$equ\":\"a\"}}")], "$equ", "$eq"),
    ] {
        let response = client.query("/api/collections/things", parameters).expect_status(400);
        let _ = response.error_code();
        let said = response.text();
        assert!(said.contains(wrong), "{parameters:?} does not name {wrong}: {said}");
        assert!(said.contains(meant), "{parameters:?} does not suggest {meant}: {said}");
    }
    let answer = server.admin().get("/api/collections/thigns").expect_status(404);
    assert!(answer.text().contains("thigns"), "{}", answer.text());
}
