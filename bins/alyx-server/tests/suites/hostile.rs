//! Hostile input: whatever is sent, the answer has the error shape and the server goes on.

use std::io::{Read, Write};

use alyx_testing::{Client, TestServer, Value, encode, json};

const SCHEMA: &str = r#"
version: 1
collections:
  notes:
    fields:
      id: {type: string, primary: true}
      title: {type: string, maxLength: 200, nullable: true}
      size: {type: int, nullable: true}
      data: {type: json, nullable: true}
      secret: {type: string, internal: true, nullable: true}
    rules: {read: "true", create: "true", update: "true", delete: "true"}
  order:
    fields:
      id: {type: uuid, primary: true, default: auto}
      group: {type: string}
      select: {type: int, default: 0}
      "index": {type: bool, default: false}
    indexes:
      - {name: "values", fields: [group, select], order: desc}
    rules: {read: "true", create: "true", update: "true", delete: "true"}
"#;
const NOTES: &str = "/api/collections/notes";

#[track_caller]
fn alive(server: &TestServer) {
    server.get("/health").expect_status(200);
    server.get(NOTES).expect_status(200);
}

#[test]
fn words_of_sql_are_names_like_any_other() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    let made = client.post("/api/collections/order", &json!({"group": "a' OR 1=1 --"})).expect_status(201).json();
    let found = client
        .query("/api/collections/order", &[("filter", "group:eq:a' OR 1=1 --"), ("sort", "-select,index")])
        .expect_status(200)
        .json();
    assert_eq!(found["docs"], json!([made]));
    assert_eq!(found["total"], json!(1));
}

#[test]
fn sql_in_names_sorts_fields_and_expands_is_an_unknown_name() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    for attack in ["title\"", "title;--", "title) OR (1=1", "1", "*", "rowid", "_rowid_", "notes.title", "secret", ""] {
        for parameters in [
            [("filter", format!("{attack}:eq:1"))],
            [("sort", format!("-{attack}"))],
            [("fields", format!("id,{attack}"))],
            [("expand", format!("{attack}.x"))],
            [("where", json!({ attack: 1 }).to_string())],
        ] {
            let pairs: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let response = client.query(NOTES, &pairs).expect_status(400);
            let _ = response.error_code();
        }
        let response = client.get(&format!("/api/collections/{}", encode(attack)));
        assert!(matches!(response.status, 404 | 405), "{attack:?} as a collection: {}", response.status);
    }
    alive(&server);
}

#[test]
fn pages_out_of_range_are_refused() {
    let server = TestServer::start(SCHEMA);
    for query in [
        "limit=-1",
        "limit=0",
        "limit=1001",
        "limit=1e9",
        "limit=99999999999999999999",
        "limit=",
        "limit=ten",
        "offset=-1",
        "offset=1.5",
        "offset=99999999999999999999",
        "limit=1&limit=2",
        "total=maybe",
        "filter=title",
        "filter=",
        "where=",
        "where=[]",
        "where=%7B",
        "where=null",
        "%ff=1",
        "filter=title:eq:%ff",
        "filter=title:eq:%00",
        "unknown=1",
    ] {
        let response = server.get(&format!("{NOTES}?{query}")).expect_status(400);
        let _ = response.error_code();
    }
    alive(&server);
}

#[test]
fn deep_and_wide_json_is_answered() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    for (levels, allowed) in [(50, &[201][..]), (100, &[201, 400]), (100_000, &[400])] {
        let body = format!("{{\"id\":\"deep-{levels}\",\"data\":{}}}", nested(levels));
        let headers = [("Content-Type", "application/json")];
        let response = client.try_send_bytes("POST", NOTES, &headers, body.as_bytes()).expect("an answer");
        assert!(allowed.contains(&response.status), "{levels} levels: {} {}", response.status, response.text());
    }
    for levels in [40, 100, 5_000] {
        let condition = format!("{}{{\"title\":\"a\"}}{}", "{\"$not\":".repeat(levels), "}".repeat(levels));
        let response = client.query(NOTES, &[("where", &condition)]);
        assert!(matches!(response.status, 400 | 413 | 414 | 431), "{levels}: {}", response.status);
    }
    alive(&server);
}

#[test]
fn a_body_over_the_limit_is_413_and_the_server_goes_on() {
    let server = TestServer::with_schema(SCHEMA).config("server: {body_limit: 1MiB}\n").start();
    let body = json!({"id": "big", "title": "x".repeat(10_000_000)});
    let response = server.client().try_send("POST", NOTES, Some(&body)).expect("an answer, not a reset");
    assert_eq!(response.status, 413, "{}", response.text());
    let _ = response.error_code();
    alive(&server);
}

#[test]
fn bodies_that_are_no_object_are_refused() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    let json_type = [("Content-Type", "application/json")];
    for body in [
        &b""[..],
        b"null",
        b"[]",
        b"\"text\"",
        b"{",
        b"{\"id\":\"a\"",
        b"{\"id\":\"a\",}",
        b"{\"id\":\"\xff\xfe\"}",
        b"\xff\xfe\x00",
        b"{\"id\":\"a\"}{\"id\":\"b\"}",
        b"{\"id\":NaN}",
        b"{\"id\":\"a\\u0000b\"}",
        b"{\"id\":\"a\",\"size\":1e400}",
        b"{\"id\":\"a\",\"size\":9223372036854775808}",
        b"{\"id\":\"a\",\"title\":\"\\ud800\"}",
    ] {
        let response = client.try_send_bytes("POST", NOTES, &json_type, body).expect("an answer");
        assert_eq!(response.status, 400, "{:?}: {}", String::from_utf8_lossy(body), response.text());
        let _ = response.error_code();
    }
    assert_eq!(server.get(NOTES).json()["total"], json!(0), "a refused body left something behind");
}

