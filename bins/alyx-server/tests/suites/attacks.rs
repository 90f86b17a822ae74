//! Attacks on products like this one, each tried against the running server.

mod budgets;
mod credentials;
mod cross_site;
mod enumeration;
mod first_run;
mod functions;
mod guessing;
mod hidden;
mod links;
mod live_rights;
mod narrowing;
mod people;
mod sealed;
mod secrets;
mod sessions;
mod single_use;
mod slow_subscribers;

use std::{fs, os::unix::fs::PermissionsExt};

use alyx_testing::{Client, TestProject, TestServer, json, run};

use crate::random::Random;

const SCHEMA: &str = r#"
version: 1
collections:
  open:
    fields:
      id: {type: string, primary: true}
      title: {type: string, nullable: true}
      notes_id: {type: string, references: closed.id, onDelete: set null, nullable: true}
      secret: {type: string, internal: true, nullable: true}
    rules: {read: "true", create: "true", update: "true", delete: "true"}
  closed:
    fields:
      id: {type: string, primary: true}
      word: {type: string, nullable: true}
  nearly:
    fields:
      id: {type: string, primary: true}
    rules: {read: "auth.id != null", create: "false", update: " auth.role == 'user' ", delete: "doc.id == auth.id"}
"#;

#[test]
fn ac25_a_missing_rule_denies() {
    let server = TestServer::start(SCHEMA);
    let (anyone, admin) = (server.client(), server.admin());
    for (collection, expected) in [("closed", [401; 5]), ("nearly", [200, 404, 401, 404, 404])] {
        let list = format!("/api/collections/{collection}");
        let one = format!("{list}/x");
        admin.post(&list, &json!({"id": "x"})).expect_status(201);
        let calls = [
            ("GET", &list, None),
            ("GET", &one, None),
            ("POST", &list, Some(json!({"id": "y"}))),
            ("PATCH", &one, Some(json!({}))),
            ("DELETE", &one, None),
        ];
        for ((method, path, body), status) in calls.into_iter().zip(expected) {
            let response = anyone.send(method, path, body.as_ref()).expect_status(status);
            match status {
                200 => assert_eq!(response.json()["total"], json!(0), "{method} {path}"),
                _ => assert!(!response.error_code().is_empty(), "{method} {path}"),
            }
        }
        assert_eq!(admin.get(&list).json()["total"], json!(1));
    }
}

#[test]
fn ac25_a_wrong_token_is_refused_even_where_all_is_open() {
    let server = TestServer::start(SCHEMA);
    let right = alyx_testing::ADMIN_TOKEN;
    let nearly = format!("{}x", &right[..right.len() - 1]);
    for value in [
        "Bearer wrong".to_owned(),
        format!("Bearer {nearly}"),
        format!("Bearer {right}{right}"),
        format!("Bearer {right} {right}"),
        "Bearer ".to_owned(),
        "Bearer".to_owned(),
        format!("Basic {right}"),
        right.to_owned(),
    ] {
        let client = Client::new(server.address()).with_header("Authorization", &value);
        let response = client.get("/api/collections/open").expect_status(401);
        let _ = response.error_code();
        assert!(response.header("www-authenticate").is_some(), "a 401 says how to sign in");
    }
}

#[test]
fn ac25_an_expanded_document_obeys_its_own_rule() {
    let server = TestServer::start(SCHEMA);
    let admin = server.admin();
    admin.post("/api/collections/closed", &json!({"id": "c", "word": "hush"})).expect_status(201);
    admin.post("/api/collections/open", &json!({"id": "o", "notes_id": "c"})).expect_status(201);
    let seen = |client: &Client| client.get("/api/collections/open?expand=notes_id").expect_status(200).json();
    assert_eq!(seen(&admin)["docs"][0]["notes"]["word"], json!("hush"));
    assert_eq!(seen(&server.client())["docs"][0].get("notes"), None);
    let back = "/api/collections/closed/c?expand=open_via_notes_id";
    assert_eq!(admin.get(back).expect_status(200).json()["open_via_notes_id"][0]["id"], json!("o"));
}

