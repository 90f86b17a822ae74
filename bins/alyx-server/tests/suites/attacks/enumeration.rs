//! Row 16: whether an address has an account is told to nobody who does not have it. Timing has a command of its own.

use alyx_testing::{Client, Response, SmtpSink, TestServer, Value, json};

use super::people::{PASSWORD, Person, USERS, login, mail, server_with, server_with_mail};

/// An answer without what differs from one call to the next.
fn seen(answer: &Response) -> (u16, Vec<(String, String)>, Value) {
    let changing = ["date", "x-request-id"];
    let mut headers: Vec<_> =
        answer.headers.iter().filter(|(name, _)| !changing.contains(&name.as_str())).cloned().collect();
    headers.sort();
    let mut body = if answer.body.is_empty() { Value::Null } else { answer.json() };
    for name in ["request_id", "timestamp"] {
        if let Some(entries) = body.as_object_mut() {
            entries.remove(name);
        }
    }
    (answer.status, headers, body)
}

#[track_caller]
fn expect_same(what: &str, answers: &[Response]) {
    for answer in &answers[1..] {
        assert_eq!(seen(answer), seen(&answers[0]), "{what}");
    }
}

fn ask(client: &Client, path: &str, email: &str) -> Response {
    client.post(&format!("/api/auth/{path}"), &json!({ "email": email }))
}

#[test]
fn ac16_no_answer_tells_whether_there_is_an_account() {
    let sink = SmtpSink::start();
    let server = server_with_mail(&sink).start();
    let client = server.client();
    let (anna, verified, banned) =
        (Person::register(&server, "anna"), Person::register(&server, "bert"), Person::register(&server, "carl"));
    verified.set(&server, &json!({"verified": true}));
    banned.set(&server, &json!({"banned": true}));
    server.admin().post("/api/admin/users", &json!({"email": "bare@example.com"})).expect_status(201);
    let emails = [&*anna.email, &verified.email, &banned.email, "bare@example.com", "nobody@example.com"];
    let logins: Vec<Response> = emails.iter().map(|email| login(&client, email, "a wrong password")).collect();
    assert_eq!(logins[0].status, 401);
    expect_same("login", &logins);
    for (path, status) in [("request-password-reset", 202), ("request-verification", 202)] {
        let answers: Vec<Response> = emails.iter().map(|email| ask(&client, path, email)).collect();
        assert_eq!(answers[0].status, status);
        expect_same(path, &answers);
    }
    let changes: Vec<Response> = emails
        .iter()
        .skip(1)
        .map(|email| {
            anna.client(&server).post("/api/auth/change-email", &json!({"email": email, "password": PASSWORD}))
        })
        .collect();
    assert_eq!(changes[0].status, 202);
    expect_same("change-email", &changes);
    // What is wrong with a code does not depend on whose it would be.
    let codes: Vec<Response> = ["guess", &anna.access, &anna.refresh, &anna.id]
        .iter()
        .map(|code| client.post("/api/auth/confirm-password-reset", &json!({"token": code, "password": PASSWORD})))
        .collect();
    expect_same("confirm-password-reset", &codes);
}

