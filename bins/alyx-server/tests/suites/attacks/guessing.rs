//! Rows 15 and 17: guessing is slow, from one address and from many, and the owner is never locked out.

use std::{
    thread,
    time::{Duration, Instant},
};

use alyx_testing::{Client, Response, TestServer, Value, json};

use super::people::{PASSWORD, Person, USERS, at_once, login};

/// Headers by which somebody may claim another address.
const CLAIMS: [&str; 8] = [
    "X-Forwarded-For",
    "X-Real-IP",
    "Forwarded",
    "X-Client-IP",
    "CF-Connecting-IP",
    "True-Client-IP",
    "X-Cluster-Client-IP",
    "X-Originating-IP",
];

/// Limits as they are by default.
fn limited() -> TestServer {
    TestServer::with_schema(USERS).config("auth: {password: {bcrypt_cost: 4}}\n").start()
}

/// The same behind a proxy on this machine, which says for whom it asks.
fn behind_a_proxy(limits: &str) -> TestServer {
    let settings = format!(
        "auth: {{password: {{bcrypt_cost: 4}}, rate_limit: {limits}}}\nserver: {{trusted_proxies: [127.0.0.1, 10.0.0.0/8]}}\n"
    );
    TestServer::with_schema(&format!("{USERS}{PLACES}")).config(&settings).start()
}

const PLACES: &str = r#"
  places:
    fields: {id: {type: string, primary: true}}
    rules: {read: "request.ip == doc.id"}
"#;

fn from(server: &TestServer, address: &str) -> Client {
    server.client().with_header("X-Forwarded-For", address)
}

#[track_caller]
fn expect_limited(answer: Response) -> u64 {
    let answer = answer.expect_status(429);
    assert_eq!(answer.error_code(), "RATE_LIMITED");
    let wait = answer.header("retry-after").and_then(|seconds| seconds.parse().ok());
    wait.filter(|seconds| *seconds > 0).unwrap_or_else(|| panic!("no time to try again: {:?}", answer.headers))
}