#[test]
fn ac26_nesting_does_not_hide_what_is_refused() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    for inner in [json!({"secret": "a"}), json!({"$where": "1"}), json!({"title": {"$regex": "a"}})] {
        let mut condition = inner;
        for layer in 0..6 {
            let refused = client.query("/api/collections/open", &[("where", &condition.to_string())]);
            assert_eq!(refused.status, 400, "{condition}");
            condition = match layer % 3 {
                0 => json!({"$or": [{"title": "a"}, condition]}),
                1 => json!({"$and": [condition, {"title": "a"}]}),
                _ => json!({ "$not": condition }),
            };
        }
    }
    for body in [json!({"id": "a", "title": {"secret": 1}}), json!({"id": "a", "__proto__": {"secret": "x"}})] {
        client.post("/api/collections/open", &body).expect_status(400);
    }
}

#[test]
fn ac30_five_hundred_names_reach_no_file() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    let pieces =
        ["..", ".", "%2e%2e", "%2f", "/", "\\", "%5c", "etc", "passwd", "alyx.db", "schema.yaml", "%00", "~", ""];
    let roots = ["/api/collections/open/", "/api/collections/", "/api/docs/", "/api/", "/", "/health/", "/_admin/"];
    let mut random = Random(30);
    for _ in 0..500 {
        let name: String = (0..1 + random.below(7)).map(|_| *random.pick(&pieces)).collect();
        let path = format!("{}{name}", random.pick(&roots));
        let response = client.get(&path);
        let body = response.text();
        assert!(response.status < 500, "{path}: {}", response.status);
        for sign in ["root:", "SQLite format", "collections:\n"] {
            assert!(!body.contains(sign), "{path} reached a file: {body}");
        }
        if response.status >= 400 {
            let _ = response.error_code();
        }
    }
}

#[test]
fn ac30_a_collection_or_a_file_outside_the_project_cannot_be_named() {
    for schema in [
        "version: 1\ncollections:\n  ../up:\n    fields: {id: {type: uuid, primary: true}}\n",
        "version: 1\ncollections:\n  _alyx_changes:\n    fields: {id: {type: uuid, primary: true}}\n",
        "version: 1\ncollections:\n  sqlite_master:\n    fields: {id: {type: uuid, primary: true}}\n",
    ] {
        let project = TestProject::with_schema(schema);
        let finished = run("alyx-server", project.path(), &["--port", "0"]);
        assert_ne!(finished.code, 0, "{schema}");
        assert!(finished.stderr.contains("schema.yaml:3:3"), "{}", finished.stderr);
    }
}

#[test]
fn ac32_junk_on_every_endpoint_leaves_the_process_alive() {
    let mut server = TestServer::start(SCHEMA);
    let client = server.client();
    let paths = [
        "/",
        "/health",
        "/health/live",
        "/health/ready",
        "/health/stats",
        "/metrics",
        "/api/docs",
        "/api/openapi.json",
        "/api/collections/open",
        "/api/collections/open/x",
        "/api/collections/closed",
        "/nothing",
    ];
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "X"];
    let alphabet: Vec<char> = "{}[]\":,\\0123456789truefalsn -.eE\u{0}\u{7f}é€😀".chars().collect();
    let mut random = Random(32);
    for round in 0..1_500 {
        let (path, method) = (*random.pick(&paths), *random.pick(&methods));
        let body = random.text(&alphabet, 60);
        let content_type = *random.pick(&["application/json", "text/plain", "multipart/form-data", "\"", ""]);
        let headers = [("Content-Type", content_type), ("Range", "bytes=9-1,,x"), ("Expect", "nothing")];
        let headers = &headers[..1 + random.below(2)];
        let response = client.try_send_bytes(method, path, headers, body.as_bytes());
        let status = response.as_ref().map_or(0, |response| response.status);
        assert!(status < 500, "round {round}: {method} {path} with {body:?} was answered {status}");
    }
    assert!(server.process().is_running(), "{}", server.output());
    server.get("/health").expect_status(200);
}

#[test]
fn ac35_what_would_cost_too_much_is_refused() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    let path = "/api/collections/open";
    let many: Vec<_> = (0..5_000).map(|number| json!({"title": number.to_string()})).collect();
    let list: Vec<String> = (0..5_000).map(|number| number.to_string()).collect();
    for condition in [
        json!({ "$or": many }),
        json!({"title": {"$in": list}}),
        json!({"title": {"$like": "%a".repeat(200)}}),
        json!({"title": {"$like": "a".repeat(20_000)}}),
    ] {
        let response = client.query(path, &[("where", &condition.to_string())]);
        assert!(matches!(response.status, 400 | 413 | 414 | 431), "{}: {}", response.status, response.text());
    }
    let sort = vec!["title"; 200].join(",");
    let expand = vec!["notes_id"; 200].join(".");
    for (name, value) in [("sort", sort), ("expand", expand), ("filter", format!("title:like:{}", "%_".repeat(300)))] {
        client.query(path, &[(name, &value)]).expect_status(400);
    }
}

