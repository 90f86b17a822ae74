//! `POST /api/collections/{collection}`

use alyx_testing::json;

use crate::support::{TestApp, check_error};

const NOTES: &str = "/api/collections/notes";

#[test]
fn a_document_comes_back_with_defaults_and_without_internal_fields() {
    let app = TestApp::start();
    let made = app.anyone().post(NOTES, &json!({"title": "Hello", "data": {"b": [1.0, null], "a": "ü"}}));
    let made = made.expect_status(201);
    assert_eq!(made.header("content-type"), Some("application/json"));
    insta::assert_snapshot!(made.text(), @r#"{"id":"000000000000001","title":"Hello","slug":null,"views":0,"done":false,"data":{"a":"ü","b":[1,null]},"parent_id":null,"updated_at":"2026-01-31T08:30:00.000Z"}"#);
}

#[test]
fn every_fault_of_a_body_is_listed() {
    let app = TestApp::start();
    let body = json!({"title": "", "views": 1.5, "done": "yes", "titel": 1, "hidden": "y", "slug": "a\u{0}b"});
    let refused = check_error(app.anyone().post(NOTES, &body), 400, "VALIDATION_ERROR");
    insta::assert_json_snapshot!([&refused["error"], &refused["details"]], @r#"
    [
      "6 fields are not valid",
      [
        {
          "code": "MIN_LENGTH",
          "field": "title",
          "message": "must have at least 1 characters, not 0"
        },
        {
          "code": "FORMAT",
          "field": "slug",
          "message": "must not contain the character U+0000"
        },
        {
          "code": "TYPE",
          "field": "views",
          "message": "must be a whole number"
        },
        {
          "code": "TYPE",
          "field": "done",
          "message": "must be true or false"
        },
        {
          "code": "UNKNOWN_FIELD",
          "field": "hidden",
          "message": "is no field of \"notes\""
        },
        {
          "code": "UNKNOWN_FIELD",
          "field": "titel",
          "message": "is no field of \"notes\"; did you mean \"title\"?"
        }
      ]
    ]
    "#);
}

#[test]
fn a_taken_value_is_409_and_names_the_field() {
    let app = TestApp::start();
    let body = json!({"title": "a", "slug": "taken"});
    let _ = app.anyone().post(NOTES, &body).expect_status(201);
    let refused = check_error(app.anyone().post(NOTES, &body), 409, "UNIQUE_VIOLATION");
    insta::assert_json_snapshot!([&refused["error"], &refused["details"]], @r#"
    [
      "slug must be unique and this value is taken",
      [
        {
          "code": "TAKEN",
          "field": "slug",
          "message": "this value is taken"
        }
      ]
    ]
    "#);
}

#[test]
fn a_reference_to_nothing_is_409_and_names_the_field() {
    let app = TestApp::start();
    let body = json!({"title": "a", "parent_id": "000000000000999"});
    let refused = check_error(app.anyone().post(NOTES, &body), 409, "FOREIGN_KEY_VIOLATION");
    insta::assert_json_snapshot!([&refused["error"], &refused["details"]], @r#"
    [
      "a document that this one refers to does not exist",
      [
        {
          "code": "MISSING_REFERENCE",
          "field": "parent_id",
          "message": "there is no such document"
        }
      ]
    ]
    "#);
}

#[test]
fn there_are_no_parameters_and_no_unknown_collections() {
    let app = TestApp::start();
    check_error(app.anyone().post("/api/collections/notes?fields=id", &json!({"title": "a"})), 400, "INVALID_QUERY");
    check_error(app.anyone().post("/api/collections/nothing", &json!({})), 404, "NOT_FOUND");
}
