//! Channels over the WebSocket of the running server: who hears what, who may, and what happens when that changes.

mod lost_rights;

use alyx_testing::{ADMIN_TOKEN, Socket, TestServer, TestServerBuilder, Value, json};

const SCHEMA: &str = r#"
version: 1
collections:
  users:
    fields:
      id: {type: uuid, primary: true, default: auto}
      email: {type: email, unique: true}
    rules: {create: "true", read: "true"}
  members:
    fields:
      id: {type: string, primary: true}
      room_id: {type: string}
      user_id: {type: uuid, references: users.id, onDelete: cascade}
  notes:
    fields:
      id: {type: string, primary: true}
    rules: {create: "true", read: "true"}
channels:
  lobby:
    rules: {join: "true", broadcast: "auth != null || request.body.event == 'wave'", presence: "auth != null"}
  "room:{room_id}":
    rules:
      join: exists_in("members", m, m.room_id == channel.room_id && m.user_id == auth.id)
      broadcast: exists_in("members", m, m.room_id == channel.room_id && m.user_id == auth.id)
      presence: auth.role == 'moderator'
  "open:{topic}":
    rules: {join: "!exists_in('members', m, m.room_id == channel.topic)", broadcast: "true", presence: "true"}
  staff: {}
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

/// Somebody who is signed in: id and access token.
fn person(server: &TestServer, name: &str) -> (String, String) {
    let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
    let made = server.post("/api/auth/register", &body).expect_status(201).json();
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    (text(&made["user"]["id"]), text(&made["tokens"]["access_token"]))
}

fn admit(server: &TestServer, room: &str, user: &str) {
    let member = json!({"id": format!("{room}-{user}"), "room_id": room, "user_id": user});
    server.admin().post("/api/collections/members", &member).expect_status(201);
}

/// Joins, and gives back the answer's payload.
#[track_caller]
fn join(socket: &mut Socket, payload: &Value) -> Value {
    let id = socket.send("join", payload);
    socket.wait_for("joined", |message| message["id"] == id)["payload"].clone()
}

#[track_caller]
fn say(socket: &mut Socket, channel: &str, event: &str, data: &Value) {
    let id = socket.send("broadcast", &json!({"channel": channel, "event": event, "data": data}));
    assert_eq!(socket.wait_for("sent", |message| message["id"] == id)["payload"], json!({"channel": channel}));
}

#[track_caller]
fn hear(socket: &mut Socket) -> Value {
    socket.wait("broadcast")["payload"].clone()
}

/// Nothing waits but what is listed, each as its type.
#[track_caller]
fn only(socket: &mut Socket, expected: &[&str]) {
    let found = socket.drain();
    let kinds: Vec<_> = found.iter().filter_map(|message| message["type"].as_str()).collect();
    assert_eq!(kinds, expected, "{found:?}");
}

#[test]
fn what_is_sent_goes_to_all_others_who_have_joined() {
    let server = server().start();
    let (id, token) = person(&server, "anna");
    let (mut anna, mut bert, mut outside) =
        (connect(&server, Some(&token)), connect(&server, None), connect(&server, None));
    assert_eq!(join(&mut anna, &json!({"channel": "lobby"})), json!({"channel": "lobby", "presence": []}));
    assert_eq!(join(&mut bert, &json!({"channel": "lobby"})), json!({"channel": "lobby"}), "nobody sees who is there");
    let data = json!({"text": "Hello, \"you\" 👋", "list": [1, 2.5, null]});
    say(&mut anna, "lobby", "message", &data);
    let heard = hear(&mut bert);
    assert_eq!(heard["from"]["user"], json!({"id": id, "role": "user"}));
    assert!(heard["from"]["client_id"].as_str().is_some_and(|client| !client.is_empty()));
    assert_eq!((&heard["channel"], &heard["event"], &heard["data"]), (&json!("lobby"), &json!("message"), &data));
    say(&mut bert, "lobby", "wave", &Value::Null);
    let heard = hear(&mut anna);
    assert_eq!((&heard["from"]["user"], &heard["data"]), (&Value::Null, &Value::Null));
    only(&mut anna, &[]);
    only(&mut outside, &[]);
    bert.send("leave", &json!({"channel": "lobby"}));
    assert_eq!(bert.wait("left")["payload"], json!({"channel": "lobby"}));
    say(&mut anna, "lobby", "message", &data);
    only(&mut bert, &[]);
}

