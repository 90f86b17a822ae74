//! Calls from other origins' pages.

use alyx_http::{CorsOptions, Options};
use alyx_testing::Response;

use crate::support::TestApp;

const HERE: &str = "https://app.example.com";

fn with(origins: &[&str], credentials: bool) -> TestApp {
    let origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
    TestApp::with(|options: &mut Options| options.cors = CorsOptions { origins, credentials, ..CorsOptions::default() })
}

fn preflight(app: &TestApp, origin: &str) -> Response {
    let headers = [("Origin", origin), ("Access-Control-Request-Method", "PATCH")];
    app.anyone().try_send_bytes("OPTIONS", "/api/collections/notes/x", &headers, b"").unwrap().expect_status(204)
}

fn get(app: &TestApp, origin: &str) -> Response {
    app.anyone().with_header("Origin", origin).get("/api/collections/notes").expect_status(200)
}

#[test]
fn a_named_origin_may_call_and_no_other() {
    let app = with(&[HERE], true);
    let answer = preflight(&app, HERE);
    assert_eq!(answer.header("access-control-allow-origin"), Some(HERE));
    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    assert!(answer.header("access-control-allow-methods").unwrap().contains("PATCH"));
    assert!(answer.header("access-control-allow-headers").unwrap().contains("authorization"));
    assert_eq!(answer.header("vary"), Some("origin"));
    assert!(get(&app, HERE).header("access-control-expose-headers").unwrap().contains("x-request-id"));
    for stranger in ["https://evil.example", "https://app.example.com.evil.example", "null", "http://app.example.com"] {
        let answer = preflight(&app, stranger);
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert_eq!(answer.header("access-control-allow-methods"), None);
        assert_eq!(get(&app, stranger).header("access-control-allow-origin"), None);
    }
}

#[test]
fn any_origin_never_comes_with_credentials() {
    let app = with(&["*"], true);
    let answer = get(&app, "https://evil.example");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[test]
fn errors_can_be_read_by_the_page_that_caused_them() {
    let app = with(&[HERE], false);
    let answer = app.anyone().with_header("Origin", HERE).get("/nothing").expect_status(404);
    assert_eq!(answer.header("access-control-allow-origin"), Some(HERE));
}

#[test]
fn without_origins_nobody_may() {
    let app = with(&[], false);
    assert_eq!(preflight(&app, HERE).header("access-control-allow-origin"), None);
    assert_eq!(get(&app, HERE).header("access-control-allow-origin"), None);
}
