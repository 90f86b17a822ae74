//! Rows 06 and 07: a code of a link is good once, however many use it at the same time.

use alyx_testing::{Client, Response, SmtpSink, TestServer, json};

use super::people::{PASSWORD, Person, at_once, code, login, reset_code, server_with_mail};

const CALLERS: usize = 20;

/// The one number whose call won; everybody else was told that the code is no good.
#[track_caller]
fn only_winner(answers: &[Response], success: u16) -> usize {
    let mut winners = Vec::new();
    for (number, answer) in answers.iter().enumerate() {
        match answer.status {
            status if status == success => winners.push(number),
            _ => assert_eq!((answer.status, answer.error_code().as_str()), (400, "INVALID_CODE"), "{}", answer.text()),
        }
    }
    assert_eq!(winners.len(), 1, "{} of {} won", winners.len(), answers.len());
    winners[0]
}

fn confirm_reset(client: &Client, code: &str, password: &str) -> Response {
    client.post("/api/auth/confirm-password-reset", &json!({"token": code, "password": password}))
}

fn confirm(client: &Client, what: &str, code: &str) -> Response {
    client.post(&format!("/api/auth/confirm-{what}"), &json!({"token": code}))
}

fn set_up(client: &Client, code: &str, name: &str) -> Response {
    let email = format!("{name}@example.com");
    client.post("/api/admin/setup", &json!({"token": code, "email": email, "password": PASSWORD}))
}

/// The code that the server printed when it started.
#[track_caller]
fn set_up_code(server: &mut TestServer) -> String {
    server.process().wait_for(|output| {
        let rest = output.rsplit_once("/_auth/set-up#token=")?.1;
        rest.split_once('\n').map(|(code, _)| code.trim().to_owned())
    })
}

/// Asks for another address and takes the code out of the mail to it.
#[track_caller]
fn change_code(server: &TestServer, sink: &SmtpSink, person: &Person, email: &str) -> String {
    let body = json!({"email": email, "password": PASSWORD});
    person.client(server).post("/api/auth/change-email", &body).expect_status(202);
    code(sink, email, "change-email")
}

#[test]
fn ac06_of_many_who_use_a_reset_at_once_one_sets_the_password() {
    let sink = SmtpSink::start();
    let server = server_with_mail(&sink).start();
    let anna = Person::register(&server, "anna");
    for round in 0..5 {
        let code = reset_code(&server, &sink, &anna.email);
        let password = |number: usize| format!("password {number} of {round}");
        let answers = at_once(&server, CALLERS, |client, number| confirm_reset(client, &code, &password(number)));
        let winner = only_winner(&answers, 204);
        for number in 0..CALLERS {
            let expected = if number == winner { 200 } else { 401 };
            login(&server.client(), &anna.email, &password(number)).expect_status(expected);
        }
    }
}

#[test]
fn ac06_of_many_who_confirm_an_address_at_once_one_does() {
    let sink = SmtpSink::start();
    let server = server_with_mail(&sink).start();
    for round in 0..5 {
        let person = Person::register(&server, &format!("anna{round}"));
        let verify = code(&sink, &person.email, "verify-email");
        only_winner(&at_once(&server, CALLERS, |client, _| confirm(client, "verification", &verify)), 204);
        assert_eq!(person.account(&server)["verified"], true);
        let new = format!("anna{round}@elsewhere.example.com");
        let change = change_code(&server, &sink, &person, &new);
        only_winner(&at_once(&server, CALLERS, |client, _| confirm(client, "email-change", &change)), 204);
        assert_eq!(person.account(&server)["email"], new);
    }
}

#[test]
fn ac06_of_many_who_set_up_at_once_one_is_administrator() {
    let sink = SmtpSink::start();
    let mut server = server_with_mail(&sink).start();
    let code = set_up_code(&mut server);
    let answers = at_once(&server, CALLERS, |client, number| set_up(client, &code, &format!("admin{number}")));
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 400 | 409)));
    assert_eq!(won.len(), 1);
    let found = server.admin().get("/api/admin/users").json();
    assert_eq!((&found["total"], &found["users"][0]["id"]), (&json!(1), &won[0].json()["user"]["id"]));
}