#[test]
fn a_rule_refuses_and_the_answer_says_so() {
    let server = server().start();
    let (_, token) = person(&server, "anna");
    let (mut anna, mut nobody) = (connect(&server, Some(&token)), connect(&server, None));
    let said = |event: &str, channel: &str| json!({"channel": channel, "event": event, "data": 1});
    assert_eq!(nobody.refused("join", &json!({"channel": "room:1"}))["code"], "UNAUTHORIZED");
    assert_eq!(anna.refused("join", &json!({"channel": "room:1"}))["code"], "FORBIDDEN");
    assert_eq!(nobody.refused("broadcast", &said("message", "lobby"))["code"], "UNAUTHORIZED", "waving is all");
    assert_eq!(anna.refused("broadcast", &said("message", "room:1"))["code"], "FORBIDDEN");
    assert_eq!(anna.refused("join", &json!({"channel": "staff"}))["code"], "FORBIDDEN", "no rule, nobody");
    assert_eq!(anna.refused("broadcast", &said("message", "staff"))["code"], "FORBIDDEN");
    let shows = json!({"channel": "lobby", "presence": {}});
    assert_eq!(nobody.refused("join", &shows)["code"], "UNAUTHORIZED");
    assert_eq!(nobody.refused("presence", &json!({"channel": "lobby", "state": {}}))["code"], "NOT_FOUND");
    join(&mut nobody, &json!({"channel": "lobby"}));
    assert_eq!(nobody.refused("presence", &json!({"channel": "lobby", "state": {}}))["code"], "UNAUTHORIZED");
    assert_eq!(nobody.refused("leave", &json!({"channel": "room:1"}))["code"], "NOT_FOUND");
    only(&mut anna, &[]);
}

