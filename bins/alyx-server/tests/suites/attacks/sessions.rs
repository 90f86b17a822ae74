//! Rows 08, 09 and 13: what ends a session ends it everywhere, on the next request, and for good.

use std::{
    thread,
    time::{Duration, Instant},
};

use alyx_testing::{SmtpSink, TestServer, json, run};

use super::people::{PASSWORD, Person, at_once, login, refresh, reset_code, server_with, server_with_mail};

/// Longest wait for the moments to pass in which a traded token is answered again.
const PATIENCE: Duration = Duration::from_secs(60);

/// Four sessions of one account: signed in twice, refreshed once, and one that was traded already.
fn sessions(server: &TestServer) -> Vec<Person> {
    let anna = Person::register(server, "anna");
    let (second, third) = (Person::sign_in(server, &anna.email), Person::sign_in(server, &anna.email));
    let traded = Person::of(&third.refreshed(server).expect_status(200).json());
    vec![anna, second, third, traded]
}

#[track_caller]
fn expect_all_out(server: &TestServer, sessions: &[Person]) {
    for session in sessions {
        session.expect_signed_out(server);
    }
}

#[test]
fn ac08_a_reset_ends_every_session() {
    let sink = SmtpSink::start();
    let mut server = server_with_mail(&sink).start();
    let (sessions, bert) = (sessions(&server), Person::register(&server, "bert"));
    let code = reset_code(&server, &sink, &sessions[0].email);
    // Asking alone ends nothing.
    sessions[0].me(&server).expect_status(200);
    server
        .post("/api/auth/confirm-password-reset", &json!({"token": code, "password": "another password"}))
        .expect_status(204);
    expect_all_out(&server, &sessions);
    login(&server.client(), &sessions[0].email, PASSWORD).expect_status(401);
    bert.me(&server).expect_status(200);
    bert.refreshed(&server).expect_status(200);
    server.restart();
    expect_all_out(&server, &sessions);
    login(&server.client(), &sessions[0].email, "another password").expect_status(200);
}

#[test]
fn ac08_a_change_of_the_password_ends_every_session_but_the_new_one() {
    let server = server_with("").start();
    let sessions = sessions(&server);
    let change = json!({"current_password": PASSWORD, "new_password": "another password"});
    let changed = sessions[1].client(&server).post("/api/auth/change-password", &change).expect_status(200);
    expect_all_out(&server, &sessions);
    let new = Person::of(&changed.json());
    new.me(&server).expect_status(200);
    new.refreshed(&server).expect_status(200);
}

#[test]
fn ac08_a_reset_from_the_command_line_ends_every_session() {
    let server = server_with("").start();
    let sessions = sessions(&server);
    let printed =
        run("alyx-cli", server.folder(), &["auth", "reset-password", &sessions[0].email]).expect_code(0).stdout;
    let code = printed.split_once("#token=").and_then(|(_, rest)| rest.split_whitespace().next());
    let body = json!({"token": code.expect("a link is printed"), "password": "another password"});
    server.post("/api/auth/confirm-password-reset", &body).expect_status(204);
    expect_all_out(&server, &sessions);
}

#[test]
fn ac08_leaving_and_being_deleted_end_every_session() {
    let server = server_with("").start();
    let own = sessions(&server);
    own[1].client(&server).send("DELETE", "/api/auth/me", Some(&json!({"password": PASSWORD}))).expect_status(204);
    expect_all_out(&server, &own);
    let again = sessions(&server);
    assert_ne!(again[0].id, own[0].id);
    expect_all_out(&server, &own);
    server.admin().delete(&format!("/api/admin/users/{}", again[0].id)).expect_status(204);
    expect_all_out(&server, &again);
    let third = sessions(&server);
    server.admin().delete(&format!("/api/collections/users/{}", third[0].id)).expect_status(204);
    expect_all_out(&server, &third);
}

#[test]
fn ac08_one_session_ends_alone_and_all_together() {
    let server = server_with("").start();
    let sessions = sessions(&server);
    server.post("/api/auth/logout", &json!({"refresh_token": sessions[1].refresh})).expect_status(204);
    sessions[1].expect_signed_out(&server);
    sessions[0].me(&server).expect_status(200);
    sessions[0].client(&server).delete("/api/auth/sessions").expect_status(204);
    expect_all_out(&server, &sessions);
}

#[test]
fn ac09_who_is_banned_is_out_at_once_and_stays_out() {
    let mut server = server_with("").start();
    let sessions = sessions(&server);
    let (anna, bert) = (&sessions[0], Person::register(&server, "bert"));
    anna.set(&server, &json!({"banned": true}));
    for is_before in [true, false] {
        expect_all_out(&server, &sessions);
        let told = login(&server.client(), &anna.email, PASSWORD).expect_status(403).error_code();
        assert_eq!(told, "ACCOUNT_BANNED");
        // Who does not know the password is not told.
        let told = login(&server.client(), &anna.email, "a wrong password").expect_status(401).error_code();
        assert_eq!(told, "INVALID_CREDENTIALS");
        if is_before {
            server.restart();
        }
    }
    bert.me(&server).expect_status(200);
    anna.set(&server, &json!({"banned": false}));
    expect_all_out(&server, &sessions);
    Person::sign_in(&server, &anna.email).me(&server).expect_status(200);
}

