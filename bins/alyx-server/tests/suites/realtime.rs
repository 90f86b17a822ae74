//! Live queries over the WebSocket of the running server.

use alyx_testing::{ADMIN_TOKEN, Client, Socket, Subscribed, TestServer, TestServerBuilder, Value, json};

const SCHEMA: &str = r#"
version: 1
collections:
  users:
    fields:
      id: {type: uuid, primary: true, default: auto}
      email: {type: email, unique: true}
      name: {type: string, nullable: true}
    rules: {create: "true", read: "true", update: "auth.id == doc.id", delete: "auth.id == doc.id"}
  teams:
    fields:
      id: {type: string, primary: true}
  members:
    fields:
      id: {type: string, primary: true}
      team_id: {type: string, references: teams.id, onDelete: cascade}
      user_id: {type: uuid, references: users.id, onDelete: cascade}
  posts:
    fields:
      id: {type: string, primary: true}
      title: {type: string}
      score: {type: int, default: 0}
      team_id: {type: string, references: teams.id, onDelete: cascade, nullable: true}
      author_id: {type: uuid, references: users.id, onDelete: cascade, nullable: true}
      secret: {type: string, nullable: true, read: "auth.role == 'moderator'"}
    rules:
      read: |
        doc.team_id == null || auth.role == 'moderator'
          || exists_in("members", m, m.team_id == doc.team_id && m.user_id == auth.id)
"#;
const SETTINGS: &str =
    "auth: {password: {bcrypt_cost: 4}, rate_limit: {login: off, register: off, password_reset: off}}\n";
const PASSWORD: &str = "correct horse battery";

fn server() -> TestServerBuilder {
    TestServer::with_schema(SCHEMA).config(SETTINGS)
}

fn connect(server: &TestServer, token: Option<&str>) -> Socket {
    Socket::open(server.address(), token)
}

fn post(admin: &Client, id: &str, more: &Value) {
    let mut body = json!({"id": id, "title": id});
    body.as_object_mut().expect("it is an object").extend(more.as_object().expect("so is this").clone());
    admin.post("/api/collections/posts", &body).expect_status(201);
}

/// Somebody who is signed in: id and access token.
fn person(server: &TestServer, name: &str) -> (String, String) {
    let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
    let made = server.post("/api/auth/register", &body).expect_status(201).json();
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    (text(&made["user"]["id"]), text(&made["tokens"]["access_token"]))
}

/// Applies messages until the subscription has what GET answers.
#[track_caller]
fn settle(socket: &mut Socket, held: &mut Subscribed, client: &Client, path: &str) {
    let list = client.get(path).expect_status(200).json();
    let wanted = |held: &Subscribed| {
        let documents = list["docs"].as_array().expect("a list has documents");
        held.total == list["total"].as_u64().expect("a list has a total")
            && held.documents.len() == documents.len()
            && documents.iter().all(|document| held.documents.get(&document["id"].to_string()) == Some(document))
    };
    while !wanted(held) {
        let message = socket.wait_for("delta", |message| message["payload"]["subscription_id"] == *held.id);
        held.apply(&message);
    }
}

#[test]
fn a_query_is_live() {
    let server = server().start();
    let admin = server.admin();
    post(&admin, "p1", &json!({"score": 5}));
    let mut socket = connect(&server, Some(ADMIN_TOKEN));
    let asked = json!({"collection": "posts", "filter": {"score": {"$gte": 3}}, "sort": ["-score"], "limit": 2});
    let mut held = socket.subscribe(&asked);
    assert_eq!((held.documents.len(), held.total), (1, 1));
    let path = "/api/collections/posts?filter=score:gte:3&sort=-score&limit=2";
    for (id, score) in [("p2", 1), ("p3", 4), ("p4", 9), ("p5", 7)] {
        post(&admin, id, &json!({"score": score}));
        settle(&mut socket, &mut held, &admin, path);
    }
    admin.patch("/api/collections/posts/p4", &json!({"score": 2})).expect_status(200);
    settle(&mut socket, &mut held, &admin, path);
    admin.delete("/api/collections/posts/p5").expect_status(204);
    settle(&mut socket, &mut held, &admin, path);
    assert_eq!(held.documents.keys().collect::<Vec<_>>(), ["\"p1\"", "\"p3\""], "the window is filled up");
    socket.send("unsubscribe", &json!({"subscription_id": held.id}));
    assert_eq!(socket.wait("unsubscribed")["payload"]["subscription_id"], *held.id);
    post(&admin, "p6", &json!({"score": 8}));
    assert_eq!(socket.drain(), [] as [Value; 0]);
}

