//! Each request has a name, the client's where it is usable.

use crate::support::{TestApp, check_error};

#[track_caller]
fn check(app: &TestApp, sent: &str, is_kept: bool) {
    let answer = app.anyone().with_header("X-Request-ID", sent).get("/nothing");
    let body = check_error(answer, 404, "NOT_FOUND");
    let id = body["request_id"].as_str().unwrap();
    assert_eq!(id == sent, is_kept, "{id}");
    assert!((1..=128).contains(&id.len()));
}

#[test]
fn a_usable_id_is_kept_and_any_other_is_replaced() {
    let app = TestApp::start();
    check(&app, "abc-123", true);
    check(&app, &"x".repeat(128), true);
    check(&app, "!~", true);
    check(&app, &"x".repeat(129), false);
    check(&app, "", false);
    check(&app, "a b", false);
    check(&app, "é", false);
}

#[test]
fn made_ids_differ() {
    let app = TestApp::start();
    let id = || app.anyone().get("/").header("x-request-id").unwrap().to_owned();
    assert_ne!(id(), id());
}
