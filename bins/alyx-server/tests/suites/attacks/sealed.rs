//! Rows 12, 23 and 24: nobody writes what decides access, whatever the body says and whatever an id is called.

use alyx_testing::{ADMIN_TOKEN, Client, Value, json};

use super::people::{PASSWORD, Person, login, refresh, server_with};

const COLLECTIONS: &str = r#"
  posts:
    fields:
      id: {type: string, primary: true}
      owner_id: {type: uuid, references: users.id, onDelete: cascade, write: "request.method == 'POST'"}
      title: {type: string, default: ""}
      featured: {type: bool, default: false, write: "auth.role == 'moderator'"}
      score: {type: int, default: 0, internal: true}
      created_at: {type: timestamp, default: now}
    rules:
      create: "auth.id == doc.owner_id"
      read: "true"
      update: "auth.id == doc.owner_id"
  private:
    fields:
      id: {type: string, primary: true}
      word: {type: string, default: ""}
    rules: {create: "auth != null && doc.id == auth.id", read: "doc.id == auth.id", update: "doc.id == auth.id", delete: "doc.id == auth.id"}
  admin:
    fields: {id: {type: string, primary: true}}
    rules: {create: "auth != null", read: "true"}
"#;

/// What no owner sets, with values that would be worth something.
fn privileged() -> Vec<(&'static str, Value)> {
    let names = [
        "role",
        "roles",
        "verified",
        "banned",
        "id",
        "password_hash",
        "passwordHash",
        "metadata",
        "email_verified",
        "created_at",
        "updated_at",
        "expires_at",
        "expires",
        "sessions",
        "session_id",
        "is_admin",
        "admin",
        "scopes",
        "permissions",
        "has_password",
        "last_sign_in_at",
        "user",
        "user_id",
        "tokens",
        "__proto__",
        "constructor",
        "$set",
        "role.name",
        "Role",
        "ROLE",
        " role",
        "role\u{0}",
        "auth",
        "doc",
        "rules",
    ];
    let values = |name: &str| match name {
        "id" | "session_id" | "user_id" => json!("00000000-0000-7000-8000-000000000001"),
        "verified" | "banned" | "is_admin" | "email_verified" | "has_password" => json!(true),
        "expires_at" | "expires" => json!("2999-01-01T00:00:00Z"),
        "user" | "metadata" | "__proto__" | "constructor" | "$set" | "auth" | "doc" => json!({"role": "admin"}),
        _ => json!("admin"),
    };
    let all = names.iter().flat_map(|name| [(*name, values(name)), (*name, Value::Null), (*name, json!([]))]);
    all.collect()
}

/// The body with one more entry.
fn with(body: &Value, name: &str, value: &Value) -> Value {
    let mut body = body.clone();
    body[name] = value.clone();
    body
}

fn send_text(client: &Client, method: &str, path: &str, body: &str) -> u16 {
    let sent = client.try_send_bytes(method, path, &[("Content-Type", "application/json")], body.as_bytes());
    sent.expect("the server answers").status
}

#[test]
fn ac24_nobody_registers_as_more_than_a_user() {
    let server = server_with("").start();
    let body = json!({"email": "eve@example.com", "password": PASSWORD});
    for (name, value) in privileged() {
        let refused = server.post("/api/auth/register", &with(&body, name, &value));
        assert_eq!(refused.status, 400, "{name}: {value}: {}", refused.text());
        assert_eq!(refused.error_code(), "VALIDATION_ERROR");
    }
    for text in [
        r#"{"email": "eve@example.com", "password": "correct horse", "name": "a", "name": "b"}"#,
        r#"{"email": "eve@example.com", "password": "correct horse", "role": "user", "role": "admin"}"#,
        r#"{"email": "eve@example.com", "password": "correct horse", "\u0072ole": "admin"}"#,
        r#"{"email": "other@example.com", "email": "eve@example.com", "password": "correct horse"}"#,
        r#"[{"email": "eve@example.com", "password": "correct horse", "role": "admin"}]"#,
    ] {
        assert_eq!(send_text(&server.client(), "POST", "/api/auth/register", text), 400, "{text}");
    }
    server.post("/api/auth/register?role=admin", &body).expect_status(400);
    assert_eq!(server.admin().get("/api/admin/users").json()["total"], 0);
    let eve = Person::of(&server.post("/api/auth/register", &body).expect_status(201).json());
    let account = eve.account(&server);
    assert_eq!(
        (&account["role"], &account["verified"], &account["banned"]),
        (&json!("user"), &json!(false), &json!(false))
    );
}