#[test]
fn one_commit_is_one_delta_and_cascades_count() {
    let server = server().start();
    let admin = server.admin();
    admin.post("/api/collections/teams", &json!({"id": "t"})).expect_status(201);
    for number in 0..5 {
        post(&admin, &format!("p{number}"), &json!({"team_id": "t"}));
    }
    let mut socket = connect(&server, Some(ADMIN_TOKEN));
    let held = socket.subscribe(&json!({"collection": "posts"}));
    assert_eq!(held.total, 5);
    admin.delete("/api/collections/teams/t").expect_status(204);
    let delta = socket.wait("delta");
    assert_eq!(delta["payload"]["changes"]["deletes"].as_array().unwrap().len(), 5);
    assert_eq!(delta["payload"]["total"], 0);
}

#[test]
fn what_a_membership_shows_comes_and_goes_with_it() {
    let server = server().start();
    let admin = server.admin();
    let (id, token) = person(&server, "anna");
    admin.post("/api/collections/teams", &json!({"id": "t"})).expect_status(201);
    post(&admin, "open", &json!({}));
    post(&admin, "inside", &json!({"team_id": "t", "secret": "x"}));
    let mut socket = connect(&server, Some(&token));
    let client = server.client().with_token(&token);
    let mut held = socket.subscribe(&json!({"collection": "posts", "sort": ["id"]}));
    let path = "/api/collections/posts?sort=id";
    settle(&mut socket, &mut held, &client, path);
    assert_eq!(held.total, 1);
    let member = json!({"id": "m", "team_id": "t", "user_id": id});
    admin.post("/api/collections/members", &member).expect_status(201);
    settle(&mut socket, &mut held, &client, path);
    assert_eq!(held.total, 2);
    admin.delete("/api/collections/members/m").expect_status(204);
    settle(&mut socket, &mut held, &client, path);
    assert_eq!(held.documents.keys().collect::<Vec<_>>(), ["\"open\""]);
}

#[test]
fn an_author_who_is_renamed_is_an_update() {
    let server = server().start();
    let admin = server.admin();
    let (id, token) = person(&server, "anna");
    post(&admin, "p", &json!({"author_id": id}));
    let mut socket = connect(&server, None);
    let mut held = socket.subscribe(&json!({"collection": "posts", "expand": ["author"]}));
    let client = server.client().with_token(&token);
    client.patch(&format!("/api/collections/users/{id}"), &json!({"name": "Anna"})).expect_status(200);
    settle(&mut socket, &mut held, &server.client(), "/api/collections/posts?expand=author");
    assert_eq!(held.documents["\"p\""]["author"]["name"], "Anna");
}