fn statuses(answers: &[Response], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

#[test]
fn ac17_limits_are_on_without_a_word_in_the_settings() {
    let server = limited();
    let client = server.client();
    let anna = Person::register(&server, "anna");
    for known in [anna.email.as_str(), "nobody@example.com"] {
        for number in 0..5 {
            login(&client, known, &format!("guess {number}")).expect_status(401);
        }
        assert!(expect_limited(login(&client, known, "guess")) <= 60);
        // However the address is written, and with the right password too: whoever guesses is not told.
        for spelling in [known.to_owned(), known.to_uppercase(), format!(" {known} ")] {
            let answer = login(&client, &spelling, PASSWORD);
            assert!(matches!(answer.status, 400 | 401 | 429), "{spelling}: {}", answer.status);
        }
        expect_limited(login(&client, &known.to_uppercase(), PASSWORD));
    }
    for name in ["bert", "carl"] {
        Person::register(&server, name);
    }
    let register = |name: &str| {
        client.post("/api/auth/register", &json!({"email": format!("{name}@example.com"), "password": PASSWORD}))
    };
    expect_limited(register("dora"));
    for path in ["request-password-reset", "request-verification"] {
        let ask = |email: &str| client.post(&format!("/api/auth/{path}"), &json!({ "email": email }));
        for _ in 0..3 {
            ask(&anna.email).expect_status(202);
        }
        assert!(expect_limited(ask(&anna.email)) <= 3600);
        expect_limited(ask("nobody@example.com"));
    }
    let change = json!({"current_password": "guess", "new_password": "another password"});
    let change = || anna.client(&server).post("/api/auth/change-password", &change);
    for _ in 0..5 {
        change().expect_status(401);
    }
    expect_limited(change());
    expect_limited(anna.client(&server).send("DELETE", "/api/auth/me", Some(&json!({"password": "guess"}))));
    let email = json!({"email": "new@example.com", "password": "guess"});
    expect_limited(anna.client(&server).post("/api/auth/change-email", &email));
    // Nobody is signed out by any of it.
    anna.me(&server).expect_status(200);
}

#[test]
fn ac17_guesses_at_once_are_counted_one_by_one() {
    let server = limited();
    let anna = Person::register(&server, "anna");
    let answers = at_once(&server, 40, |client, number| login(client, &anna.email, &format!("guess {number}")));
    assert_eq!((statuses(&answers, 401), statuses(&answers, 429)), (5, 35));
    let answers = at_once(&server, 10, |client, number| {
        let body = json!({"email": format!("new{number}@example.com"), "password": PASSWORD});
        client.post("/api/auth/register", &body)
    });
    assert_eq!((statuses(&answers, 201), statuses(&answers, 429)), (2, 8), "one of three was anna's");
}

#[test]
fn ac17_a_guesser_locks_out_nobody_but_their_own_address() {
    let server = behind_a_proxy("{register: off}");
    let anna = Person::of(
        &from(&server, "203.0.113.1")
            .post("/api/auth/register", &json!({"email": "anna@example.com", "password": PASSWORD}))
            .expect_status(201)
            .json(),
    );
    for number in 0..8 {
        login(&from(&server, "198.51.100.1"), &anna.email, &format!("guess {number}"));
    }
    expect_limited(login(&from(&server, "198.51.100.1"), &anna.email, PASSWORD));
    login(&from(&server, "203.0.113.1"), &anna.email, PASSWORD).expect_status(200);
    login(&from(&server, "192.0.2.7"), &anna.email, PASSWORD).expect_status(200);
    // From everywhere at once: the account is slowed for addresses that its owner never had, and for no other.
    let mut guesses = 0;
    for address in 1..=60 {
        let client = from(&server, &format!("198.51.101.{address}"));
        guesses += usize::from(login(&client, &anna.email, "guess").status == 401);
    }
    assert!((30..=50).contains(&guesses), "{guesses} guesses were let through");
    expect_limited(login(&from(&server, "198.51.102.1"), &anna.email, PASSWORD));
    for _ in 0..10 {
        login(&from(&server, "203.0.113.1"), &anna.email, PASSWORD).expect_status(200);
    }
    anna.me(&server).expect_status(200);
}

#[test]
fn ac17_one_address_does_not_try_every_account() {
    let server = behind_a_proxy("{register: off}");
    let client = from(&server, "198.51.100.1");
    let mut guesses = 0;
    for account in 0..80 {
        let answer = login(&client, &format!("person{account}@example.com"), "guess");
        guesses += usize::from(answer.status == 401);
        assert!(matches!(answer.status, 401 | 429));
    }
    assert!((45..=55).contains(&guesses), "{guesses} guesses were let through");
    // Its neighbours in an IPv6 network are the same guesser; another network is another.
    for number in 0..5 {
        login(&from(&server, &format!("2001:db8:1:2::{number}")), "anna@example.com", "guess").expect_status(401);
    }
    expect_limited(login(&from(&server, "2001:db8:1:2:ffff::9"), "anna@example.com", "guess"));
    login(&from(&server, "2001:db8:1:3::1"), "anna@example.com", "guess").expect_status(401);
}

#[test]
fn ac17_who_waits_may_try_again() {
    let settings = "auth: {password: {bcrypt_cost: 4}, rate_limit: {login: 30/minute, register: off}}\n";
    let server = TestServer::with_schema(USERS).config(settings).start();
    let anna = Person::register(&server, "anna");
    let deadline = Instant::now() + Duration::from_secs(60);
    while login(&server.client(), &anna.email, "guess").status == 401 {
        assert!(Instant::now() < deadline, "guesses are not limited");
    }
    expect_limited(login(&server.client(), &anna.email, PASSWORD));
    while login(&server.client(), &anna.email, PASSWORD).status == 429 {
        assert!(Instant::now() < deadline, "the owner is locked out for ever");
        thread::sleep(Duration::from_millis(50));
    }
    login(&server.client(), &anna.email, PASSWORD).expect_status(200);
}

#[test]
fn ac17_codes_that_are_none_cost_the_server_little() {
    // At this cost, so many passwords at once are more than are let wait.
    let settings = "auth: {password: {bcrypt_cost: 12}, rate_limit: {login: off, register: off}}\n";
    let mut server = TestServer::with_schema(USERS).config(settings).start();
    server.process().wait_for(|output| output.contains("#token=").then_some(()));
    for (path, body) in [
        ("/api/auth/confirm-password-reset", json!({"token": "guess", "password": PASSWORD})),
        ("/api/admin/setup", json!({"token": "guess", "email": "eve@example.com", "password": PASSWORD})),
    ] {
        let answers = at_once(&server, 120, |client, _| client.post(path, &body));
        assert_eq!(statuses(&answers, 400), answers.len(), "{path}: {} were too many", statuses(&answers, 503));
    }
    server.admin().post("/api/admin/users", &json!({"email": "root@example.com", "role": "admin"})).expect_status(201);
    let body = json!({"token": "guess", "email": "eve@example.com", "password": PASSWORD});
    let answers = at_once(&server, 120, |client, _| client.post("/api/admin/setup", &body));
    assert_eq!(statuses(&answers, 409), answers.len());
}

#[test]
fn ac15_a_claimed_address_changes_nothing() {
    let server = limited();
    let mut number = 0;
    let mut claiming = |name: &str| {
        number += 1;
        let address = format!("198.51.100.{number}");
        let value = if name == "Forwarded" { format!("for={address};host=evil.example.com") } else { address };
        server.client().with_header(name, &value)
    };
    for _ in 0..5 {
        login(&claiming(CLAIMS[0]), "anna@example.com", "guess").expect_status(401);
    }
    for name in CLAIMS {
        expect_limited(login(&claiming(name), "anna@example.com", "guess"));
    }
    for number in 0..3 {
        let body = json!({"email": format!("person{number}@example.com")});
        claiming(CLAIMS[0]).post("/api/auth/request-password-reset", &body).expect_status(202);
    }
    for name in CLAIMS {
        expect_limited(claiming(name).post("/api/auth/request-password-reset", &json!({"email": "b@example.com"})));
    }
}

#[test]
fn ac15_no_claim_reaches_a_rule_a_session_or_the_audit_log() {
    let server =
        TestServer::with_schema(&format!("{USERS}{PLACES}")).config("auth: {password: {bcrypt_cost: 4}}\n").start();
    for id in ["198.51.100.9", "127.0.0.1"] {
        server.admin().post("/api/collections/places", &json!({ "id": id })).expect_status(201);
    }
    let anna = Person::register(&server, "anna");
    for name in CLAIMS {
        let client = server.client().with_header(name, "198.51.100.9");
        let found = client.get("/api/collections/places").expect_status(200).json();
        assert_eq!((&found["total"], &found["docs"][0]["id"]), (&json!(1), &json!("127.0.0.1")), "{name}");
        login(&client, &anna.email, PASSWORD).expect_status(200);
        let path = format!("/api/admin/users/{}", anna.id);
        server
            .admin()
            .with_header(name, "198.51.100.9")
            .patch(&path, &json!({"metadata": {"n": name}}))
            .expect_status(200);
    }
    let sessions = anna.client(&server).get("/api/auth/sessions").text();
    let audit = server.admin().get("/api/admin/audit?limit=1000").text();
    assert!(sessions.contains("127.0.0.1") && audit.contains("127.0.0.1"));
    for text in [sessions, audit, server.output()] {
        assert!(!text.contains("198.51.100.9"), "{text}");
    }
}

#[test]
fn ac15_of_what_a_proxy_says_its_own_word_counts() {
    let server = behind_a_proxy("{login: off, register: off}");
    let places = ["203.0.113.9", "198.51.100.7", "127.0.0.1", "10.0.0.2", "2001:db8::9"];
    for id in places {
        server.admin().post("/api/collections/places", &json!({ "id": id })).expect_status(201);
    }
    let seen = |client: &Client| -> Value { client.get("/api/collections/places").json()["docs"][0]["id"].clone() };
    for (forwarded, expected) in [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.7, 203.0.113.9", "203.0.113.9"),
        ("198.51.100.7,203.0.113.9 , 10.0.0.2", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("198.51.100.7, [2001:db8::9]:4711", "2001:db8::9"),
        // What is no address ends the chain: whatever stands before it, anybody may have written.
        ("198.51.100.7, unknown", "127.0.0.1"),
        ("198.51.100.7, 203.0.113, 10.0.0.2", "10.0.0.2"),
        ("198.51.100.7,", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("10.0.0.2", "10.0.0.2"),
    ] {
        assert_eq!(seen(&from(&server, forwarded)), expected, "{forwarded}");
    }
    // Several headers are one list, in their order.
    assert_eq!(seen(&from(&server, "198.51.100.7").with_header("X-Forwarded-For", "203.0.113.9")), "203.0.113.9");
    assert_eq!(seen(&server.client().with_header("X-Real-IP", "198.51.100.7")), "127.0.0.1");
}
