//! Clients that send what is no HTTP, too much of it, or too slowly. All get the error shape; the server goes on.

use std::{
    io::{BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use alyx_testing::Response;

use crate::support::{TestApp, check_error};

fn impatient() -> TestApp {
    TestApp::with(|options| {
        options.request_timeout = Some(Duration::from_millis(1500));
        options.listen.head_timeout = Some(Duration::from_millis(1500));
    })
}

fn send(app: &TestApp, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(app.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // A server that has heard enough may close first.
    let _ = stream.write_all(bytes);
    stream
}

fn answer(stream: TcpStream) -> Response {
    Response::read(&mut BufReader::new(stream), false).unwrap()
}

#[test]
fn what_is_no_http_is_400() {
    let app = TestApp::start();
    let wrong: [&[u8]; 7] = [
        b"hello\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ];
    for bytes in wrong {
        check_error(answer(send(&app, bytes)), 400, "MALFORMED_REQUEST");
    }
    let _ = app.anyone().get("/health").expect_status(200);
}

#[test]
fn a_good_request_before_a_bad_one_is_still_answered() {
    let app = TestApp::start();
    let stream = send(&app, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n");
    let mut reader = BufReader::new(stream);
    let _ = Response::read(&mut reader, false).unwrap().expect_status(200);
    check_error(Response::read(&mut reader, false).unwrap(), 400, "MALFORMED_REQUEST");
}

#[test]
fn a_head_without_end_is_431() {
    let app = TestApp::start();
    let head = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}", "x".repeat(1_000_000));
    check_error(answer(send(&app, head.as_bytes())), 431, "HEADERS_TOO_LARGE");
    let _ = app.anyone().get("/health").expect_status(200);
}

#[test]
fn a_head_that_drips_in_is_408() {
    let app = impatient();
    check_error(answer(send(&app, b"GET / HTTP/1.1\r\nHost: ")), 408, "REQUEST_TIMEOUT");
}

#[test]
fn a_later_head_that_drips_in_is_408_too() {
    let app = impatient();
    let stream = send(&app, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut reader = BufReader::new(stream);
    let _ = Response::read(&mut reader, false).unwrap().expect_status(200);
    reader.get_mut().write_all(b"GET / HTTP/1.1\r\n").unwrap();
    check_error(Response::read(&mut reader, false).unwrap(), 408, "REQUEST_TIMEOUT");
    assert_eq!(reader.read_to_end(&mut Vec::new()).unwrap(), 0);
}

#[test]
fn a_body_that_drips_in_is_408() {
    let app = impatient();
    let head = b"POST /api/collections/notes HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"title\":";
    check_error(answer(send(&app, head)), 408, "REQUEST_TIMEOUT");
    let _ = app.anyone().get("/health").expect_status(200);
}

#[test]
fn clients_that_leave_early_do_no_harm() {
    let app = TestApp::start();
    for bytes in [&b""[..], b"GET", b"POST /api/collections/notes HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"] {
        drop(send(&app, bytes));
    }
    let _ = app.anyone().get("/health").expect_status(200);
}
