//! Live queries as server-sent events of the running server.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use alyx_testing::{ADMIN_TOKEN, TestServer, Value, json};

const SCHEMA: &str = r#"
version: 1
collections:
  posts:
    fields:
      id: {type: string, primary: true}
      score: {type: int, default: 0}
    rules: {read: "doc.score < 100"}
"#;

/// An open stream of events.
pub(crate) struct Events(BufReader<Chunks>);

/// A body in chunks (RFC 9112, section 7.1), which begin and end anywhere.
struct Chunks {
    stream: BufReader<TcpStream>,
    /// What is left of a chunk.
    left: usize,
}

impl Read for Chunks {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let mut size = String::new();
            if self.stream.read_line(&mut size)? == 0 {
                return Ok(0);
            }
            self.left = usize::from_str_radix(size.trim_end(), 16).expect("a chunk begins with its size");
            if self.left == 0 {
                return Ok(0);
            }
        }
        let most = bytes.len().min(self.left);
        let read = self.stream.read(&mut bytes[..most])?;
        self.left -= read;
        if self.left == 0 {
            self.stream.read_line(&mut String::new())?;
        }
        Ok(read)
    }
}

/// One event: name, id, data.
pub(crate) struct Event(pub(crate) String, pub(crate) Option<String>, pub(crate) Value);

impl Events {
    pub(crate) fn open(server: &TestServer, query: &str, headers: &str) -> Self {
        let mut stream = server.connect();
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time that is not zero");
        let host = server.address();
        let head = format!("GET /api/realtime/sse?{query} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).expect("the server reads");
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).expect("the server answers") > 0, "{head}");
        }
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("content-type: text/event-stream"), "{head}");
        Self(BufReader::new(Chunks { stream: reader, left: 0 }))
    }

    /// The next event.
    pub(crate) fn next(&mut self) -> Event {
        let mut event = Event(String::new(), None, Value::Null);
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).expect("the stream goes on") > 0, "the stream ended");
            match line.trim_end().split_once(": ") {
                Some(("event", name)) => name.clone_into(&mut event.0),
                Some(("id", id)) => event.1 = Some(id.to_owned()),
                Some(("data", data)) => {
                    event.2 = data.parse().expect("the data are JSON");
                    return event;
                }
                _ => {}
            }
        }
    }
}

fn post(server: &TestServer, id: &str, score: i64) {
    server.admin().post("/api/collections/posts", &json!({"id": id, "score": score})).expect_status(201);
}

#[test]
fn a_list_is_live_over_plain_http_and_resumes() {
    let server = TestServer::start(SCHEMA);
    post(&server, "a", 5);
    let query = "collection=posts&filter=score:gte:3&sort=-score";
    let mut events = Events::open(&server, query, "");
    let Event(name, _, data) = events.next();
    assert_eq!((name.as_str(), &data["payload"]["total"]), ("snapshot", &json!(1)));
    post(&server, "b", 2);
    post(&server, "secret", 100);
    post(&server, "c", 9);
    let Event(name, id, data) = events.next();
    assert_eq!((name.as_str(), &data["payload"]["changes"]["inserts"]), ("delta", &json!([{"id": "c", "score": 9}])));
    let id = id.expect("a delta has a cursor");
    let mut again = Events::open(&server, query, &format!("Last-Event-ID: {id}\r\n"));
    assert_eq!(again.next().2["payload"]["changes"], json!({"inserts": [], "updates": [], "deletes": []}));
    post(&server, "d", 7);
    for events in [&mut events, &mut again] {
        assert_eq!(events.next().2["payload"]["changes"]["inserts"][0]["id"], "d");
    }
    let mut late = Events::open(&server, &format!("{query}&since={id}"), "");
    let Event(name, _, data) = late.next();
    assert_eq!((name.as_str(), &data["payload"]["changes"]["inserts"]), ("delta", &json!([{"id": "d", "score": 7}])));
    let mut other = Events::open(&server, &format!("collection=posts&since={id}"), "");
    assert_eq!([other.next().0, other.next().0], ["resync", "snapshot"], "the cursor is of another query");
}

#[test]
fn wrong_questions_are_refused_before_anything_is_open() {
    let server = TestServer::start(SCHEMA);
    for (query, status) in [
        ("", 400),
        ("?collection=nothing", 400),
        ("?collection=posts&filter=titel:eq:1", 400),
        ("?collection=posts&offset=1", 400),
        ("?collection=posts&ticket=nonsense", 401),
    ] {
        server.get(&format!("/api/realtime/sse{query}")).expect_status(status);
    }
}

#[test]
fn a_ticket_stands_for_a_token_once() {
    let server = TestServer::start(SCHEMA);
    server.post("/api/realtime/ticket", &json!({})).expect_status(401);
    let made = server.admin().post("/api/realtime/ticket", &json!({})).expect_status(201).json();
    let ticket = made["ticket"].as_str().expect("there is a ticket").to_owned();
    post(&server, "secret", 100);
    let query = format!("collection=posts&ticket={ticket}");
    assert_eq!(Events::open(&server, &query, "").next().2["payload"]["total"], 1);
    server.get(&format!("/api/realtime/sse?{query}")).expect_status(401);
    let both = server.admin().post("/api/realtime/ticket", &json!({})).expect_status(201).json();
    let both = format!("/api/realtime/sse?collection=posts&ticket={}", both["ticket"].as_str().expect("one more"));
    server.admin().get(&both).expect_status(401);
    assert!(!server.output().contains(&ticket) && !server.output().contains(ADMIN_TOKEN), "the log keeps secrets");
}

#[test]
fn streams_count_as_connections_and_end_with_the_server() {
    let mut server = TestServer::with_schema(SCHEMA).config("realtime: {max_connections: 1}\n").start();
    let mut events = Events::open(&server, "collection=posts", "");
    events.next();
    server.get("/api/realtime/sse?collection=posts").expect_status(503);
    assert!(server.stop(), "it ends well");
}
