//! Bodies of writes: what is taken, what is refused, and how.

use alyx_testing::Response;

use crate::support::{TestApp, check_error};

const NOTES: &str = "/api/collections/notes";

fn post(app: &TestApp, headers: &[(&str, &str)], body: &[u8]) -> Response {
    app.anyone().try_send_bytes("POST", NOTES, headers, body).unwrap()
}

#[test]
fn what_is_no_json_object_is_refused() {
    let app = TestApp::start();
    let refused = [
        (&b""[..], "INVALID_JSON"),
        (b"{", "INVALID_JSON"),
        (b"{\"title\":\"a\",}", "INVALID_JSON"),
        (b"{\"title\":\"\xff\"}", "INVALID_JSON"),
        (b"{\"title\":\"\\ud800\"}", "INVALID_JSON"),
        (b"{\"title\":\"a\"} {}", "INVALID_JSON"),
        (b"{\"title\":\"a\",\"title\":\"b\"}", "INVALID_JSON"),
        (b"{\"title\":\"a\",\"data\":{\"a\":1,\"a\":2}}", "INVALID_JSON"),
        (b"[]", "INVALID_BODY"),
        (b"null", "INVALID_BODY"),
        (b"\"text\"", "INVALID_BODY"),
    ];
    for (body, code) in refused {
        check_error(post(&app, &[("Content-Type", "application/json")], body), 400, code);
    }
}

#[test]
fn only_json_is_taken_and_no_type_means_json() {
    let app = TestApp::start();
    let body = br#"{"title":"a"}"#;
    for yes in ["application/json", "APPLICATION/JSON; charset=utf-8", "application/merge-patch+json"] {
        let _ = post(&app, &[("Content-Type", yes)], body).expect_status(201);
    }
    let _ = post(&app, &[], body).expect_status(201);
    for no in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        check_error(post(&app, &[("Content-Type", no)], body), 400, "UNSUPPORTED_MEDIA_TYPE");
    }
    check_error(post(&app, &[("Content-Encoding", "gzip")], body), 400, "UNSUPPORTED_MEDIA_TYPE");
}

#[test]
fn a_body_over_the_limit_is_413_and_one_at_the_limit_is_not() {
    let app = TestApp::with(|options| options.body_limit = Some(1000));
    let of = |length: usize| format!(r#"{{"title":"a","data":"{}"}}"#, "x".repeat(length - 23));
    assert_eq!(of(1000).len(), 1000);
    let _ = post(&app, &[], of(1000).as_bytes()).expect_status(201);
    check_error(post(&app, &[], of(1001).as_bytes()), 413, "PAYLOAD_TOO_LARGE");
    check_error(post(&app, &[], of(10_000_000).as_bytes()), 413, "PAYLOAD_TOO_LARGE");
}

#[test]
fn a_chunked_body_is_counted_as_it_comes() {
    let app = TestApp::with(|options| options.body_limit = Some(1000));
    let chunk = format!("200\r\n{}\r\n", "x".repeat(0x200));
    let head = format!("POST {NOTES} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    let answer = app.anyone().try_send_raw(format!("{head}{}", chunk.repeat(3)).as_bytes()).unwrap();
    check_error(answer, 413, "PAYLOAD_TOO_LARGE");
    let body = br#"{"title":"a"}"#;
    let whole = format!("{head}{:x}\r\n{}\r\n0\r\n\r\n", body.len(), String::from_utf8_lossy(body));
    let _ = app.anyone().try_send_raw(whole.as_bytes()).unwrap().expect_status(201);
}

#[test]
fn a_hundred_levels_are_handled_and_a_hundred_thousand_too() {
    let app = TestApp::start();
    let nested = |levels: usize| format!(r#"{{"title":"a","data":{}1{}}}"#, "[".repeat(levels), "]".repeat(levels));
    let _ = post(&app, &[], nested(60).as_bytes()).expect_status(201);
    check_error(post(&app, &[], nested(100).as_bytes()), 400, "VALIDATION_ERROR");
    check_error(post(&app, &[], nested(100_000).as_bytes()), 400, "INVALID_JSON");
}