#[test]
fn ac08_ac09_rights_change_while_connected() {
    let server = server().start();
    let admin = server.admin();
    let (id, token) = person(&server, "mona");
    admin.post("/api/collections/teams", &json!({"id": "t"})).expect_status(201);
    post(&admin, "open", &json!({}));
    post(&admin, "inside", &json!({"team_id": "t", "secret": "x"}));
    let mut socket = connect(&server, Some(&token));
    let mut held = socket.subscribe(&json!({"collection": "posts"}));
    assert_eq!(held.total, 1);
    let set = |changes: &Value| admin.patch(&format!("/api/admin/users/{id}"), changes).expect_status(200);
    set(&json!({"role": "moderator"}));
    let client = server.client().with_token(&token);
    settle(&mut socket, &mut held, &client, "/api/collections/posts");
    assert_eq!((held.total, &held.documents["\"inside\""]["secret"]), (2, &json!("x")));
    set(&json!({"banned": true}));
    assert_eq!(socket.wait("error")["payload"]["code"], "INVALID_TOKEN");
    settle(&mut socket, &mut held, &server.client(), "/api/collections/posts");
    assert_eq!((held.total, held.documents["\"open\""].get("secret")), (1, None));
    post(&admin, "later", &json!({"team_id": "t"}));
    assert_eq!(socket.drain(), [] as [Value; 0]);
}

#[test]
fn ac36_a_token_that_expires_shows_nothing_more_and_another_one_does() {
    let settings = SETTINGS.replace("auth: {", "auth: {jwt: {access_ttl: 2s}, ");
    let server = TestServer::with_schema(SCHEMA).config(&settings).start();
    let admin = server.admin();
    let (id, token) = person(&server, "anna");
    admin.post("/api/collections/teams", &json!({"id": "t"})).expect_status(201);
    let member = json!({"id": "m", "team_id": "t", "user_id": id});
    admin.post("/api/collections/members", &member).expect_status(201);
    post(&admin, "inside", &json!({"team_id": "t"}));
    let mut socket = connect(&server, Some(&token));
    let mut held = socket.subscribe(&json!({"collection": "posts"}));
    assert_eq!(held.total, 1);
    assert_eq!(socket.wait("error")["payload"]["code"], "TOKEN_EXPIRED");
    settle(&mut socket, &mut held, &server.client(), "/api/collections/posts");
    assert_eq!(held.total, 0);
    let refused = socket.refused("auth", &json!({"token": token}));
    assert_eq!(refused["code"], "TOKEN_EXPIRED");
    socket.send("auth", &json!({"token": ADMIN_TOKEN}));
    assert_eq!(socket.wait("authenticated")["payload"]["user"], Value::Null);
    settle(&mut socket, &mut held, &admin, "/api/collections/posts");
    assert_eq!(held.total, 1);
}

#[test]
fn what_may_be_read_for_a_while_leaves_when_that_is_over() {
    let server = TestServer::start(
        r#"
version: 1
collections:
  offers:
    fields:
      id: {type: string, primary: true}
      until: {type: timestamp}
    rules: {read: "request.time < doc.until"}
"#,
    );
    let until = jiff::Timestamp::now() + std::time::Duration::from_secs(4);
    let offer = json!({"id": "o", "until": until.to_string()});
    server.admin().post("/api/collections/offers", &offer).expect_status(201);
    let mut socket = connect(&server, None);
    let mut held = socket.subscribe(&json!({"collection": "offers"}));
    assert_eq!(held.total, 1);
    held.apply(&socket.wait("delta"));
    assert_eq!((held.total, held.documents.len()), (0, 0));
}

#[test]
fn a_cursor_resumes_also_after_a_crash() {
    let mut server = server().start();
    post(&server.admin(), "p1", &json!({}));
    let asked = |cursor: &str| json!({"collection": "posts", "since": cursor});
    let held = connect(&server, None).subscribe(&json!({"collection": "posts"}));
    server.kill();
    server.restart();
    let mut socket = connect(&server, None);
    let id = socket.send("subscribe", &asked(&held.cursor));
    let delta = socket.wait_for("delta", |message| message["id"] == id);
    assert_eq!(delta["payload"]["changes"], json!({"inserts": [], "updates": [], "deletes": []}));
    post(&server.admin(), "p2", &json!({}));
    let mut late = connect(&server, None);
    let id = late.send("subscribe", &asked(&held.cursor));
    let delta = late.wait_for("delta", |message| message["id"] == id);
    assert_eq!(delta["payload"]["total"], 2);
    let inserts = delta["payload"]["changes"]["inserts"].as_array().map(Vec::as_slice);
    assert!(matches!(inserts, Some([post]) if post["id"] == "p2"), "only what was missed: {delta}");
}

