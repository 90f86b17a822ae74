//! People who are signed in, the servers that they are signed in at, and calls that are made at once.

use std::{sync::Barrier, thread};

use alyx_testing::{Client, Response, SmtpSink, TestServer, TestServerBuilder, Value, json};

/// Everybody's password.
pub(super) const PASSWORD: &str = "correct horse battery";

/// The profiles of accounts, with every mirror that there is, readable by all.
pub(super) const USERS: &str = r#"
version: 1
collections:
  users:
    fields:
      id: {type: uuid, primary: true, default: auto}
      email: {type: email, unique: true}
      role: {type: string}
      verified: {type: bool}
      name: {type: string, nullable: true}
    rules: {create: "true", read: "true", update: "auth.id == doc.id", delete: "auth.id == doc.id"}
"#;

/// Quick passwords, and no limits that would be in the way.
const QUICK: &str =
    "auth: {password: {bcrypt_cost: 4}, rate_limit: {login: off, register: off, password_reset: off}}\n";

/// Where links in mail lead, whatever a request says.
pub(super) const PUBLIC_URL: &str = "https://app.example.com";

/// A server with these collections besides [`USERS`], quick and without limits.
pub(super) fn server_with(collections: &str) -> TestServerBuilder {
    TestServer::with_schema(&format!("{USERS}{collections}")).config(QUICK)
}

/// A server whose mail goes into the sink.
pub(super) fn server_with_mail(sink: &SmtpSink) -> TestServerBuilder {
    server_with("").config(&format!("{QUICK}{}", mail(sink)))
}

/// The settings that send mail into the sink.
pub(super) fn mail(sink: &SmtpSink) -> String {
    let port = sink.port();
    format!(
        "mail: {{host: 127.0.0.1, port: {port}, encryption: none, from: noreply@example.com}}\n\
         server: {{public_url: \"{PUBLIC_URL}\"}}\n"
    )
}

/// Somebody who is signed in.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) email: String,
    pub(super) id: String,
    pub(super) access: String,
    pub(super) refresh: String,
}

impl Person {
    /// Makes an account `NAME@example.com`.
    #[track_caller]
    pub(super) fn register(server: &TestServer, name: &str) -> Self {
        let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
        Self::of(&server.post("/api/auth/register", &body).expect_status(201).json())
    }

    /// The same with a role that an administrator gave.
    #[track_caller]
    pub(super) fn with_role(server: &TestServer, name: &str, role: &str) -> Self {
        let person = Self::register(server, name);
        person.set(server, &json!({"role": role}));
        person
    }

    /// One more session of an account.
    #[track_caller]
    pub(super) fn sign_in(server: &TestServer, email: &str) -> Self {
        Self::of(&login(&server.client(), email, PASSWORD).expect_status(200).json())
    }

    /// Who an answer with tokens is for.
    #[track_caller]
    pub(super) fn of(answer: &Value) -> Self {
        let text = |value: &Value| value.as_str().expect("the answer has an account and tokens").to_owned();
        Self {
            email: text(&answer["user"]["email"]),
            id: text(&answer["user"]["id"]),
            access: text(&answer["tokens"]["access_token"]),
            refresh: text(&answer["tokens"]["refresh_token"]),
        }
    }

    /// A client with the access token.
    pub(super) fn client(&self, server: &TestServer) -> Client {
        server.client().with_token(&self.access)
    }

    /// Asks who this is.
    #[track_caller]
    pub(super) fn me(&self, server: &TestServer) -> Response {
        self.client(server).get("/api/auth/me")
    }

    /// Trades the refresh token.
    #[track_caller]
    pub(super) fn refreshed(&self, server: &TestServer) -> Response {
        refresh(&server.client(), &self.refresh)
    }

    /// What an administrator sets of the account.
    #[track_caller]
    pub(super) fn set(&self, server: &TestServer, changes: &Value) {
        server.admin().patch(&self.path(), changes).expect_status(200);
    }

    /// The account as an administrator sees it.
    #[track_caller]
    pub(super) fn account(&self, server: &TestServer) -> Value {
        server.admin().get(&self.path()).expect_status(200).json()
    }

    fn path(&self) -> String {
        format!("/api/admin/users/{}", self.id)
    }

    /// Fails the test unless nothing of the session is left: neither token opens anything.
    #[track_caller]
    pub(super) fn expect_signed_out(&self, server: &TestServer) {
        let client = self.client(server);
        for (method, path) in [
            ("GET", "/api/auth/me"),
            ("GET", "/api/auth/sessions"),
            ("GET", "/api/collections/users"),
            ("GET", &format!("/api/collections/users/{}", self.id)),
            ("PATCH", &format!("/api/collections/users/{}", self.id)),
            ("DELETE", "/api/auth/sessions"),
        ] {
            let body = (method == "PATCH").then(|| json!({"name": "still here"}));
            let code = client.send(method, path, body.as_ref()).expect_status(401).error_code();
            assert_eq!(code, "INVALID_TOKEN", "{method} {path}");
        }
        self.refreshed(server).expect_status(401);
    }
}

/// Signs in.
#[track_caller]
pub(super) fn login(client: &Client, email: &str, password: &str) -> Response {
    client.post("/api/auth/login", &json!({"email": email, "password": password}))
}

/// Trades a refresh token.
#[track_caller]
pub(super) fn refresh(client: &Client, token: &str) -> Response {
    client.post("/api/auth/refresh", &json!({"refresh_token": token}))
}

/// Asks for a reset and takes the code out of the mail.
#[track_caller]
pub(super) fn reset_code(server: &TestServer, sink: &SmtpSink, email: &str) -> String {
    server.post("/api/auth/request-password-reset", &json!({"email": email})).expect_status(202);
    code(sink, email, "reset-password")
}

/// The code of the next mail of this kind to an address; mails of other kinds are passed over.
#[track_caller]
pub(super) fn code(sink: &SmtpSink, email: &str, page: &str) -> String {
    let mark = format!("{PUBLIC_URL}/_auth/{page}#token=");
    loop {
        let mail = sink.wait_for(email);
        if mail.text.contains(&mark) {
            return mail.after(&mark);
        }
    }
}

/// The same call by so many clients, each on a connection that is open already, let go at the same moment.
pub(super) fn at_once(
    server: &TestServer,
    callers: usize,
    call: impl Fn(&Client, usize) -> Response + Sync,
) -> Vec<Response> {
    let (start, address) = (Barrier::new(callers), server.address());
    let make = |number: usize| {
        let client = Client::new(address);
        client.get("/health/live").expect_status(200);
        start.wait();
        call(&client, number)
    };
    thread::scope(|scope| {
        let make = &make;
        let calls: Vec<_> = (0..callers).map(|number| scope.spawn(move || make(number))).collect();
        calls.into_iter().map(|call| call.join().expect("the call was answered")).collect()
    })
}
