//! `GET /api/collections/{collection}/{id}`

use alyx_testing::json;

use crate::support::{TestApp, check_error};

#[test]
fn fields_and_expand_shape_the_document() {
    let app = TestApp::start();
    let parent = app.note("parent");
    let child = app.anyone().post("/api/collections/notes", &json!({"title": "child", "parent_id": parent})).json();
    let path = format!("/api/collections/notes/{}", child["id"].as_str().unwrap());
    let got = app.anyone().query(&path, &[("fields", "title"), ("expand", "parent")]).expect_status(200).json();
    assert_eq!(got["title"], "child");
    assert_eq!(got["parent"]["title"], "parent");
    assert_eq!(got["parent"].get("hidden"), None);
    assert_eq!(got.get("views"), None);
}

#[test]
fn ids_that_can_be_none_are_404() {
    let app = TestApp::start();
    for id in ["000000000000999", "short", "..", "%2e%2e", "a%00b", "%F0%9F%98%80", "'%20OR%201=1"] {
        check_error(app.anyone().get(&format!("/api/collections/notes/{id}")), 404, "NOT_FOUND");
    }
    check_error(app.anyone().get("/api/collections/notes/%ff"), 400, "MALFORMED_REQUEST");
}

#[test]
fn unknown_parameters_are_named_with_a_suggestion() {
    let app = TestApp::start();
    let path = format!("/api/collections/notes/{}", app.note("a"));
    let refused = check_error(app.anyone().query(&path, &[("field", "id")]), 400, "INVALID_QUERY");
    insta::assert_json_snapshot!(refused["details"], @r#"
    [
      {
        "code": "UNKNOWN_PARAMETER",
        "field": "field",
        "message": "there is no parameter \"field\"; did you mean \"fields\"?"
      }
    ]
    "#);
}

#[test]
fn head_has_the_headers_and_no_body() {
    let app = TestApp::start();
    let path = format!("/api/collections/notes/{}", app.note("a"));
    let whole = app.anyone().get(&path);
    let head = app.anyone().send("HEAD", &path, None).expect_status(200);
    assert_eq!(head.header("content-length"), whole.header("content-length"));
    assert!(head.body.is_empty());
    let absent = app.anyone().send("HEAD", "/api/collections/notes/x", None);
    assert_eq!((absent.status, absent.body.len()), (404, 0));
}
