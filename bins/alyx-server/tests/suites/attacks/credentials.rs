//! Row 20: a credential for reading reads, and only what it is for.

use std::{
    thread,
    time::{Duration, Instant},
};

use alyx_testing::{Client, TestServer, Value, json, run};

use super::people::{PASSWORD, Person, server_with};

const COLLECTIONS: &str = r#"
  open:
    fields: {id: {type: string, primary: true}, n: {type: int, default: 0}}
    rules: {create: "true", read: "true", update: "true", delete: "true"}
"#;

/// What each permission opens.
const OPENS: [(&str, &[&str]); 7] = [
    ("deploy", &[]),
    ("rollback", &[]),
    ("schema:read", &["/api/admin/schema", "/api/admin/migrations"]),
    ("stats:read", &["/api/admin/stats", "/health/stats"]),
    ("config:read", &["/api/admin/config"]),
    ("audit:read", &["/api/admin/audit"]),
    ("users:read", &["/api/admin/users", "/api/admin/users/{id}"]),
];

#[track_caller]
fn token(server: &TestServer, name: &str, permissions: &[&str]) -> String {
    let body = json!({"name": name, "permissions": permissions});
    let made = server.admin().post("/api/admin/tokens", &body).expect_status(201).json();
    made["token"].as_str().expect("it is shown once").to_owned()
}

/// Everything that writes, or that is somebody's own.
fn writes(person: &Person) -> Vec<(&'static str, String, Option<Value>)> {
    let own = |path: &str| format!("/api/admin/users/{}{path}", person.id);
    let profile = format!("/api/collections/users/{}", person.id);
    let account = json!({"email": "new@example.com", "password": PASSWORD, "role": "admin"});
    vec![
        ("GET", "/api/collections/open".into(), None),
        ("GET", "/api/collections/open/x".into(), None),
        ("POST", "/api/collections/open".into(), Some(json!({"id": "y"}))),
        ("PATCH", "/api/collections/open/x".into(), Some(json!({"n": 1}))),
        ("DELETE", "/api/collections/open/x".into(), None),
        ("GET", profile.clone(), None),
        ("PATCH", profile.clone(), Some(json!({"name": "n"}))),
        ("DELETE", profile, None),
        ("POST", "/api/collections/users".into(), Some(account.clone())),
        ("POST", "/api/auth/register".into(), Some(json!({"email": "new@example.com", "password": PASSWORD}))),
        ("GET", "/api/auth/me".into(), None),
        ("DELETE", "/api/auth/me".into(), Some(json!({"password": PASSWORD}))),
        ("GET", "/api/auth/sessions".into(), None),
        ("DELETE", "/api/auth/sessions".into(), None),
        (
            "POST",
            "/api/auth/change-password".into(),
            Some(json!({"current_password": PASSWORD, "new_password": PASSWORD})),
        ),
        ("POST", "/api/auth/change-email".into(), Some(json!({"email": "new@example.com", "password": PASSWORD}))),
        ("POST", "/api/admin/users".into(), Some(account)),
        ("PATCH", own(""), Some(json!({"role": "admin"}))),
        ("DELETE", own(""), None),
        ("GET", "/api/admin/tokens".into(), None),
        ("POST", "/api/admin/tokens".into(), Some(json!({"name": "more", "permissions": ["deploy"]}))),
        ("DELETE", "/api/admin/tokens/audit-read".into(), None),
    ]
}

#[test]
fn ac20_a_permission_opens_what_it_names_and_nothing_else() {
    let server = server_with(COLLECTIONS).start();
    let anna = Person::register(&server, "anna");
    server.admin().post("/api/collections/open", &json!({"id": "x"})).expect_status(201);
    let count = || server.admin().get("/api/admin/audit?limit=1000").json()["entries"].as_array().map(Vec::len);
    let tokens: Vec<_> = OPENS.iter().map(|(name, _)| token(&server, &name.replace(':', "-"), &[name])).collect();
    let before = (anna.account(&server), count());
    for ((permission, opens), token) in OPENS.iter().zip(&tokens) {
        let client = server.client().with_token(token);
        for (_, paths) in OPENS {
            for path in paths {
                let expected = if opens.contains(path) { 200 } else { 403 };
                let answer = client.get(&path.replace("{id}", &anna.id));
                assert_eq!(answer.status, expected, "{permission}: {path}");
            }
        }
        for (method, path, body) in writes(&anna) {
            let answer = client.send(method, &path, body.as_ref());
            assert_eq!(answer.status, 403, "{permission}: {method} {path}: {}", answer.text());
        }
    }
    assert_eq!((anna.account(&server), count()), before);
    anna.me(&server).expect_status(200);
    server.get("/api/collections/open/x").expect_status(200);
}

