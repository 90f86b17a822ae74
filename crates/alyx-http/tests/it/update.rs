//! `PATCH /api/collections/{collection}/{id}`

use alyx_testing::json;

use crate::support::{TestApp, check_error};

#[test]
fn absent_fields_stay_and_null_sets_null() {
    let app = TestApp::start();
    let path = format!("/api/collections/notes/{}", app.note("a"));
    let _ = app.anyone().patch(&path, &json!({"slug": "s", "views": 3})).expect_status(200);
    let changed = app.anyone().patch(&path, &json!({"slug": null})).expect_status(200).json();
    assert_eq!((&changed["slug"], &changed["views"], &changed["title"]), (&json!(null), &json!(3), &json!("a")));
    assert_eq!(app.anyone().get(&path).json(), changed);
}

#[test]
fn an_empty_body_changes_nothing_and_answers_with_the_document() {
    let app = TestApp::start();
    let path = format!("/api/collections/notes/{}", app.note("a"));
    let before = app.anyone().get(&path).json();
    assert_eq!(app.anyone().patch(&path, &json!({})).expect_status(200).json(), before);
}

#[test]
fn what_is_wrong_is_refused() {
    let app = TestApp::start();
    let path = format!("/api/collections/notes/{}", app.note("a"));
    let refused = check_error(app.anyone().patch(&path, &json!({"id": "x", "title": null})), 400, "VALIDATION_ERROR");
    insta::assert_json_snapshot!(refused["details"], @r#"
    [
      {
        "code": "READ_ONLY",
        "field": "id",
        "message": "is the primary key and never changes"
      },
      {
        "code": "REQUIRED",
        "field": "title",
        "message": "must not be null"
      }
    ]
    "#);
    check_error(app.anyone().patch(&format!("{path}?total=false"), &json!({})), 400, "INVALID_QUERY");
    for absent in ["000000000000999", "x", "..", "a%00b", "%2e%2e%2fsecrets", "1' OR '1'='1"] {
        let path = format!("/api/collections/notes/{}", absent.replace(' ', "%20"));
        check_error(app.anyone().patch(&path, &json!({"title": "b"})), 404, "NOT_FOUND");
    }
}

#[test]
fn a_conflict_leaves_the_document_as_it_was() {
    let app = TestApp::start();
    let _ = app.anyone().post("/api/collections/notes", &json!({"title": "a", "slug": "taken"})).expect_status(201);
    let path = format!("/api/collections/notes/{}", app.note("b"));
    check_error(app.anyone().patch(&path, &json!({"title": "c", "slug": "taken"})), 409, "UNIQUE_VIOLATION");
    check_error(app.anyone().patch(&path, &json!({"parent_id": "000000000000999"})), 409, "FOREIGN_KEY_VIOLATION");
    assert_eq!(app.anyone().get(&path).json()["title"], "b");
}
