//! Row 45: what opens something is told once, to whom it is for, and stands nowhere else.

use std::{
    thread,
    time::{Duration, Instant},
};

use alyx_testing::{ADMIN_TOKEN, Client, Response, SmtpSink, TestServer, Value, json};

use super::people::{PASSWORD, Person, code, login, mail, refresh, reset_code, server_with};

const WRONG: &str = "a wrong guess of mine";
const NEXT: &str = "another fine password";
const JWT_SECRET: &str = "Zk3vN8qLw2Tg6Ry9Hb5Mx1Pc7Jd4Fs0U";
const PREVIOUS: &str = "Qm7xB2nVz5Lk9Wt3Jr6Hc1Gf8Ds4Py0E";
const MAIL_PASSWORD: &str = "mail-pass-5Xw2";
const CLIENT_SECRET: &str = "client-secret-9Lq4";

/// What must not be seen, and every answer that a client got which was not meant to tell any of it.
#[derive(Default)]
struct Watch {
    secrets: Vec<String>,
    answers: Vec<String>,
}

impl Watch {
    fn keep(&mut self, secret: &str) -> String {
        self.secrets.push(secret.to_owned());
        secret.to_owned()
    }

    fn person(&mut self, person: Person) -> Person {
        self.keep(&person.access);
        self.keep(&person.refresh);
        person
    }

    fn see(&mut self, answer: &Response) {
        let headers: Vec<String> = answer.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        self.answers.push(format!("{} {} {}", answer.status, headers.join(" "), answer.text()));
    }

    #[track_caller]
    fn check(&self, what: &str, text: &str) {
        for secret in &self.secrets {
            assert!(!text.contains(secret.as_str()), "{what} has {secret}: {text}");
        }
    }
}

fn config(sink: &SmtpSink, logging: &str) -> String {
    let mail = mail(sink);
    format!(
        "auth:\n  jwt: {{secret: {JWT_SECRET}, previous_secrets: [{PREVIOUS}]}}\n  password: {{bcrypt_cost: 4}}\n  \
         rate_limit: {{login: off, register: off, password_reset: off}}\n  \
         oauth: {{github: {{client_id: a-client, client_secret: {CLIENT_SECRET}}}}}\nlogging: {logging}\n{mail}"
    )
}

/// One of everything that has a secret in it.
fn live(server: &mut TestServer, sink: &SmtpSink, watch: &mut Watch) {
    let set_up = server.process().wait_for(|output| {
        let line = output.rsplit_once("#token=")?.1.split_once('\n')?.0;
        let is_of_code = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
        line.split(|letter| !is_of_code(letter)).next().map(str::to_owned)
    });
    let client = server.client();
    let anna = watch.person(Person::register(server, "anna"));
    let verify = watch.keep(&code(sink, &anna.email, "verify-email"));
    watch.see(&client.post("/api/auth/confirm-verification", &json!({"token": verify})));
    watch.see(&login(&client, &anna.email, WRONG));
    let next = watch.person(Person::of(&anna.refreshed(server).expect_status(200).json()));
    let change = json!({"email": "new@example.com", "password": PASSWORD});
    watch.see(&next.client(server).post("/api/auth/change-email", &change));
    let moved = watch.keep(&code(sink, "new@example.com", "change-email"));
    watch.see(&client.post("/api/auth/confirm-email-change", &json!({"token": moved})));
    watch.see(&next.me(server));
    let again = watch.person(Person::sign_in(server, "new@example.com"));
    watch.see(&again.client(server).get("/api/auth/sessions"));
    let reset = watch.keep(&reset_code(server, sink, "new@example.com"));
    watch.see(&client.post("/api/auth/confirm-password-reset", &json!({"token": reset, "password": "short"})));
    watch.see(&client.post("/api/auth/confirm-password-reset", &json!({"token": reset, "password": NEXT})));
    watch.see(&refresh(&client, &again.refresh));
    let body = json!({"token": set_up, "email": "root@example.com", "password": PASSWORD});
    watch.person(Person::of(&client.post("/api/admin/setup", &body).expect_status(201).json()));
    watch.see(&client.post("/api/admin/setup", &body));
    let made = server.admin().post("/api/admin/tokens", &json!({"name": "ci", "permissions": ["stats:read"]}));
    let deploy = watch.keep(made.json()["token"].as_str().expect("it is shown once"));
    watch.see(&server.client().with_token(&deploy).get("/api/admin/users"));
    misuse(server, watch, &anna, &deploy);
}

