//! The error shape, wherever an answer is not a success.

use alyx_testing::json;

use crate::support::{TestApp, check_error};

#[test]
fn unknown_paths_are_404() {
    let app = TestApp::start();
    let paths = [
        "/nothing",
        "/api",
        "/api/",
        "/api/collections",
        "/api/collections/",
        "/api/collections/a/b/c",
        "/health/",
        "//",
        "/_admin/nothing",
    ];
    for path in paths {
        check_error(app.anyone().get(path), 404, "NOT_FOUND");
        check_error(app.anyone().post(path, &json!({})), 404, "NOT_FOUND");
    }
    check_error(app.anyone().get("/api/collections/nothing"), 404, "NOT_FOUND");
    let without_pages = TestApp::with(|options| options.admin_pages = false);
    check_error(without_pages.anyone().get("/_admin"), 404, "NOT_FOUND");
}

#[test]
fn other_methods_are_405_and_name_those_that_work() {
    let app = TestApp::start();
    let cases = [
        ("POST", "/", "GET, HEAD, OPTIONS"),
        ("DELETE", "/health/ready", "GET, HEAD, OPTIONS"),
        ("PUT", "/metrics", "GET, HEAD, OPTIONS"),
        ("DELETE", "/api/collections/notes", "GET, HEAD, POST, OPTIONS"),
        ("TRACE", "/api/collections/notes", "GET, HEAD, POST, OPTIONS"),
        ("POST", "/api/collections/notes/a", "GET, HEAD, PATCH, DELETE, OPTIONS"),
        ("PUT", "/api/collections/notes/a", "GET, HEAD, PATCH, DELETE, OPTIONS"),
        ("BREW", "/api/openapi.json", "GET, HEAD, OPTIONS"),
    ];
    for (method, path, allow) in cases {
        let refused = app.anyone().send(method, path, None);
        assert_eq!(refused.header("allow"), Some(allow), "{method} {path}");
        check_error(refused, 405, "METHOD_NOT_ALLOWED");
    }
    let options = app.anyone().send("OPTIONS", "/api/collections/notes", None).expect_status(204);
    assert_eq!(options.header("allow"), Some("GET, HEAD, POST, OPTIONS"));
}

#[test]
fn every_answer_forbids_sniffing() {
    let app = TestApp::start();
    for path in ["/", "/health", "/metrics", "/api/docs", "/nothing"] {
        assert_eq!(app.anyone().get(path).header("x-content-type-options"), Some("nosniff"), "{path}");
    }
}