#[test]
fn a_name_that_is_no_channel_is_told_the_nearest() {
    let server = server().start();
    let mut socket = connect(&server, None);
    let mut message = |name: &str| {
        let refused = socket.refused("join", &json!({"channel": name}));
        assert_eq!(refused["code"], "NOT_FOUND");
        refused["message"].as_str().expect("it says why").to_owned()
    };
    assert_eq!(message("loby"), r#"there is no channel "loby"; did you mean "lobby"?"#);
    assert_eq!(message("rom:7"), r#"there is no channel "rom:7"; did you mean "room:7"?"#);
    assert_eq!(message("something/else"), r#"there is no channel "something/else""#);
    assert_eq!(message("room:"), r#"there is no channel "room:""#);
    let refused = socket.refused("broadcast", &json!({"channel": "loby", "event": "x"}));
    assert_eq!(refused["code"], "NOT_FOUND");
}

#[test]
fn presence_tells_who_comes_changes_and_goes() {
    let server = server().start();
    let ((anna_id, annas), (_, berts)) = (person(&server, "anna"), person(&server, "bert"));
    let (mut anna, mut bert) = (connect(&server, Some(&annas)), connect(&server, Some(&berts)));
    let joined = join(&mut anna, &json!({"channel": "lobby", "presence": {"at": "desk"}}));
    let entry = joined["presence"][0].clone();
    assert_eq!((&entry["user"]["id"], &entry["state"]), (&json!(anna_id), &json!({"at": "desk"})));
    let joined = join(&mut bert, &json!({"channel": "lobby"}));
    assert_eq!(joined["presence"], json!([entry]));
    let change = |socket: &mut Socket| socket.wait("presence")["payload"].clone();
    let send = |socket: &mut Socket, state: Value| {
        let id = socket.send("presence", &json!({"channel": "lobby", "state": state}));
        socket.wait_for("sent", |message| message["id"] == id);
    };
    send(&mut bert, json!({}));
    let told = change(&mut anna);
    assert_eq!((&told["joins"][0]["state"], &told["updates"], &told["leaves"]), (&json!({}), &json!([]), &json!([])));
    send(&mut anna, json!({"at": "lunch"}));
    let told = change(&mut bert);
    assert_eq!((&told["updates"][0]["state"], &told["joins"]), (&json!({"at": "lunch"}), &json!([])));
    let gone = json!([{"client_id": entry["client_id"]}]);
    send(&mut anna, Value::Null);
    assert_eq!(change(&mut bert)["leaves"], gone);
    send(&mut anna, json!({"at": "desk"}));
    assert_eq!(change(&mut bert)["joins"], json!([entry]));
    drop(anna);
    assert_eq!(change(&mut bert)["leaves"], gone, "a connection that ends has left");
    only(&mut bert, &[]);
}

#[test]
fn a_member_of_a_room_is_out_when_the_membership_ends() {
    let server = server().start();
    let ((anna_id, annas), (bert_id, berts)) = (person(&server, "anna"), person(&server, "bert"));
    admit(&server, "1", &anna_id);
    admit(&server, "1", &bert_id);
    let (mut anna, mut bert) = (connect(&server, Some(&annas)), connect(&server, Some(&berts)));
    assert_eq!(join(&mut anna, &json!({"channel": "room:1"})), json!({"channel": "room:1"}));
    join(&mut bert, &json!({"channel": "room:1"}));
    assert_eq!(bert.refused("join", &json!({"channel": "room:2"}))["code"], "FORBIDDEN");
    say(&mut anna, "room:1", "message", &json!(1));
    assert_eq!(hear(&mut bert)["data"], 1);
    server.admin().delete(&format!("/api/collections/members/1-{bert_id}")).expect_status(204);
    let refused = bert.refused("broadcast", &json!({"channel": "room:1", "event": "x"}));
    assert_eq!(refused["code"], "FORBIDDEN", "sending is asked at once");
    let left = bert.wait("left")["payload"].clone();
    assert_eq!((&left["channel"], &left["code"]), (&json!("room:1"), &json!("FORBIDDEN")));
    say(&mut anna, "room:1", "message", &json!(2));
    only(&mut bert, &[]);
    only(&mut anna, &[]);
}

#[test]
fn a_rule_may_ask_that_there_is_no_document() {
    let server = server().start();
    let (id, _) = person(&server, "anna");
    let mut socket = connect(&server, None);
    join(&mut socket, &json!({"channel": "open:1"}));
    server.client().post("/api/collections/notes", &json!({"id": "n"})).expect_status(201);
    say(&mut socket, "open:1", "x", &Value::Null);
    only(&mut socket, &[]);
    admit(&server, "1", &id);
    assert_eq!(socket.wait("left")["payload"]["code"], "UNAUTHORIZED");
    assert_eq!(socket.refused("join", &json!({"channel": "open:1"}))["code"], "UNAUTHORIZED");
}

#[test]
fn rights_follow_bans_roles_and_tokens() {
    let server = server().start();
    let admin = server.admin();
    let ((anna_id, annas), (bert_id, berts)) = (person(&server, "anna"), person(&server, "bert"));
    admit(&server, "1", &anna_id);
    admit(&server, "1", &bert_id);
    let set = |id: &str, changes: Value| admin.patch(&format!("/api/admin/users/{id}"), &changes).expect_status(200);
    set(&anna_id, json!({"role": "moderator"}));
    set(&bert_id, json!({"role": "moderator"}));
    let (mut anna, mut bert) = (connect(&server, Some(&annas)), connect(&server, Some(&berts)));
    let here = json!({"channel": "room:1", "presence": {}});
    join(&mut anna, &here);
    join(&mut bert, &here);
    anna.wait("presence");
    set(&bert_id, json!({"role": "user"}));
    let error = bert.wait("error")["payload"].clone();
    assert_eq!((&error["channel"], &error["code"]), (&json!("room:1"), &json!("FORBIDDEN")));
    assert_eq!(anna.wait("presence")["payload"]["leaves"].as_array().map(Vec::len), Some(1));
    say(&mut anna, "room:1", "message", &json!("still heard"));
    assert_eq!(hear(&mut bert)["from"]["user"]["role"], "moderator");
    set(&bert_id, json!({"banned": true}));
    assert_eq!(bert.wait("error")["payload"]["code"], "INVALID_TOKEN");
    assert_eq!(bert.wait("left")["payload"]["code"], "UNAUTHORIZED");
    say(&mut anna, "room:1", "message", &json!("not heard"));
    only(&mut bert, &[]);
    bert.send("auth", &json!({"token": ADMIN_TOKEN}));
    bert.wait("authenticated");
    assert_eq!(join(&mut bert, &here)["presence"].as_array().map(Vec::len), Some(2), "administrators may all");
    assert_eq!(anna.wait("presence")["payload"]["joins"][0]["user"], Value::Null);
    join(&mut bert, &json!({"channel": "staff"}));
}

#[test]
fn somebody_who_signs_in_is_shown_as_who_they_are() {
    let server = server().start();
    let (id, token) = person(&server, "anna");
    let (mut anna, mut other) = (connect(&server, None), connect(&server, None));
    join(&mut other, &json!({"channel": "open:1"}));
    let joined = join(&mut anna, &json!({"channel": "open:1", "presence": {"x": 1}}));
    assert_eq!(joined["presence"][0]["user"], Value::Null);
    other.wait("presence");
    anna.send("auth", &json!({"token": token}));
    anna.wait("authenticated");
    let told = other.wait("presence")["payload"]["updates"][0].clone();
    assert_eq!((&told["user"]["id"], &told["state"]), (&json!(id), &json!({"x": 1})));
}

#[test]
fn a_token_that_expires_ends_what_it_opened() {
    let settings = SETTINGS.replace("auth: {", "auth: {jwt: {access_ttl: 2s}, ");
    let server = TestServer::with_schema(SCHEMA).config(&settings).start();
    let (id, token) = person(&server, "anna");
    admit(&server, "1", &id);
    let mut anna = connect(&server, Some(&token));
    join(&mut anna, &json!({"channel": "room:1"}));
    join(&mut anna, &json!({"channel": "lobby", "presence": {}}));
    assert_eq!(anna.wait("error")["payload"]["code"], "TOKEN_EXPIRED");
    assert_eq!(anna.wait("left")["payload"]["channel"], "room:1");
    let about_lobby = anna.wait_for("error", |message| message["payload"]["channel"] == "lobby");
    assert_eq!(about_lobby["payload"]["code"], "UNAUTHORIZED", "it stays, and is not seen");
}

#[test]
fn what_is_open_for_a_while_closes_when_that_is_over() {
    let until = jiff::Timestamp::now() + std::time::Duration::from_secs(3);
    let schema = format!(
        "version: 1\ncollections: {{}}\nchannels: {{party: {{rules: {{join: \"request.time < timestamp('{until}')\"}}}}}}\n"
    );
    let server = TestServer::start(&schema);
    let mut socket = connect(&server, None);
    join(&mut socket, &json!({"channel": "party"}));
    assert_eq!(socket.wait("left")["payload"]["channel"], "party");
    assert_eq!(socket.refused("join", &json!({"channel": "party"}))["code"], "UNAUTHORIZED");
}

#[test]
fn limits_hold() {
    let settings = format!("{SETTINGS}realtime: {{max_channels: 2, message_limit: 8KiB}}\n");
    let server = TestServer::with_schema(SCHEMA).config(&settings).start();
    let mut socket = connect(&server, None);
    join(&mut socket, &json!({"channel": "open:1"}));
    join(&mut socket, &json!({"channel": "open:2"}));
    assert_eq!(socket.refused("join", &json!({"channel": "open:3"}))["code"], "RATE_LIMITED");
    join(&mut socket, &json!({"channel": "open:2"}));
    socket.send("leave", &json!({"channel": "open:1"}));
    socket.wait("left");
    join(&mut socket, &json!({"channel": "open:3"}));
    let large = json!({"channel": "open:3", "state": {"a": "x".repeat(4096)}});
    assert_eq!(socket.refused("presence", &large)["code"], "INVALID_BODY");
    let long = json!({"channel": format!("open:{}", "x".repeat(200))});
    assert_eq!(socket.refused("join", &long)["code"], "INVALID_BODY");
    for (kind, payload) in [
        ("join", json!({})),
        ("join", json!({"channel": 7})),
        ("join", json!({"channel": "open:3", "presence": []})),
        ("broadcast", json!({"channel": "open:3"})),
        ("broadcast", json!({"channel": "open:3", "event": "x".repeat(201)})),
        ("presence", json!({"channel": "open:3", "state": "here"})),
    ] {
        assert_eq!(socket.refused(kind, &payload)["code"], "INVALID_BODY", "{kind} {payload}");
    }
    socket.send_text(
        &json!({"type": "broadcast", "payload": {"channel": "open:3", "event": "e", "data": "x".repeat(9000)}})
            .to_string(),
    );
    assert_eq!(socket.closed(), Some(1009));
}

#[test]
fn a_slow_client_is_told_how_much_it_missed() {
    let settings = format!("{SETTINGS}realtime: {{queue: 4}}\n");
    let server = TestServer::with_schema(SCHEMA).config(&settings).start();
    let (mut fast, mut slow) = (connect(&server, None), connect(&server, None));
    join(&mut slow, &json!({"channel": "open:1", "presence": {}}));
    join(&mut fast, &json!({"channel": "open:1"}));
    // More than the network between the two holds, while the slow one reads nothing.
    let (data, total) = (json!("x".repeat(200_000)), 400);
    for _ in 0..total {
        say(&mut fast, "open:1", "e", &data);
    }
    let (mut heard, mut missed) = (0, 0);
    while heard + missed < total {
        let message = slow.receive();
        match message["type"].as_str() {
            Some("broadcast") => heard += 1,
            Some("missed") => {
                missed += message["payload"]["count"].as_u64().expect("it says how many");
                assert_eq!(message["payload"]["presence"].as_array().map(Vec::len), Some(1));
            }
            _ => panic!("{message}"),
        }
    }
    assert_eq!(heard + missed, total);
    assert!(missed > 0, "nothing was missed: the network holds more than was sent");
    say(&mut fast, "open:1", "e", &json!("again"));
    assert_eq!(hear(&mut slow)["data"], "again");
}

#[test]
fn many_hear_the_same() {
    let server = server().start();
    let mut members: Vec<_> = (0..50).map(|_| connect(&server, None)).collect();
    members.iter_mut().for_each(|member| drop(join(member, &json!({"channel": "open:1"}))));
    for number in 0..20 {
        say(&mut members[0], "open:1", "e", &json!(number));
    }
    for member in &mut members[1..] {
        let heard: Vec<_> = (0..20).map(|_| hear(member)["data"].as_u64().expect("it is a number")).collect();
        assert_eq!(heard, (0..20).collect::<Vec<_>>(), "in the order in which it was sent");
    }
}

#[test]
fn faults_in_rules_of_channels_stop_the_start_with_their_place() {
    let schema =
        "version: 1\ncollections: {}\nchannels:\n  \"room:{room_id}\":\n    rules: {join: \"channel.rom_id == 'x'\"}\n";
    let output = TestServer::with_schema(schema).command().output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("schema.yaml:5:28"), "{said}");
    assert!(said.contains("did you mean \"room_id\"?"), "{said}");
}