/// Secrets where they do not belong.
fn misuse(server: &TestServer, watch: &mut Watch, anna: &Person, deploy: &str) {
    for secret in [PASSWORD, &anna.access, &anna.refresh, deploy, ADMIN_TOKEN] {
        let client = server.client();
        for path in ["/api/auth/me", "/api/collections/users", "/api/nothing", "/_auth/reset-password"] {
            watch.see(&client.query(path, &[("token", secret)]));
            for (name, value) in [("Authorization", format!("Basic {secret}")), ("Cookie", format!("session={secret}"))]
            {
                watch.see(&server.client().with_header(name, &value).get(path));
            }
            watch.see(&server.client().with_token(&format!("{secret}x")).get(path));
        }
        for body in [
            format!(r#"{{"email": "anna@example.com", "password": "{secret}""#),
            format!(r#"{{"email": ["{secret}"], "password": {{"a": "{secret}"}}}}"#),
            format!(r#"["{secret}"]"#),
            format!(r#"{{"refresh_token": "{secret}", "token": "{secret}", "password": "{secret}"}}"#),
        ] {
            for path in ["login", "register", "refresh", "confirm-password-reset", "confirm-verification"] {
                let path = format!("/api/auth/{path}");
                let sent =
                    client.try_send_bytes("POST", &path, &[("Content-Type", "application/json")], body.as_bytes());
                watch.see(&sent.expect("the server answers"));
            }
        }
    }
}

fn told_to_administrators(admin: &Client) -> Vec<String> {
    let paths = ["config", "audit?limit=1000", "users?limit=1000", "tokens", "stats", "schema", "migrations"];
    let mut texts: Vec<String> =
        paths.iter().map(|path| admin.get(&format!("/api/admin/{path}")).expect_status(200).text()).collect();
    for path in ["/metrics", "/health", "/health/stats", "/api/openapi.json", "/api/docs", "/"] {
        texts.push(admin.get(path).expect_status(200).text());
    }
    texts.push(admin.get("/api/collections/users").text());
    texts
}

#[track_caller]
fn nothing_is_told(logging: &str) {
    let sink = SmtpSink::start();
    let mut server = server_with("").config(&config(&sink, logging)).start();
    let mut watch = Watch::default();
    for secret in [PASSWORD, WRONG, NEXT, JWT_SECRET, PREVIOUS, CLIENT_SECRET, ADMIN_TOKEN, "$2b$"] {
        watch.keep(secret);
    }
    live(&mut server, &sink, &mut watch);
    assert!(watch.answers.len() > 50);
    for answer in &watch.answers {
        // What was sent in a body or a header is not sent back, not even by who refuses it.
        watch.check("an answer", answer);
    }
    for text in told_to_administrators(&server.admin()) {
        watch.check("what administrators see", &text);
    }
    wait_for_line(&server, "/api/admin/migrations");
    let output = server.output();
    watch.check("the log", &output);
    assert_eq!(output.matches("#token=").count(), 1, "{output}");
    assert!(server.stop(), "{}", server.output());
    watch.check("the log", &server.output());
    let settings = alyx_testing::run("alyx-cli", server.folder(), &["config", "check"]);
    watch.check("config check", &format!("{}{}", settings.stdout, settings.stderr));
}

/// The log is written by others; this waits until so much of it is there.
#[track_caller]
fn wait_for_line(server: &TestServer, mark: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !server.output().contains(mark) {
        assert!(Instant::now() < deadline, "{mark} is not in the log: {}", server.output());
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn ac45_nothing_is_told_in_a_console_log() {
    nothing_is_told("{level: debug, format: console}");
}

#[test]
fn ac45_nothing_is_told_in_a_json_log_that_tells_everything() {
    nothing_is_told("{level: trace, format: json}");
}

#[test]
fn ac45_settings_are_shown_without_what_is_secret() {
    let settings = format!(
        "auth:\n  jwt: {{secret: {JWT_SECRET}, previous_secrets: [{PREVIOUS}]}}\n  \
         oauth:\n    github: {{client_id: a-client, client_secret: {CLIENT_SECRET}}}\n    \
         oidc: {{mine: {{issuer: \"http://127.0.0.1:1/\", client_id: b, client_secret: {CLIENT_SECRET}}}}}\n\
         mail: {{host: 127.0.0.1, port: 1, user: mailer, password: {MAIL_PASSWORD}, from: a@example.com}}\n\
         logging: {{level: trace}}\n"
    );
    let mut server = server_with("").config(&settings).start();
    let shown: Value = server.admin().get("/api/admin/config").expect_status(200).json();
    let text = shown.to_string();
    // What is no secret is there, so that the page is of use.
    assert!(text.contains("a-client") && text.contains("mailer"), "{text}");
    server.post("/api/auth/request-password-reset", &json!({"email": "nobody@example.com"})).expect_status(202);
    assert!(server.stop());
    for secret in [JWT_SECRET, PREVIOUS, CLIENT_SECRET, MAIL_PASSWORD, ADMIN_TOKEN] {
        assert!(!text.contains(secret) && !server.output().contains(secret), "{secret}: {text}");
    }
}

#[test]
fn ac45_a_wrong_secret_is_not_repeated_by_who_refuses_it() {
    let secret = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for settings in [
        format!("auth: {{jwt: {{secret: {secret}}}}}\n"),
        format!("auth: {{jwt: {{secret: [{secret}]}}}}\n"),
        format!("auth: {{jwt: {{previous_secrets: [{secret}]}}}}\n"),
        format!("mail: {{host: 127.0.0.1, user: [{secret}], password: {{a: {secret}}}}}\n"),
        format!("auth: {{jwt: {{secert: {secret}}}}}\n"),
        format!("server: {{prot: 1}}\nauth: {{jwt: {{secret: {secret}}}}}\n"),
        format!("server: {{public_url: \"ftp://user:{secret}@example.com\"}}\n"),
        format!("auth: {{jwt: {{secret: {secret}}}, oauth: {{github: {{client_secret: {secret}, id: 1}}}}\n"),
    ] {
        let output = server_with("").config(&settings).command().output().expect("the server can be run");
        let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success(), "{settings} was taken");
        assert!(said.contains("alyx.yaml:"), "{said}");
        assert!(!said.contains(secret), "{said}");
    }
}

#[test]
fn ac45_a_server_without_mail_prints_no_link() {
    let server = server_with("").start();
    let anna = Person::register(&server, "anna");
    server.post("/api/auth/request-password-reset", &json!({"email": anna.email})).expect_status(202);
    server.post("/api/auth/request-verification", &json!({"email": anna.email})).expect_status(202);
    wait_for_line(&server, "mail was not sent");
    for page in ["/_auth/reset-password", "/_auth/verify-email"] {
        assert!(!server.output().contains(page), "{}", server.output());
    }
}