#[test]
fn ac20_no_header_and_no_parameter_makes_one_caller_another() {
    let server = server_with(COLLECTIONS).start();
    let (eve, root) = (Person::register(&server, "eve"), Person::with_role(&server, "root", "admin"));
    let reader = token(&server, "reader", &["users:read"]);
    let names = [
        "X-User-Id",
        "X-Alyx-User",
        "X-Impersonate",
        "X-Impersonate-User",
        "X-Role",
        "X-Admin",
        "X-Alyx-Role",
        "X-Auth-Token",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "X-Forwarded-User",
        "Remote-User",
        "Proxy-Authorization",
        "Cookie",
    ];
    for token in [&eve.access, &reader] {
        for name in names {
            for value in [&root.id, &root.access, "admin", "DELETE", "/api/admin/users"] {
                let client = server.client().with_token(token).with_header(name, value);
                client.get("/api/admin/tokens").expect_status(403);
                client.patch(&format!("/api/admin/users/{}", eve.id), &json!({"role": "admin"})).expect_status(403);
            }
        }
    }
    eve.client(&server).with_header("X-HTTP-Method-Override", "DELETE").get("/api/auth/me").expect_status(200);
    for parameter in ["access_token", "token", "auth", "user_id", "as", "impersonate", "api_key", "_method"] {
        let path = format!("/api/auth/me?{parameter}={}", root.access);
        assert!(matches!(server.get(&path).status, 400 | 401), "{parameter}");
        let path = format!("/api/admin/users?{parameter}={}", root.access);
        assert!(matches!(eve.client(&server).get(&path).status, 400 | 403), "{parameter}");
    }
    root.me(&server).expect_status(200);
    eve.me(&server).expect_status(200);
}

#[test]
fn ac20_a_token_is_good_whole_in_time_and_until_it_is_revoked() {
    let mut server = server_with(COLLECTIONS).start();
    let whole = token(&server, "reader", &["users:read"]);
    let read = |token: &str| -> u16 { Client::new(server.address()).with_token(token).get("/api/admin/users").status };
    assert_eq!(read(&whole), 200);
    let flipped = if whole.ends_with('A') { "B" } else { "A" };
    let changed = [&whole[..whole.len() - 1], flipped].concat();
    for broken in [&whole[..whole.len() - 1], &whole[..20], &changed, &format!("{whole}A"), &whole.to_uppercase()] {
        assert_eq!(read(broken), 401, "{broken}");
    }
    let shown = server.admin().get("/api/admin/tokens").text();
    assert!(!shown.contains(&whole), "{shown}");
    server.admin().delete("/api/admin/tokens/reader").expect_status(204);
    assert_eq!(read(&whole), 401);
    // Another of the same name is another.
    let next = token(&server, "reader", &["users:read"]);
    assert_eq!((read(&whole), read(&next)), (401, 200));
    server.restart();
    let client = server.client();
    client.with_token(&whole).get("/api/admin/users").expect_status(401);
    server.client().with_token(&next).get("/api/admin/users").expect_status(200);
}

#[test]
fn ac20_a_token_runs_out_and_is_made_of_known_permissions() {
    let server = server_with(COLLECTIONS).start();
    let admin = server.admin();
    for permissions in
        [json!(["admin"]), json!(["*"]), json!(["users:write"]), json!(["users:read "]), json!("deploy"), json!([null])]
    {
        let refused = admin.post("/api/admin/tokens", &json!({"name": "t", "permissions": permissions}));
        assert_eq!(refused.status, 400, "{permissions}: {}", refused.text());
    }
    let past = json!({"name": "t", "permissions": ["users:read"], "expires_at": "2001-01-01T00:00:00Z"});
    assert_eq!(admin.post("/api/admin/tokens", &past).status, 400);
    let soon = ["token", "create", "t", "--permissions", "users:read", "--expires-in", "2s"];
    let printed = run("alyx-cli", server.folder(), &soon).expect_code(0).stdout;
    let token = printed.split_whitespace().find(|word| word.starts_with("alyx_dt_")).expect("the token is printed");
    let client = server.client().with_token(token);
    client.get("/api/admin/users").expect_status(200);
    let deadline = Instant::now() + Duration::from_secs(60);
    while client.get("/api/admin/users").status != 401 {
        assert!(Instant::now() < deadline, "the token does not run out");
        thread::sleep(Duration::from_millis(50));
    }
}