#[test]
fn ac12_ac24_nobody_raises_themselves_by_a_profile() {
    let server = server_with("").start();
    for role in ["user", "moderator"] {
        let eve = Person::with_role(&server, &format!("eve-{role}"), role);
        let (client, path) = (eve.client(&server), format!("/api/collections/users/{}", eve.id));
        let before = (eve.account(&server), client.get(&path).json());
        let more = [("email", json!("root@example.com")), ("email", Value::Null), ("password", json!("stolen horse"))];
        for (name, value) in privileged().into_iter().chain(more) {
            let refused = client.patch(&path, &json!({ name: value, "name": "raised" }));
            assert_eq!(refused.status, 400, "{name}: {value}: {}", refused.text());
        }
        for text in [r#"{"name": "a", "name": "b"}"#, r#"{"name": "raised", "r\u006fle": "admin"}"#, "[]", "null"] {
            assert_eq!(send_text(&client, "PATCH", &path, text), 400, "{text}");
        }
        client.patch(&format!("{path}?role=admin"), &json!({"name": "raised"})).expect_status(400);
        assert_eq!((eve.account(&server), client.get(&path).json()), before);
        let admin = format!("/api/admin/users/{}", eve.id);
        client.patch(&admin, &json!({"role": "admin"})).expect_status(403);
        client
            .post("/api/collections/users", &json!({"email": "x@example.com", "password": PASSWORD}))
            .expect_status(403);
        client.post("/api/admin/users", &json!({"email": "x@example.com", "role": "admin"})).expect_status(403);
        assert_eq!(eve.account(&server), before.0);
    }
}

#[test]
fn ac12_no_call_moves_a_session() {
    let server = server_with("").start();
    let eve = Person::register(&server, "eve");
    let client = eve.client(&server);
    let sessions = || client.get("/api/auth/sessions").expect_status(200).json();
    let before = sessions();
    let id = before["sessions"][0]["id"].as_str().expect("there is a session").to_owned();
    let body = json!({"expires_at": null, "expires": "2999-01-01T00:00:00Z", "role": "admin"});
    for path in ["/api/auth/me", "/api/auth/sessions", &format!("/api/auth/sessions/{id}")] {
        for method in ["POST", "PUT", "PATCH"] {
            client.send(method, path, Some(&body)).expect_status(405);
        }
    }
    for (name, value) in privileged() {
        let login = json!({"email": eve.email, "password": PASSWORD, name: value});
        let change = json!({"current_password": PASSWORD, "new_password": "another password", name: value});
        for (path, body) in [
            ("login", login.clone()),
            ("refresh", json!({"refresh_token": eve.refresh, name: value})),
            ("logout", json!({"refresh_token": eve.refresh, name: value})),
            ("change-password", change),
        ] {
            let refused = client.post(&format!("/api/auth/{path}"), &body);
            assert_eq!(refused.status, 400, "{path} with {name}: {value}: {}", refused.text());
        }
        client.send("DELETE", "/api/auth/me", Some(&json!({"password": PASSWORD, name: value}))).expect_status(400);
    }
    assert_eq!(sessions(), before);
    login(&server.client(), &eve.email, PASSWORD).expect_status(200);
    refresh(&server.client(), &eve.refresh).expect_status(200);
}