#[test]
fn ac35_a_read_past_its_budget_is_stopped_and_the_next_is_served() {
    let server = TestServer::with_schema(SCHEMA).config("database: {read_timeout: 50ms}\n").start();
    let client = server.client();
    let text = "a".repeat(20_000);
    for number in 0..600 {
        client.post("/api/collections/open", &json!({"id": format!("n{number}"), "title": text})).expect_status(201);
    }
    let needle = format!("title:contains:{}b", "a".repeat(900));
    let slow = client.query("/api/collections/open", &[("filter", &*needle)]);
    assert!(matches!(slow.status, 400 | 503), "{}: {}", slow.status, slow.text());
    let _ = slow.error_code();
    client.get("/api/collections/open/n1").expect_status(200);
    client.get("/api/collections/open?limit=2&fields=id").expect_status(200);
}

#[test]
fn ac38_known_and_short_tokens_stop_the_start() {
    let project = TestProject::with_schema(SCHEMA);
    let same = "a".repeat(40);
    for token in ["changeme", "short", "your-super-secret-admin-token-here", &same] {
        let server = TestServer::with_schema(SCHEMA).variable("ALYX_ADMIN_TOKEN", token);
        let output = server.command().output().expect("the server can be run");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{token} was accepted");
        assert!(said.contains("ALYX_ADMIN_TOKEN"), "{said}");
        assert!(!said.contains(token) || token.len() < 8, "the message repeats the secret: {said}");
    }
    drop(project);
}

#[test]
fn ac38_without_a_token_there_is_no_administrator() {
    let server = TestServer::with_schema(SCHEMA).variable("ALYX_ADMIN_TOKEN", "").start();
    server.get("/api/collections/closed").expect_status(401);
    server.admin().get("/api/collections/closed").expect_status(401);
    Client::new(server.address()).with_token("").get("/api/collections/closed").expect_status(401);
}

#[test]
fn ac38_what_the_server_makes_for_itself_is_the_owners_alone() {
    let server = TestServer::with_schema(SCHEMA).dev().start();
    let data = server.folder().join("alyx_data");
    let mode = |path: &std::path::Path| fs::metadata(path).expect("it exists").permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700, "the data folder");
    for entry in fs::read_dir(&data).expect("the data folder can be read") {
        let path = entry.expect("the data folder can be read").path();
        if path.to_string_lossy().contains("token") || path.to_string_lossy().contains("secret") {
            assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
        }
    }
}

#[test]
fn ac42_a_backup_of_a_busy_server_restores_to_the_same_documents() {
    let mut server = TestServer::start(SCHEMA);
    let client = server.client();
    for number in 0..300 {
        client.post("/api/collections/open", &json!({"id": format!("n{number}"), "title": "t"})).expect_status(201);
    }
    let before = client.get("/api/collections/open?limit=1000").json();
    run("alyx-cli", server.folder(), &["db", "backup", "copy.db"]).expect_code(0);
    client.delete("/api/collections/open/n7").expect_status(204);
    client.post("/api/collections/open", &json!({"id": "later"})).expect_status(201);
    let refused = run("alyx-cli", server.folder(), &["db", "restore", "copy.db", "--yes"]);
    assert_ne!(refused.code, 0, "a database in use was replaced");
    assert!(server.stop(), "{}", server.output());
    run("alyx-cli", server.folder(), &["db", "restore", "copy.db", "--yes"]).expect_code(0);
    server.restart();
    assert_eq!(server.get("/api/collections/open?limit=1000").json(), before);
    server.post("/api/collections/open", &json!({"id": "after"})).expect_status(201);
}

#[test]
fn ac42_a_file_that_is_no_backup_is_refused_and_nothing_is_lost() {
    let mut server = TestServer::start(SCHEMA);
    server.post("/api/collections/open", &json!({"id": "kept"})).expect_status(201);
    assert!(server.stop(), "{}", server.output());
    server.project().write("junk.db", "this is no database");
    for file in ["junk.db", "absent.db", "schema.yaml"] {
        let refused = run("alyx-cli", server.folder(), &["db", "restore", file, "--yes"]);
        assert_ne!(refused.code, 0, "{file} was restored");
        assert!(refused.stderr.contains(file), "{}", refused.stderr);
    }
    server.restart();
    server.get("/api/collections/open/kept").expect_status(200);
}
