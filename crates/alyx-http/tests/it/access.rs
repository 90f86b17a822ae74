//! Who may do what: rules open, a missing rule answers to administrators alone.

use alyx_testing::{Client, json};

use crate::support::{TestApp, check_error};

const ABSENT: &str = "/000000000000999";

/// One call of each operation; the status it gets.
#[track_caller]
fn check(client: &Client, collection: &str, expected: [u16; 5]) {
    let list = format!("/api/collections/{collection}");
    let one = format!("{list}{ABSENT}");
    let body = json!({"title": "a", "text": "a"});
    let got = [
        client.get(&list).status,
        client.get(&one).status,
        client.post(&list, &body).status,
        client.patch(&one, &body).status,
        client.delete(&one).status,
    ];
    assert_eq!(got, expected, "list, get, create, update and delete of {collection}");
}

#[test]
fn anonymous_callers_get_what_a_rule_opens() {
    let app = TestApp::start();
    check(&app.anyone(), "notes", [200, 404, 400, 400, 404]);
    check(&app.anyone(), "secrets", [401, 401, 401, 401, 401]);
    check(&app.anyone(), "drops", [200, 404, 400, 400, 404]);
}

#[test]
fn the_administrator_gets_everything() {
    let app = TestApp::start();
    for collection in ["notes", "secrets", "drops"] {
        check(&app.admin(), collection, [200, 404, 400, 400, 404]);
    }
}

#[test]
fn a_wrong_token_is_refused_where_no_token_would_do() {
    let app = TestApp::start();
    for header in ["Bearer wrong", "Basic Zm9vOmJhcg==", "Bearer", "", "Bearer x y"] {
        let client = app.anyone().with_header("Authorization", header);
        for collection in ["notes", "secrets", "drops"] {
            check(&client, collection, [401; 5]);
        }
        check_error(client.get("/health/stats"), 401, "INVALID_TOKEN");
    }
}

#[test]
fn a_refusal_names_the_scheme_and_hides_what_exists() {
    let app = TestApp::start();
    let made = app.admin().post("/api/collections/secrets", &json!({"text": "a"})).expect_status(201).json();
    let path = format!("/api/collections/secrets/{}", made["id"].as_str().unwrap());
    let there = app.anyone().get(&path);
    assert_eq!(there.header("www-authenticate"), Some("Bearer realm=\"alyx\""));
    let there = check_error(there, 401, "UNAUTHORIZED");
    let absent = check_error(app.anyone().get(&format!("/api/collections/secrets{ABSENT}")), 401, "UNAUTHORIZED");
    assert_eq!(there["error"], absent["error"]);
}

#[test]
fn a_write_that_the_caller_may_not_read_answers_with_the_key_alone() {
    let app = TestApp::start();
    let made = app.anyone().post("/api/collections/drops", &json!({"text": "a"})).expect_status(201).json();
    let id = made["id"].as_str().unwrap();
    assert_eq!(made, json!({"id": id}));
    let path = format!("/api/collections/drops/{id}");
    assert_eq!(app.anyone().get("/api/collections/drops").json()["total"], 0);
    let changed = app.anyone().patch(&path, &json!({"text": "b"})).expect_status(200).json();
    assert_eq!(changed, json!({"id": id}));
    assert_eq!(app.admin().get(&path).json(), json!({"id": id, "text": "b"}));
    app.anyone().delete(&path).expect_status(204);
}
