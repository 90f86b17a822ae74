//! Rows 11 and 14: links in mail lead where the settings say, and a new address makes the old links worthless.

use alyx_testing::{Client, ReceivedMail, SmtpSink, TestServer, json, run};

use super::people::{PASSWORD, PUBLIC_URL, Person, USERS, code, login, mail, reset_code, server_with_mail};

const EVIL: &str = "evil.example.net";

/// Headers that a framework may take for the address of the site.
const CLAIMS: [(&str, &str); 12] = [
    ("X-Forwarded-Host", EVIL),
    ("X-Forwarded-Server", EVIL),
    ("X-Forwarded-Proto", "http"),
    ("X-Forwarded-Port", "81"),
    ("X-Forwarded-Prefix", "/evil.example.net"),
    ("X-Host", EVIL),
    ("X-Original-Host", EVIL),
    ("X-Original-URL", "https://evil.example.net/"),
    ("Forwarded", "for=192.0.2.1;host=evil.example.net;proto=http"),
    ("Origin", "https://evil.example.net"),
    ("Referer", "https://evil.example.net/reset"),
    ("X-HTTP-Host-Override", EVIL),
];

/// A client that claims all of it at once.
fn poisoned(server: &TestServer) -> Client {
    CLAIMS.iter().fold(server.client().with_host(EVIL), |client, (name, value)| client.with_header(name, value))
}

#[track_caller]
fn expect_clean(mail: &ReceivedMail) {
    assert!(!mail.raw.contains("evil") && !mail.text.contains("evil") && !mail.html.contains("evil"), "{}", mail.raw);
    for text in [&mail.text, &mail.html] {
        for (place, _) in text.match_indices("://") {
            let start = text[..place].rfind(|letter: char| !letter.is_ascii_alphabetic()).map_or(0, |start| start + 1);
            assert!(text[start..].starts_with(PUBLIC_URL), "{text}");
        }
    }
}

/// Asks for every kind of mail, and answers with all that came.
#[track_caller]
fn every_mail(server: &TestServer, sink: &SmtpSink, client: &Client, name: &str) -> Vec<ReceivedMail> {
    let email = format!("{name}@example.com");
    let body = json!({"email": email, "password": PASSWORD});
    let made = Person::of(&client.post("/api/auth/register", &body).expect_status(201).json());
    let mut mails = vec![sink.wait_for(&email)];
    for path in ["request-verification", "request-password-reset"] {
        client.post(&format!("/api/auth/{path}"), &json!({ "email": email })).expect_status(202);
        mails.push(sink.wait_for(&email));
    }
    let new = format!("new-{email}");
    let change = json!({"email": new, "password": PASSWORD});
    let signed_in = poisoned(server).with_token(&made.access);
    signed_in.post("/api/auth/change-email", &change).expect_status(202);
    mails.push(sink.wait_for(&new));
    mails.push(sink.wait_for(&email));
    mails
}

#[test]
fn ac14_links_lead_to_the_public_url_alone() {
    let sink = SmtpSink::start();
    let server = server_with_mail(&sink).start();
    let mut all = every_mail(&server, &sink, &poisoned(&server), "anna");
    for (number, (name, value)) in CLAIMS.iter().enumerate() {
        let client = server.client().with_header(name, value);
        all.extend(every_mail(&server, &sink, &client, &format!("person{number}")));
    }
    for host in [EVIL, "app.example.com@evil.example.net", "app.example.com.evil.example.net", "evil.example.net:80"] {
        let body = json!({"email": "anna@example.com"});
        let client = server.client().with_host(host);
        client.post("/api/auth/request-password-reset", &body).expect_status(202);
        all.push(sink.wait_for("anna@example.com"));
    }
    assert!(all.iter().filter(|mail| mail.text.contains("#token=")).count() >= 4 * 13);
    all.iter().for_each(expect_clean);
}

