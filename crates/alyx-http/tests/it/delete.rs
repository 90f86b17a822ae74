//! `DELETE /api/collections/{collection}/{id}`

use alyx_testing::json;

use crate::support::{TestApp, check_error};

#[test]
fn what_is_deleted_is_gone() {
    let app = TestApp::start();
    let path = format!("/api/collections/notes/{}", app.note("a"));
    let gone = app.anyone().delete(&path).expect_status(204);
    assert!(gone.body.is_empty());
    check_error(app.anyone().get(&path), 404, "NOT_FOUND");
    check_error(app.anyone().delete(&path), 404, "NOT_FOUND");
}

#[test]
fn what_others_refer_to_stays() {
    let app = TestApp::start();
    let parent = app.note("parent");
    let child = json!({"title": "child", "parent_id": parent});
    let _ = app.anyone().post("/api/collections/notes", &child).expect_status(201);
    let path = format!("/api/collections/notes/{parent}");
    let refused = check_error(app.anyone().delete(&path), 409, "FOREIGN_KEY_VIOLATION");
    assert_eq!(refused["error"], "documents of notes still refer to this one");
    let _ = app.anyone().get(&path).expect_status(200);
}