#[test]
fn wrong_questions_are_told_what_is_wrong() {
    let server = server().start();
    let mut socket = connect(&server, None);
    let code = |socket: &mut Socket, payload: Value| socket.refused("subscribe", &payload)["code"].clone();
    assert_eq!(code(&mut socket, json!({"collection": "nothing"})), "INVALID_QUERY");
    assert_eq!(code(&mut socket, json!({"collection": "posts", "filter": {"titel": 1}})), "INVALID_QUERY");
    assert_eq!(code(&mut socket, json!({"collection": "teams"})), "UNAUTHORIZED");
    assert_eq!(code(&mut socket, json!({"collection": "posts", "filter": {"secret": "x"}})), "UNAUTHORIZED");
    assert_eq!(socket.refused("unsubscribe", &json!({"subscription_id": "sub_9"}))["code"], "NOT_FOUND");
    assert_eq!(socket.refused("auth", &json!({"token": "nonsense"}))["code"], "INVALID_TOKEN");
    for text in ["", "{", "[]", "7", r#"{"type":"dance"}"#, r#"{"type":"subscribe","payload":[]}"#] {
        socket.send_text(text);
        assert!(socket.wait("error")["payload"]["message"].is_string(), "{text}");
    }
    assert_eq!(socket.subscribe(&json!({"collection": "posts"})).total, 0, "it goes on");
}

#[test]
fn limits_hold() {
    let settings = format!("{SETTINGS}realtime: {{max_connections: 2, max_subscriptions: 1, message_limit: 1KiB}}\n");
    let server = TestServer::with_schema(SCHEMA).config(&settings).start();
    let mut first = connect(&server, None);
    let second = connect(&server, None);
    assert_eq!(Socket::connect(server.address(), &[]).map(drop), Err(503));
    drop(second);
    first.subscribe(&json!({"collection": "posts"}));
    assert_eq!(first.refused("subscribe", &json!({"collection": "posts"}))["code"], "RATE_LIMITED");
    first.send_text(&format!("{{\"type\":\"{}\"}}", "x".repeat(2000)));
    assert_eq!(first.closed(), Some(1009));
}

#[test]
fn ac44_who_connects_is_known_by_a_token_and_no_other_page_connects() {
    let settings = format!("{SETTINGS}server: {{cors: {{origins: [\"https://app.example.com\"]}}}}\n");
    let server = TestServer::with_schema(SCHEMA).config(&settings).start();
    let (_, token) = person(&server, "anna");
    let protocols = format!("alyx, bearer.{token}");
    let connect = |headers: &[(&str, &str)]| Socket::connect(server.address(), headers).map(drop);
    assert_eq!(connect(&[("sec-websocket-protocol", &protocols)]), Ok(()));
    assert_eq!(connect(&[("sec-websocket-protocol", "alyx, bearer.nonsense")]), Err(401));
    assert_eq!(connect(&[("authorization", "Bearer nonsense")]), Err(401));
    assert_eq!(connect(&[("origin", "https://evil.example.com")]), Err(403));
    assert_eq!(connect(&[("origin", "null")]), Err(403));
    let own = format!("http://{}", server.address());
    assert_eq!(connect(&[("origin", &own)]), Ok(()));
    assert_eq!(connect(&[("origin", "https://app.example.com")]), Ok(()));
}

#[test]
fn a_stop_does_not_wait_for_connections() {
    let mut server = server().start();
    let mut socket = connect(&server, None);
    socket.subscribe(&json!({"collection": "posts"}));
    assert!(server.stop(), "it ends well");
    assert_eq!(socket.closed(), Some(1001));
}
