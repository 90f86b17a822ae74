//! What the served API description says of realtime, held against what the server does.

use alyx_testing::{Response, Socket, TestServer, Value, json};

use crate::realtime_events::Events;

const SCHEMA: &str = r#"
version: 1
collections:
  posts:
    fields:
      id: {type: string, primary: true}
      score: {type: int, default: 0}
      author_id: {type: string, references: authors.id, nullable: true}
    rules: {read: "true"}
  authors:
    fields: {id: {type: string, primary: true}}
    rules: {read: "true"}
  closed:
    fields: {id: {type: string, primary: true}}
"#;

const SETTINGS: &str = "realtime: {max_connections: 1}\nserver: {cors: {origins: [\"https://app.example.com\"]}}\n";

const EVENTS: &str = "/api/realtime/sse";

fn call(server: &TestServer, path: &str, method: &str) -> Value {
    let document = server.get("/api/openapi.json").expect_status(200).json();
    document["paths"][path][method].clone()
}

/// Fails unless the description lists the status of an answer, and the answer is as it says.
#[track_caller]
fn expect_described(call: &Value, answer: Response, status: u16) {
    let answer = answer.expect_status(status);
    assert!(call["responses"].get(status.to_string()).is_some(), "{status} is not described");
    assert!(!answer.error_code().is_empty() && answer.header("x-request-id").is_some());
}

fn names(call: &Value, place: &str) -> Vec<String> {
    let parameters = call["parameters"].as_array().into_iter().flatten();
    let there = parameters.filter(|parameter| parameter["in"] == place);
    there.map(|parameter| parameter["name"].as_str().expect("it has a name").to_owned()).collect()
}

#[test]
fn refusals_are_those_that_are_described() {
    let server = TestServer::with_schema(SCHEMA).config(SETTINGS).start();
    let client = server.client();
    let with = |name: &str, value: &str| server.client().with_header(name, value);
    let (socket, events) = (call(&server, "/api/realtime", "get"), call(&server, EVENTS, "get"));
    let ticket = call(&server, "/api/realtime/ticket", "post");
    let evil = "https://evil.example.com";
    let posts = format!("{EVENTS}?collection=posts");
    expect_described(&socket, client.get("/api/realtime"), 400);
    expect_described(&socket, server.client().with_token("nonsense").get("/api/realtime"), 401);
    expect_described(&socket, with("Origin", evil).get("/api/realtime"), 403);
    expect_described(&events, client.get(EVENTS), 400);
    expect_described(&events, client.get(&format!("{posts}&colour=red")), 400);
    expect_described(&events, client.get(&format!("{posts}&filter=titel:eq:x")), 400);
    expect_described(&events, client.get(&format!("{EVENTS}?collection=closed")), 401);
    expect_described(&events, client.get(&format!("{posts}&ticket=nonsense")), 401);
    expect_described(&events, with("Origin", evil).get(&posts), 403);
    expect_described(&ticket, client.post("/api/realtime/ticket", &json!({})), 401);
    expect_described(&ticket, server.admin().post("/api/realtime/ticket?x=1", &json!({})), 400);
    let _one = Socket::connect(server.address(), &[]).expect("a place");
    expect_described(&events, client.get(&posts), 503);
    let headers = [("Upgrade", "websocket"), ("Connection", "upgrade"), ("Sec-WebSocket-Version", "13")];
    let headers = [&headers[..], &[("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")]].concat();
    let answer = client.try_send_bytes("GET", "/api/realtime", &headers, b"").expect("the server answers");
    expect_described(&socket, answer, 503);
}

#[test]
fn every_parameter_is_taken_and_no_other() {
    let server = TestServer::start(SCHEMA);
    let events = call(&server, EVENTS, "get");
    let made = server.admin().post("/api/realtime/ticket", &json!({})).expect_status(201).json();
    let cursor = Events::open(&server, "collection=posts", "").next().1.expect("a snapshot has a cursor");
    let ticket = made["ticket"].as_str().expect("there is a ticket");
    let values = [
        ("collection", "posts"),
        ("filter", "score:gte:0"),
        ("where", "%7B%22score%22%3A%7B%22%24gte%22%3A0%7D%7D"),
        ("sort", "-score,id"),
        ("limit", "5"),
        ("fields", "score"),
        ("expand", "author_id"),
        ("since", &cursor),
        ("ticket", ticket),
    ];
    assert_eq!(names(&events, "query"), values.map(|(name, _)| name), "each is tried below");
    let query: Vec<_> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut stream = Events::open(&server, &query.join("&"), "");
    assert_eq!([stream.next().0, stream.next().0], ["resync", "snapshot"], "the cursor is of another query");
    for name in ["offset", "cursor", "total", "token", "access_token"] {
        server.get(&format!("{EVENTS}?collection=posts&{name}=1")).expect_status(400);
    }
    assert_eq!(names(&events, "header"), ["Last-Event-ID"]);
    let mut resumed = Events::open(&server, "collection=posts", &format!("Last-Event-ID: {cursor}\r\n"));
    assert_eq!(resumed.next().0, "delta");
    let collection = &events["parameters"][0];
    assert_eq!((&collection["name"], &collection["required"]), (&json!("collection"), &json!(true)));
    assert_eq!(collection["schema"]["enum"], json!(["posts", "authors", "closed"]));
}

#[test]
fn successes_are_as_described() {
    let server = TestServer::start(SCHEMA);
    let document = server.get("/api/openapi.json").json();
    let responses = |path: &str, method: &str| document["paths"][path][method]["responses"].clone();
    assert!(responses("/api/realtime", "get").get("101").is_some());
    let header = &responses("/api/realtime", "get")["101"]["headers"]["Sec-WebSocket-Protocol"];
    assert_eq!(header["schema"]["const"], "alyx");
    assert!(responses(EVENTS, "get")["200"]["content"].get("text/event-stream").is_some());
    let made = server.admin().post("/api/realtime/ticket", &json!({})).expect_status(201);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let reference =
        responses("/api/realtime/ticket", "post")["201"]["content"]["application/json"]["schema"]["$ref"].clone();
    let schema = document.pointer(&reference.as_str().expect("it is a reference")[1..]).expect("it leads somewhere");
    let wanted: Vec<_> = schema["required"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let given: Vec<_> = made.json().as_object().expect("an object").keys().cloned().collect();
    assert_eq!(wanted.len(), given.len());
    assert!(wanted.iter().all(|name| given.iter().any(|given| given == name)), "{wanted:?}, not {given:?}");
    let description =
        document["paths"]["/api/realtime"]["get"]["description"].as_str().expect("there is one").to_owned();
    for kind in
        ["subscribe", "unsubscribe", "auth", "ping", "connected", "snapshot", "delta", "resync", "error", "pong"]
    {
        assert!(description.contains(&format!("`{kind}`")), "{kind} is not described");
    }
}