#[test]
fn ac24_a_document_takes_no_more_than_its_rules_give() {
    let server = server_with(COLLECTIONS).start();
    let (eve, anna) = (Person::register(&server, "eve"), Person::register(&server, "anna"));
    let (client, posts) = (eve.client(&server), "/api/collections/posts");
    let own = json!({"id": "p1", "owner_id": eve.id, "title": "mine"});
    let refused = [
        ("owner_id", json!(anna.id), 403),
        ("owner_id", Value::Null, 400),
        ("owner_id", json!([eve.id]), 400),
        ("featured", json!(true), 403),
        ("featured", json!(false), 403),
        ("score", json!(9), 400),
        ("score", Value::Null, 400),
        ("rules", json!({"read": "true"}), 400),
        ("owner", json!({"role": "admin"}), 400),
        ("owner_id.role", json!("admin"), 400),
        ("$set", json!({"featured": true}), 400),
    ];
    for (name, value, status) in &refused {
        let answer = client.post(posts, &with(&own, name, value));
        assert_eq!(answer.status, *status, "{name}: {value}: {}", answer.text());
    }
    let twice = format!(r#"{{"id": "p1", "owner_id": "{}", "owner_id": "{}"}}"#, eve.id, anna.id);
    assert_eq!(send_text(&client, "POST", posts, &twice), 400);
    assert_eq!(server.get(posts).json()["total"], 0);
    client.post(posts, &own).expect_status(201);
    let before = server.admin().get(&format!("{posts}/p1")).json();
    for (name, value, status) in &refused {
        let status = if *name == "owner_id" { 403 } else { *status };
        let answer = client.patch(&format!("{posts}/p1"), &json!({*name: value, "title": "raised"}));
        assert_eq!(answer.status, status, "{name}: {value}: {}", answer.text());
    }
    client.patch(&format!("{posts}/p1"), &json!({"id": "p2"})).expect_status(400);
    assert_eq!(server.admin().get(&format!("{posts}/p1")).json(), before);
    // What upserts elsewhere does not here: neither another's document nor one's own is replaced by a create.
    let again = anna.client(&server).post(posts, &json!({"id": "p1", "owner_id": anna.id}));
    assert_eq!(again.expect_status(409).error_code(), "UNIQUE_VIOLATION");
    client.send("PUT", &format!("{posts}/p1"), Some(&own)).expect_status(405);
    assert_eq!(server.admin().get(&format!("{posts}/p1")).json(), before);
}

#[test]
fn ac23_an_id_that_was_chosen_opens_nothing() {
    let server = server_with(COLLECTIONS).start();
    let (eve, anna) = (Person::register(&server, "eve"), Person::register(&server, "anna"));
    let (client, private) = (eve.client(&server), "/api/collections/private");
    for id in ["admin", "auth", "user", "null", "true", "role:admin", "*", &anna.id, &format!("{} ", eve.id)] {
        let answer = client.post(private, &json!({"id": id}));
        assert!(matches!(answer.status, 400 | 403), "{id}: {}", answer.text());
    }
    let upper = eve.id.to_uppercase();
    client.post(private, &json!({"id": upper})).expect_status(403);
    client.post(private, &json!({"id": eve.id})).expect_status(201);
    anna.client(&server).get(&format!("{private}/{}", eve.id)).expect_status(404);
    // Documents whose ids are those of accounts, roles and collections are documents.
    for id in ["admin", "role", "moderator", &anna.id, &eve.id] {
        client.post("/api/collections/admin", &json!({"id": id})).expect_status(201);
    }
    client.get("/api/admin/users").expect_status(403);
    assert_eq!((&eve.account(&server)["role"], &anna.account(&server)["role"]), (&json!("user"), &json!("user")));
    for role in ["owner", &eve.id, "Admin", "admin ", "admin\u{0}", ""] {
        let path = format!("/api/admin/users/{}", eve.id);
        server.admin().patch(&path, &json!({ "role": role })).expect_status(400);
    }
    for path in ["users/me", "users/admin", "users/auth.id", "users/$self", "users/*", "users/%00"] {
        let found = client.get(&format!("/api/collections/{path}"));
        assert!(matches!(found.status, 400 | 404), "{path}: {}", found.status);
    }
}

#[test]
fn ac23_the_ids_of_others_reach_nothing_of_theirs() {
    let server = server_with("").start();
    let (eve, anna) = (Person::register(&server, "eve"), Person::register(&server, "anna"));
    let client = eve.client(&server);
    let theirs = anna.client(&server).get("/api/auth/sessions").json();
    let session = theirs["sessions"][0]["id"].as_str().expect("there is a session").to_owned();
    for id in [session.as_str(), anna.id.as_str(), "all", "admin", "%2e%2e", "*"] {
        let refused = client.delete(&format!("/api/auth/sessions/{id}"));
        assert!(matches!(refused.status, 400 | 404), "{id}: {}", refused.status);
    }
    for path in [format!("users/{}", anna.id), "users/me".to_owned(), format!("users/{}", eve.id)] {
        client.delete(&format!("/api/admin/{path}")).expect_status(403);
    }
    client.delete(&format!("/api/collections/users/{}", anna.id)).expect_status(403);
    client.patch(&format!("/api/collections/users/{}", anna.id), &json!({"name": "eve"})).expect_status(403);
    anna.me(&server).expect_status(200);
    eve.me(&server).expect_status(200);
}

#[test]
fn ac23_an_account_that_is_gone_leaves_its_id_to_nobody() {
    let server = server_with("").start();
    let anna = Person::register(&server, "anna");
    server.admin().delete(&format!("/api/admin/users/{}", anna.id)).expect_status(204);
    let body = json!({"email": anna.email, "password": PASSWORD, "id": anna.id});
    server.post("/api/auth/register", &body).expect_status(400);
    let again = Person::register(&server, "anna");
    assert_ne!(again.id, anna.id);
    anna.expect_signed_out(&server);
}

#[test]
fn ac23_a_name_or_a_claim_makes_no_administrator() {
    let server = server_with("").start();
    let named = Person::register(&server, "admin");
    named.client(&server).get("/api/admin/users").expect_status(403);
    let made = server.admin().post("/api/admin/tokens", &json!({"name": "admin", "permissions": []}));
    if made.status == 201 {
        let token = made.json()["token"].as_str().expect("it is shown once").to_owned();
        server.client().with_token(&token).get("/api/admin/users").expect_status(403);
    }
    // A token of ours with other claims is none of ours.
    let parts: Vec<&str> = named.access.split('.').collect();
    let forged = format!("{}.{}.", parts[0], parts[1]);
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
    for token in [forged.as_str(), &unsigned, "admin", &ADMIN_TOKEN[..31], &format!("{ADMIN_TOKEN} x"), &named.id] {
        server.client().with_token(token).get("/api/auth/me").expect_status(401);
    }
}