#[test]
fn ac09_no_link_brings_the_banned_back() {
    let sink = SmtpSink::start();
    let server = server_with_mail(&sink).start();
    let anna = Person::register(&server, "anna");
    let verify = super::people::code(&sink, &anna.email, "verify-email");
    let reset = reset_code(&server, &sink, &anna.email);
    anna.set(&server, &json!({"banned": true}));
    server.post("/api/auth/confirm-verification", &json!({"token": verify}));
    server.post("/api/auth/confirm-password-reset", &json!({"token": reset, "password": "another password"}));
    for password in [PASSWORD, "another password"] {
        let refused = login(&server.client(), &anna.email, password);
        assert!(matches!(refused.status, 401 | 403), "{}", refused.text());
    }
    assert_eq!(anna.account(&server)["banned"], true);
    anna.expect_signed_out(&server);
}

#[test]
fn ac09_a_ban_from_the_command_line_counts_at_the_next_request() {
    let server = server_with("").start();
    let anna = Person::register(&server, "anna");
    anna.me(&server).expect_status(200);
    run("alyx-cli", server.folder(), &["auth", "ban", &anna.email]).expect_code(0);
    anna.expect_signed_out(&server);
    run("alyx-cli", server.folder(), &["auth", "unban", &anna.email]).expect_code(0);
    anna.expect_signed_out(&server);
    Person::sign_in(&server, &anna.email);
}

#[test]
fn ac09_a_role_that_is_taken_counts_at_the_next_request() {
    let server = server_with("").start();
    let root = Person::with_role(&server, "root", "admin");
    root.client(&server).get("/api/admin/users").expect_status(200);
    root.set(&server, &json!({"role": "user"}));
    root.client(&server).get("/api/admin/users").expect_status(403);
}

#[test]
fn ac09_of_many_requests_around_a_ban_none_succeeds_after_it() {
    let server = server_with("").start();
    let anna = Person::register(&server, "anna");
    let answers = at_once(&server, 16, |client, number| match number {
        0 => {
            let path = format!("/api/admin/users/{}", anna.id);
            server.admin().patch(&path, &json!({"banned": true})).expect_status(200);
            anna.me(&server)
        }
        _ if number % 2 == 0 => refresh(client, &anna.refresh),
        _ => login(client, &anna.email, PASSWORD),
    });
    assert_eq!(answers[0].status, 401);
    for answer in answers.into_iter().filter(|answer| answer.status == 200) {
        // Whoever came in before the ban went out with it.
        Person::of(&answer.json()).expect_signed_out(&server);
    }
}

#[test]
fn ac13_tabs_that_refresh_at_once_get_the_same_pair() {
    let server = server_with("").start();
    let anna = Person::register(&server, "anna");
    for _ in 0..3 {
        let pairs = at_once(&server, 20, |client, _| refresh(client, &anna.refresh).expect_status(200));
        let first = Person::of(&pairs[0].json());
        assert_ne!(first.refresh, anna.refresh);
        for pair in &pairs {
            let other = Person::of(&pair.json());
            assert_eq!(other.refresh, first.refresh);
            other.me(&server).expect_status(200);
        }
    }
    assert_eq!(anna.client(&server).get("/api/auth/sessions").json()["sessions"].as_array().map(Vec::len), Some(1));
}

#[test]
fn ac13_a_stolen_refresh_token_ends_its_family_and_is_told() {
    let mut server = server_with("").start();
    let anna = Person::register(&server, "anna");
    let other = Person::sign_in(&server, &anna.email);
    let second = Person::of(&anna.refreshed(&server).expect_status(200).json());
    server.restart();
    let deadline = Instant::now() + PATIENCE;
    let mut answered = 0;
    loop {
        let again = anna.refreshed(&server);
        if again.status != 200 {
            assert_eq!(again.expect_status(401).error_code(), "INVALID_TOKEN");
            break;
        }
        answered += 1;
        assert_eq!(Person::of(&again.json()).refresh, second.refresh);
        assert!(Instant::now() < deadline, "a token that was traded stays good");
        thread::sleep(Duration::from_millis(100));
    }
    assert!(answered > 0, "a token that was traded a moment ago is answered again");
    expect_all_out(&server, &[anna.clone(), second.clone()]);
    other.me(&server).expect_status(200);
    let audit = server.admin().get("/api/admin/audit?action=session.refresh_token_reused").expect_status(200).json();
    let entries = audit["entries"].as_array().expect("there are entries");
    assert_eq!(entries.len(), 1, "{audit}");
    assert_eq!((entries[0]["target"].as_str(), &entries[0]["ip"]), (Some(&*anna.id), &json!("127.0.0.1")));
    let output = server.output();
    assert!(output.contains("refresh token was used a second time"), "{output}");
    for token in [&anna.refresh, &second.refresh, &second.access] {
        assert!(!output.contains(&**token) && !audit.to_string().contains(&**token));
    }
}

#[test]
fn ac13_neither_kind_of_token_is_the_other() {
    let server = server_with("").start();
    let anna = Person::register(&server, "anna");
    refresh(&server.client(), &anna.access).expect_status(401);
    server.client().with_token(&anna.refresh).get("/api/auth/me").expect_status(401);
    server.client().with_token(&anna.refresh).get("/api/collections/users").expect_status(401);
    for broken in ["", "alyx_rt_", "x", &anna.refresh[..anna.refresh.len() - 1], &format!("{}A", anna.refresh)] {
        let refused = refresh(&server.client(), broken);
        assert!(matches!(refused.status, 400 | 401), "{broken}: {}", refused.status);
    }
    // None of that was a second use.
    anna.refreshed(&server).expect_status(200);
}