#[test]
fn ac14_a_request_that_names_another_server_gets_no_other_link() {
    let sink = SmtpSink::start();
    let server = server_with_mail(&sink).start();
    let anna = Person::register(&server, "anna");
    expect_clean(&sink.wait_for(&anna.email));
    let body = json!({"email": anna.email}).to_string();
    for head in [
        format!("POST http://{EVIL}/api/auth/request-password-reset HTTP/1.1\r\nHost: {EVIL}"),
        format!("POST /api/auth/request-password-reset HTTP/1.1\r\nHost: {EVIL}/x"),
        format!("POST /api/auth/request-password-reset HTTP/1.1\r\nHost: app.example.com\r\nHost: {EVIL}"),
        "POST /api/auth/request-password-reset HTTP/1.0".to_owned(),
    ] {
        let message =
            format!("{head}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        // Refused or answered: no mail of it names the other server.
        if server.client().try_send_raw(message.as_bytes()).is_ok_and(|answer| answer.status == 202) {
            expect_clean(&sink.wait_for(&anna.email));
        }
    }
    server.post("/api/auth/request-password-reset", &json!({"email": anna.email})).expect_status(202);
    expect_clean(&sink.wait_for(&anna.email));
}

#[test]
fn ac14_without_a_public_url_the_settings_still_decide() {
    let sink = SmtpSink::start();
    let settings = mail(&sink).replace("server:", "#");
    let server = TestServer::with_schema(USERS)
        .config(&format!("auth: {{password: {{bcrypt_cost: 4}}, rate_limit: {{password_reset: off}}}}\n{settings}"))
        .start();
    Person::register(&server, "anna");
    let _ = sink.wait_for("anna@example.com");
    let ask = json!({"email": "anna@example.com"});
    poisoned(&server).post("/api/auth/request-password-reset", &ask).expect_status(202);
    let mail = sink.wait_for("anna@example.com");
    assert!(!mail.raw.contains("evil") && mail.text.contains("http://127.0.0.1:"), "{}", mail.text);
}

#[test]
fn ac14_answers_and_redirects_name_no_other_server() {
    let settings = format!(
        "auth: {{allowed_redirects: [\"{PUBLIC_URL}/\"], oauth: {{github: {{client_id: an-id, client_secret: a-secret}}}}}}\n\
         server: {{public_url: \"{PUBLIC_URL}\"}}\n"
    );
    let server = TestServer::with_schema(USERS).config(&settings).start();
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let start = format!(
        "/api/auth/oauth/github?redirect_to={PUBLIC_URL}/done&code_challenge={challenge}&code_challenge_method=S256"
    );
    let answer = poisoned(&server).get(&start).expect_status(303);
    let location = answer.header("location").expect("it leads to the provider").to_owned();
    assert!(
        location.contains("redirect_uri=https%3A%2F%2Fapp.example.com%2Fapi%2Fauth%2Foauth%2Fgithub%2Fcallback"),
        "{location}"
    );
    for path in [
        "/",
        "/_admin",
        "/_auth/reset-password",
        "/api/openapi.json",
        "/api/docs",
        "/api/auth/providers",
        "/api/nothing",
        &start,
    ] {
        let answer = poisoned(&server).get(path);
        // Only who may read the answer is named, and by default that is anyone.
        let named = answer.headers.iter().any(|(_, value)| value.contains("evil"));
        assert!(!named && !answer.text().contains("evil"), "{path}: {:?}", answer.headers);
    }
}

#[test]
fn ac11_a_new_address_makes_every_link_worthless_and_ends_every_session() {
    let sink = SmtpSink::start();
    let mut server = server_with_mail(&sink).start();
    let anna = Person::register(&server, "anna");
    let other = Person::sign_in(&server, &anna.email);
    let verify = code(&sink, &anna.email, "verify-email");
    let reset = reset_code(&server, &sink, &anna.email);
    let ask = |email: &str| {
        let body = json!({"email": email, "password": PASSWORD});
        anna.client(&server).post("/api/auth/change-email", &body).expect_status(202);
        code(&sink, email, "change-email")
    };
    let (older, change) = (ask("older@example.com"), ask("new@example.com"));
    // Until it is confirmed nothing has changed.
    anna.me(&server).expect_status(200);
    let confirm = |what: &str, code: &str| server.post(&format!("/api/auth/confirm-{what}"), &json!({ "token": code }));
    confirm("email-change", &older).expect_status(400);
    confirm("email-change", &change).expect_status(204);
    for session in [&anna, &other] {
        session.expect_signed_out(&server);
    }
    let account = anna.account(&server);
    assert_eq!((&account["email"], &account["verified"]), (&json!("new@example.com"), &json!(true)));
    confirm("verification", &verify).expect_status(400);
    confirm("email-change", &older).expect_status(400);
    let body = json!({"token": reset, "password": "another password"});
    server.post("/api/auth/confirm-password-reset", &body).expect_status(400);
    login(&server.client(), &anna.email, PASSWORD).expect_status(401);
    login(&server.client(), "new@example.com", PASSWORD).expect_status(200);
    server.post("/api/auth/request-password-reset", &json!({"email": anna.email})).expect_status(202);
    let _ = reset_code(&server, &sink, "new@example.com");
    // The old address is told, and by it nothing is reached any more.
    let told = std::iter::repeat_with(|| sink.wait_for(&anna.email)).find(|mail| mail.text.contains("new@example.com"));
    assert!(told.is_some_and(|mail| !mail.text.contains("#token=")));
    assert!(sink.mails().iter().all(|mail| mail.to != anna.email || !mail.text.contains("reset-password#")));
    server.restart();
    anna.expect_signed_out(&server);
}

#[test]
fn ac11_an_address_is_changed_by_who_knows_the_password_and_is_free() {
    let sink = SmtpSink::start();
    let server = server_with_mail(&sink).start();
    let (anna, bert) = (Person::register(&server, "anna"), Person::register(&server, "bert"));
    let ask = |password: &str, email: &str| {
        anna.client(&server).post("/api/auth/change-email", &json!({"email": email, "password": password}))
    };
    ask("a guess", "new@example.com").expect_status(401);
    ask(PASSWORD, "no address").expect_status(400);
    server.post("/api/auth/change-email", &json!({"email": "x@example.com", "password": PASSWORD})).expect_status(401);
    // A taken address gets the same answer, and its owner a notice without a code.
    ask(PASSWORD, &bert.email).expect_status(202);
    ask(PASSWORD, "new@example.com").expect_status(202);
    let change = code(&sink, "new@example.com", "change-email");
    assert!(sink.mails().iter().all(|mail| mail.to != bert.email || !mail.text.contains("change-email#")));
    // Whoever takes the address in between keeps it.
    let taken = Person::register(&server, "new");
    let late = server.post("/api/auth/confirm-email-change", &json!({"token": change}));
    assert!(matches!(late.status, 400 | 409), "{}", late.text());
    assert_eq!(anna.account(&server)["email"], anna.email);
    assert_eq!(taken.account(&server)["verified"], false);
    taken.me(&server).expect_status(200);
}

#[test]
fn ac11_what_the_command_line_takes_away_its_links_take_too() {
    let sink = SmtpSink::start();
    let server = server_with_mail(&sink).start();
    let anna = Person::register(&server, "anna");
    let reset = reset_code(&server, &sink, &anna.email);
    run("alyx-cli", server.folder(), &["auth", "ban", &anna.email]).expect_code(0);
    run("alyx-cli", server.folder(), &["auth", "unban", &anna.email]).expect_code(0);
    let body = json!({"token": reset, "password": "another password"});
    server.post("/api/auth/confirm-password-reset", &body).expect_status(400);
}
