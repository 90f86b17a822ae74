//! Larger answers are compressed for those who ask.

use crate::support::TestApp;

#[track_caller]
fn check(path: &str, accepted: &str, expected: Option<&str>) {
    let app = TestApp::start();
    let answer = app.anyone().with_header("Accept-Encoding", accepted).get(path).expect_status(200);
    assert_eq!(answer.header("content-encoding"), expected, "{path} for {accepted}");
}

#[test]
fn large_answers_are_compressed_and_small_ones_are_not() {
    check("/api/docs", "gzip", Some("gzip"));
    check("/api/openapi.json", "gzip, br", Some("br"));
    check("/api/openapi.json", "gzip;q=0, identity", None);
    check("/api/openapi.json", "*;q=0, identity", None);
    check("/api/collections/notes", "gzip, br", None);
}

#[test]
fn it_can_be_switched_off() {
    let app = TestApp::with(|options| options.compression = false);
    let answer = app.anyone().with_header("Accept-Encoding", "gzip").get("/api/docs");
    assert_eq!(answer.header("content-encoding"), None);
}

#[test]
fn compressed_answers_are_smaller() {
    let app = TestApp::start();
    let plain = app.anyone().get("/api/docs");
    let small = app.anyone().with_header("Accept-Encoding", "br").get("/api/docs");
    assert!(small.body.len() * 2 < plain.body.len());
    assert_eq!(small.header("vary"), plain.header("vary"));
}
