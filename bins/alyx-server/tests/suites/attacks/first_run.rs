//! Row 37: whoever comes first to a fresh server gets nothing but an account.

use alyx_testing::{TestServer, Value, json, run};

use super::people::{PASSWORD, Person, at_once, login, server_with};

const MARK: &str = "/_auth/set-up#token=";

/// The code that was printed last.
fn printed(output: &str) -> Option<String> {
    let rest = output.rsplit_once(MARK)?.1;
    rest.split_once('\n').map(|(code, _)| code.trim().to_owned())
}

fn body(code: &str, name: &str) -> Value {
    json!({"token": code, "email": format!("{name}@example.com"), "password": PASSWORD})
}

fn administrators(server: &TestServer) -> Value {
    server.admin().get("/api/admin/users?role=admin").expect_status(200).json()["total"].clone()
}

#[test]
fn ac37_whoever_registers_first_is_a_user() {
    let mut server = server_with("").start();
    let first = Person::register(&server, "admin");
    assert_eq!(first.account(&server)["role"], "user");
    for path in ["users", "tokens", "config", "audit", "schema", "stats", "migrations"] {
        first.client(&server).get(&format!("/api/admin/{path}")).expect_status(403);
    }
    server.restart();
    first.client(&server).get("/api/admin/users").expect_status(403);
    // The link is still the way in, also when there are accounts.
    let code = server.process().wait_for(printed);
    server.post("/api/admin/setup", &body(&code, "root")).expect_status(201);
}

#[test]
fn ac37_the_code_is_printed_and_served_to_nobody() {
    let mut server = server_with("").start();
    let code = server.process().wait_for(printed);
    assert!(
        code.len() >= 43 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
        "{code}"
    );
    assert_eq!(server.output().matches(MARK).count(), 1);
    let paths = [
        "/",
        "/_admin",
        "/_auth/set-up",
        "/health",
        "/health/stats",
        "/metrics",
        "/api/docs",
        "/api/openapi.json",
        "/api/admin/setup",
        "/api/admin/config",
        "/api/admin/stats",
        "/api/admin/audit",
        "/api/auth/providers",
    ];
    for client in [server.client(), server.admin()] {
        for path in paths {
            let answer = client.get(path);
            assert!(!answer.text().contains(&code), "{path}");
            assert!(answer.headers.iter().all(|(_, value)| !value.contains(&code)), "{path}");
        }
    }
    // The database has a hash of it.
    for file in ["alyx_data/alyx.db", "alyx_data/alyx.db-wal"] {
        let bytes = std::fs::read(server.project().file(file)).unwrap_or_default();
        assert!(!bytes.windows(code.len()).any(|part| part == code.as_bytes()), "{file}");
    }
}

#[test]
fn ac37_guesses_make_nobody_and_cost_the_owner_nothing() {
    let mut server = server_with("").start();
    let code = server.process().wait_for(printed);
    let last = if code.ends_with('A') { "B" } else { "A" };
    let near = [&code[..code.len() - 1], last].concat();
    let guesses = ["", "0", "admin", &near, &code[1..], &code.to_lowercase(), &format!(" {code}"), &format!("{code}=")];
    for guess in guesses {
        server.post("/api/admin/setup", &body(guess, "eve")).expect_status(400);
    }
    for wrong in [json!(null), json!([code]), json!({"$ne": ""}), json!(true)] {
        let body = json!({"token": wrong, "email": "eve@example.com", "password": PASSWORD});
        server.post("/api/admin/setup", &body).expect_status(400);
    }
    let answers =
        at_once(&server, 60, |client, number| client.post("/api/admin/setup", &body(&format!("guess{number}"), "eve")));
    assert!(answers.iter().all(|answer| answer.status == 400 && answer.error_code() == "INVALID_CODE"));
    assert_eq!(administrators(&server), 0);
    login(&server.client(), "eve@example.com", PASSWORD).expect_status(401);
    server.post("/api/admin/setup", &body(&code, "root")).expect_status(201);
    assert_eq!(administrators(&server), 1);
}

#[test]
fn ac37_the_code_is_gone_when_there_is_an_administrator() {
    let mut server = server_with("").start();
    let code = server.process().wait_for(printed);
    run("alyx-cli", server.folder(), &["auth", "list"]).expect_code(0);
    let anna = Person::with_role(&server, "anna", "admin");
    server.post("/api/admin/setup", &body(&code, "eve")).expect_status(409);
    server.restart();
    server.post("/api/admin/setup", &body(&code, "eve")).expect_status(409);
    assert!(!server.output().contains(MARK), "{}", server.output());
    // A server that loses its last administrator prints another, and the old one stays worthless.
    anna.set(&server, &json!({"role": "user"}));
    server.restart();
    let new = server.process().wait_for(printed);
    assert_ne!(new, code);
    server.post("/api/admin/setup", &body(&code, "eve")).expect_status(400);
    server.post("/api/admin/setup", &body(&new, "root")).expect_status(201);
}

#[test]
fn ac37_a_set_up_sets_no_more_than_it_says() {
    let mut server = server_with("").start();
    let code = server.process().wait_for(printed);
    let anna = Person::register(&server, "anna");
    // It makes an account and takes none over.
    server.post("/api/admin/setup", &body(&code, "anna")).expect_status(409);
    assert_eq!(anna.account(&server)["role"], "user");
    anna.me(&server).expect_status(200);
    let mut more = body(&code, "root");
    more["role"] = json!("owner");
    server.post("/api/admin/setup", &more).expect_status(400);
    server.get("/api/admin/setup").expect_status(405);
    assert_eq!(administrators(&server), 0);
    server.post("/api/admin/setup", &body(&code, "root")).expect_status(201);
}