#[test]
fn ac07_no_code_is_good_twice_also_after_a_crash() {
    let sink = SmtpSink::start();
    let mut server = server_with_mail(&sink).start();
    let set_up_once = set_up_code(&mut server);
    let anna = Person::register(&server, "anna");
    let verify = code(&sink, &anna.email, "verify-email");
    confirm(&server.client(), "verification", &verify).expect_status(204);
    let change = change_code(&server, &sink, &anna, "anna@elsewhere.example.com");
    confirm(&server.client(), "email-change", &change).expect_status(204);
    let reset = reset_code(&server, &sink, "anna@elsewhere.example.com");
    confirm_reset(&server.client(), &reset, "another password").expect_status(204);
    set_up(&server.client(), &set_up_once, "admin").expect_status(201);
    for is_before in [true, false] {
        let client = server.client();
        for (what, code) in [("verification", &verify), ("email-change", &change)] {
            assert_eq!(confirm(&client, what, code).expect_status(400).error_code(), "INVALID_CODE", "{what}");
        }
        assert_eq!(confirm_reset(&client, &reset, "a third password").expect_status(400).error_code(), "INVALID_CODE");
        set_up(&client, &set_up_once, "other").expect_status(409);
        login(&client, "anna@elsewhere.example.com", "another password").expect_status(200);
        if is_before {
            server.restart();
        }
    }
}

#[test]
fn ac07_a_newer_code_makes_the_older_worthless() {
    let sink = SmtpSink::start();
    let mut server = server_with_mail(&sink).start();
    let anna = Person::register(&server, "anna");
    let old_set_up = set_up_code(&mut server);
    let old_verify = code(&sink, &anna.email, "verify-email");
    let old_change = change_code(&server, &sink, &anna, "one@example.com");
    let old_reset = reset_code(&server, &sink, &anna.email);
    server.post("/api/auth/request-verification", &json!({"email": anna.email})).expect_status(202);
    let verify = code(&sink, &anna.email, "verify-email");
    let change = change_code(&server, &sink, &anna, "two@example.com");
    let reset = reset_code(&server, &sink, &anna.email);
    server.restart();
    let client = server.client();
    confirm_reset(&client, &old_reset, "another password").expect_status(400);
    confirm(&client, "verification", &old_verify).expect_status(400);
    confirm(&client, "email-change", &old_change).expect_status(400);
    set_up(&client, &old_set_up, "admin").expect_status(400);
    confirm(&client, "verification", &verify).expect_status(204);
    confirm_reset(&client, &reset, "another password").expect_status(204);
    // The reset took what else was on its way.
    confirm(&client, "email-change", &change).expect_status(400);
    let newest = set_up_code(&mut server);
    set_up(&server.client(), &newest, "admin").expect_status(201);
}

#[test]
fn ac07_a_code_opens_nothing_but_what_it_is_for() {
    let sink = SmtpSink::start();
    let mut server = server_with_mail(&sink).start();
    let anna = Person::register(&server, "anna");
    let set_up_once = set_up_code(&mut server);
    let verify = code(&sink, &anna.email, "verify-email");
    let change = change_code(&server, &sink, &anna, "new@example.com");
    let reset = reset_code(&server, &sink, &anna.email);
    let client = server.client();
    for code in [&verify, &change, &set_up_once, &anna.refresh, &anna.access] {
        confirm_reset(&client, code, "stolen password").expect_status(400);
    }
    for code in [&change, &reset, &set_up_once] {
        confirm(&client, "verification", code).expect_status(400);
    }
    for code in [&verify, &reset, &set_up_once] {
        confirm(&client, "email-change", code).expect_status(400);
    }
    for code in [&verify, &reset, &change] {
        set_up(&client, code, "admin").expect_status(400);
        client.post("/api/auth/refresh", &json!({"refresh_token": code})).expect_status(401);
        server.client().with_token(code).get("/api/auth/me").expect_status(401);
    }
    // None of it used a code up.
    confirm(&client, "verification", &verify).expect_status(204);
    confirm_reset(&client, &reset, "another password").expect_status(204);
    set_up(&client, &set_up_once, "admin").expect_status(201);
}
