//! A stop finishes what was accepted and leaves nobody waiting.

use std::{
    io::{BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use alyx_testing::Response;

use crate::support::TestApp;

fn connect(app: &TestApp, bytes: &[u8]) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(app.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(bytes).unwrap();
    BufReader::new(stream)
}

/// Waits until the server is at work on this many requests.
fn wait_for_in_flight(app: &TestApp, expected: u64) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let line = format!("alyx_http_requests_in_flight {}", expected + 1);
    while !app.anyone().get("/metrics").text().contains(&line) {
        assert!(Instant::now() < deadline, "never came to {line}");
        std::thread::yield_now();
    }
}

#[test]
fn a_request_that_was_accepted_is_finished_and_idle_connections_are_closed() {
    let mut app = TestApp::start();
    let mut idle = connect(&app, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
    let _ = Response::read(&mut idle, false).unwrap().expect_status(200);
    let head = b"POST /api/collections/notes HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n{\"title\":";
    let mut busy = connect(&app, head);
    wait_for_in_flight(&app, 1);

    let stopping = app.runtime.spawn(app.handle.take().unwrap().stop());
    assert_eq!(idle.read_to_end(&mut Vec::new()).unwrap(), 0);
    busy.get_mut().write_all(b"\"x\"}").unwrap();
    let answer = Response::read(&mut busy, false).unwrap().expect_status(201);
    assert_eq!(answer.json()["title"], "x");
    assert_eq!(busy.read_to_end(&mut Vec::new()).unwrap(), 0);

    app.runtime.block_on(stopping).unwrap().unwrap();
    assert!(TcpStream::connect(app.address).is_err());
}