#[test]
fn ac16_with_confirmation_registering_tells_nothing_either() {
    let sink = SmtpSink::start();
    let settings = format!(
        "auth: {{require_verification: true, password: {{bcrypt_cost: 4}}, \
         rate_limit: {{login: off, register: off, password_reset: off}}}}\n{}",
        mail(&sink)
    );
    let server = TestServer::with_schema(USERS).config(&settings).start();
    for (email, verified) in [("known@example.com", true), ("waiting@example.com", false)] {
        let body = json!({"email": email, "password": PASSWORD, "verified": verified});
        server.admin().post("/api/admin/users", &body).expect_status(201);
    }
    let register = |email: &str, more: &Value| {
        let mut body = json!({"email": email, "password": "another password"});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        server.client().post("/api/auth/register", &body)
    };
    for (more, status) in [
        (json!({}), 202),
        (json!({"role": "admin"}), 400),
        (json!({"nmae": "x"}), 400),
        (json!({"password": "short"}), 400),
    ] {
        // A second time from the same address as well: by then what was new is known.
        for round in 0..2 {
            let emails = ["known@example.com", "KNOWN@example.com", "waiting@example.com", "new@example.com"];
            let answers: Vec<Response> = emails.iter().map(|email| register(email, &more)).collect();
            assert_eq!(answers[0].status, status, "{}", answers[0].text());
            expect_same(&format!("register with {more}, {round}"), &answers);
        }
    }
    // Nobody got in by it, and the owner keeps the password.
    login(&server.client(), "known@example.com", "another password").expect_status(401);
    login(&server.client(), "known@example.com", PASSWORD).expect_status(200);
    let mail = sink.wait_for("known@example.com");
    assert!(!mail.text.contains("#token="), "{}", mail.text);
    // Only the right password is told that the address waits to be confirmed.
    let waiting = login(&server.client(), "waiting@example.com", PASSWORD).expect_status(403);
    assert_eq!(waiting.error_code(), "EMAIL_NOT_VERIFIED");
    let wrong = ["waiting@example.com", "known@example.com", "nobody@example.com"]
        .map(|email| login(&server.client(), email, "a wrong password"));
    expect_same("login", &wrong);
}

#[test]
fn ac16_the_one_exception_is_the_conflict_of_a_registration() {
    let server = server_with("").start();
    let anna = Person::register(&server, "anna");
    for email in [anna.email.as_str(), "ANNA@EXAMPLE.COM"] {
        let body = json!({"email": email, "password": "another password"});
        let refused = server.post("/api/auth/register", &body).expect_status(409);
        assert_eq!(refused.error_code(), "UNIQUE_VIOLATION");
        assert!(!refused.text().contains(&anna.id));
    }
    login(&server.client(), &anna.email, PASSWORD).expect_status(200);
}

#[test]
fn ac16_limits_do_not_tell_it() {
    let settings = "auth: {password: {bcrypt_cost: 4}}\nserver: {trusted_proxies: [127.0.0.1]}\n";
    let server = TestServer::with_schema(USERS).config(settings).start();
    let anna = Person::register(&server, "anna");
    for (place, call) in ["login", "request-password-reset", "request-verification"].iter().enumerate() {
        let tries = |network: usize, email: &str| -> Vec<u16> {
            let client = server.client().with_header("X-Forwarded-For", &format!("198.51.{network}.{place}"));
            let one = |_| match *call {
                "login" => login(&client, email, "a wrong password").status,
                path => ask(&client, path, email).status,
            };
            (0..8).map(one).collect()
        };
        let (known, unknown) = (tries(100, &anna.email), tries(101, "nobody@example.com"));
        assert_eq!(known, unknown, "{call}");
        assert!(known.contains(&429), "{call}: {known:?}");
    }
}

#[test]
fn ac16_ids_and_profiles_tell_it_to_nobody_who_may_not_read_them() {
    let closed = USERS.replace(r#"read: "true""#, r#"read: "auth.id == doc.id""#);
    let server = TestServer::with_schema(&closed).config("auth: {password: {bcrypt_cost: 4}}\n").start();
    let (anna, eve) = (Person::register(&server, "anna"), Person::register(&server, "eve"));
    let nobody = anna.id.replace(|letter: char| letter.is_ascii_digit(), "7");
    for client in [server.client(), eve.client(&server)] {
        for method in ["GET", "PATCH", "DELETE"] {
            let body = (method == "PATCH").then(|| json!({"name": "eve"}));
            let answers = [&anna.id, &nobody]
                .map(|id| client.send(method, &format!("/api/collections/users/{id}"), body.as_ref()));
            assert_eq!(answers[0].status, 404);
            expect_same(method, &answers);
        }
        let filter = [("filter", "email:eq:anna@example.com")];
        let found = client.query("/api/collections/users", &filter).expect_status(200).json();
        assert_eq!(found["total"], 0);
    }
}