#[test]
fn every_fault_of_a_body_is_reported_at_once() {
    let server = TestServer::start(SCHEMA);
    let body = json!({"title": "x".repeat(201), "size": 1.5, "titel": "a", "secret": "b"});
    let answer = server.post(NOTES, &body).expect_status(400).json();
    let mut fields: Vec<&str> =
        answer["details"].as_array().expect("details").iter().filter_map(|detail| detail["field"].as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["id", "secret", "size", "titel", "title"]);
}

#[test]
fn strange_ids_find_nothing() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    for id in ["..", "../..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "a%00b", "%ff", "%", "%zz", "a;b", "' OR 1=1", "//"] {
        for method in ["GET", "DELETE", "PATCH"] {
            let path = format!("{NOTES}/{}", id.replace(' ', "%20"));
            let body = (method == "PATCH").then(|| json!({"title": "a"}));
            let response = client.send(method, &path, body.as_ref());
            assert!(matches!(response.status, 400 | 404 | 405), "{method} {path}: {}", response.status);
            let _ = response.error_code();
        }
    }
    alive(&server);
}

#[test]
fn requests_that_are_not_http_do_not_stop_the_server() {
    let server = TestServer::start(SCHEMA);
    let long_header = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "y".repeat(1_000_000));
    for message in [
        &b"\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /api/collections/notes HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/collections/notes HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\nhello",
        b"POST /api/collections/notes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        long_header.as_bytes(),
    ] {
        let mut stream = server.connect();
        // The server may close before it has read everything.
        let _ = stream.write_all(message);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let head = String::from_utf8_lossy(&answer);
        assert!(!head.starts_with("HTTP/1.1 2") && !head.starts_with("HTTP/1.1 5"), "{message:?} was answered {head}");
    }
    alive(&server);
}

#[test]
fn a_slow_client_is_let_go_and_others_are_served() {
    let server = TestServer::with_schema(SCHEMA).config("server: {timeouts: {header: 1s}}\n").start();
    let mut slow: Vec<_> = (0..200)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(b"GET /health HTTP/1.1\r\nHost: a\r\nX-Slow: ").expect("the first bytes are taken");
            stream
        })
        .collect();
    alive(&server);
    for stream in &mut slow {
        let mut answer = Vec::new();
        // The read ends when the server gives up; the socket's own time limit fails the test otherwise.
        match stream.read_to_end(&mut answer) {
            Ok(_) => assert!(!answer.starts_with(b"HTTP/1.1 200"), "a half request was answered"),
            Err(fault) => assert_ne!(fault.kind(), std::io::ErrorKind::WouldBlock, "the server waits for ever"),
        }
    }
    alive(&server);
}

#[test]
fn unknown_paths_and_methods_have_the_error_shape() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    for (method, path, status) in [
        ("GET", "/nothing", 404),
        ("GET", "/api", 404),
        ("GET", "/api/nothing", 404),
        ("GET", "/api/collections/nothing", 404),
        ("GET", "/internal/v1/nothing", 404),
        ("GET", "/internal/v1/db/query", 405),
        ("PUT", NOTES, 405),
        ("DELETE", NOTES, 405),
        ("POST", "/api/collections/notes/a", 405),
        ("BREW", "/health", 405),
    ] {
        let response = client.send(method, path, None).expect_status(status);
        let _ = response.error_code();
        assert_eq!(response.header("x-request-id"), response.json()["request_id"].as_str(), "{method} {path}");
    }
}

#[test]
fn request_ids_are_echoed_when_they_are_visible_ascii() {
    let server = TestServer::start(SCHEMA);
    let echoed = |id: &str| {
        let client = Client::new(server.address()).with_header("X-Request-ID", id);
        client.get("/health").header("x-request-id").map(str::to_owned).expect("every answer has one")
    };
    assert_eq!(echoed("abc-123"), "abc-123");
    assert_eq!(echoed(&"a".repeat(128)), "a".repeat(128));
    assert_ne!(echoed(&"a".repeat(129)), "a".repeat(129));
    assert_ne!(echoed("has space"), "has space");
    assert_ne!(echoed("ümlaut"), "ümlaut");
}

#[test]
fn internal_fields_do_not_exist_for_clients() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    client.post(NOTES, &json!({"id": "a", "title": "t"})).expect_status(201);
    let doc: Value = client.get(&format!("{NOTES}/a")).expect_status(200).json();
    assert_eq!(doc.get("secret"), None);
    let unknown = client.query(NOTES, &[("filter", "sekret:is_null")]).expect_status(400).text();
    assert!(!unknown.contains("secret"), "a suggestion gave an internal field away: {unknown}");
    client.patch(&format!("{NOTES}/a"), &json!({"secret": "x"})).expect_status(400);
    client.query(NOTES, &[("fields", "secret")]).expect_status(400);
}
