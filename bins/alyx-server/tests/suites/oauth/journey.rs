//! A sign-in as a person goes through it: from the app to the server, to the provider, and all the way back.

use std::{fmt::Write, sync::Barrier, thread};

use alyx_testing::{Browser, Client, OidcProvider, Response, SmtpSink, TestServer, TestServerBuilder, Value, json};

/// Where the server is for browsers, as if a proxy with the certificate stood before it.
pub(super) const API: &str = "https://api.example.com";
/// The app's page.
pub(super) const PAGE: &str = "https://app.example.com/signed-in";
/// The app's secret, and what it sends of it.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(super) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// The cookie that binds a sign-in to its browser.
pub(super) const COOKIE: &str = "__Host-alyx_oauth";
pub(super) const PASSWORD: &str = "correct horse battery";

/// The profiles of accounts; `{create}` stands for the rule that opens them.
const SCHEMA: &str = r#"
version: 1
collections:
  users:
    fields:
      id: {type: uuid, primary: true, default: auto}
      email: {type: email, unique: true}
      verified: {type: bool}
      role: {type: string}
      name: {type: string, nullable: true}
      avatar_url: {type: url, nullable: true}
    rules: {create: "{create}", read: "true", update: "auth.id == doc.id"}
  invitations:
    fields:
      id: {type: uuid, primary: true, default: auto}
      email: {type: email}
"#;

/// The schema with this rule for new profiles.
pub(super) fn schema(create: &str) -> String {
    SCHEMA.replace("{create}", create)
}

/// Settings with these providers and without limits; `more` are further sections.
pub(super) fn settings(providers: &str, more: &str) -> String {
    format!(
        "auth:\n  password: {{bcrypt_cost: 4}}\n  allowed_redirects: [\"{PAGE}\"]\n  \
         rate_limit: {{login: off, register: off, password_reset: off, oauth: off}}\n  oauth:\n{providers}\
         server: {{public_url: \"{API}\"}}\n{more}"
    )
}

/// Providers of OpenID Connect, each under its name.
pub(super) fn named(providers: &[(&str, &OidcProvider)]) -> String {
    let mut text = "    oidc:\n".to_owned();
    for (name, provider) in providers {
        let (issuer, id, secret) = (provider.issuer(), provider.client_id(), provider.client_secret());
        let _ = writeln!(text, "      {name}: {{issuer: \"{issuer}\", client_id: {id}, client_secret: \"{secret}\"}}");
    }
    text
}

/// A server where everybody may register and sign in with the provider, under the name `mine`.
pub(super) fn server_with(provider: &OidcProvider) -> TestServerBuilder {
    TestServer::with_schema(&schema("true")).config(&settings(&named(&[("mine", provider)]), ""))
}

/// The settings that send mail into the sink.
pub(super) fn mail(sink: &SmtpSink) -> String {
    format!("mail: {{host: 127.0.0.1, port: {}, encryption: none, from: noreply@example.com}}\n", sink.port())
}

/// Where a browser begins a sign-in with the provider.
pub(super) fn start(provider: &str) -> String {
    format!("{API}/api/auth/oauth/{provider}?redirect_to={PAGE}&code_challenge={CHALLENGE}&code_challenge_method=S256")
}

/// A browser that knows its way to the server, and stops at the app.
pub(super) fn browser(server: &TestServer) -> Browser {
    Browser::new().with_route(API, server.address()).stopping_at(PAGE)
}

/// The code for the app; or the word that the app gets, or that the browser is stuck with.
#[track_caller]
pub(super) fn code(browser: &mut Browser, provider: &str) -> Result<String, String> {
    let last = browser.open(&start(provider));
    if !browser.url().starts_with(PAGE) {
        return Err(last.error_code());
    }
    browser.parameter("code").ok_or_else(|| browser.parameter("error").expect("the app gets a code or a word"))
}

/// What the app does with the code.
#[track_caller]
pub(super) fn exchange(client: &Client, code: &str) -> Response {
    client.post("/api/auth/oauth/exchange", &json!({"code": code, "code_verifier": VERIFIER}))
}

/// All of it, in a fresh browser: the answer with account and tokens, or the word for why there is none.
#[track_caller]
pub(super) fn sign_in(server: &TestServer, provider: &str) -> Result<Value, String> {
    let code = code(&mut browser(server), provider)?;
    Ok(exchange(&server.client(), &code).expect_status(200).json())
}

/// A browser that is back from the provider, the moment before it asks the server.
pub(super) struct Back {
    /// Path and query of the callback.
    pub(super) path: String,
    /// What the browser would send along.
    pub(super) cookie: String,
}

impl Back {
    #[track_caller]
    pub(super) fn from(server: &TestServer, provider: &str) -> Self {
        let callback = format!("{API}/api/auth/oauth/{provider}/callback");
        let mut browser = browser(server).stopping_at(&callback);
        browser.open(&start(provider));
        assert!(browser.url().starts_with(&callback), "{}", browser.url());
        let cookie = browser.cookie(COOKIE).expect("the browser is bound to the sign-in");
        Self { path: browser.url().replace(API, ""), cookie: format!("{COOKIE}={}", cookie.value) }
    }

    /// The browser asks, with this cookie or none.
    #[track_caller]
    pub(super) fn ask(&self, client: &Client, cookie: Option<&str>) -> Response {
        let headers: Vec<(&str, &str)> = cookie.into_iter().map(|cookie| ("Cookie", cookie)).collect();
        client.try_send_bytes("GET", &self.path, &headers, b"").expect("the server answers")
    }
}

/// The parameter of the app's page that an answer leads to.
pub(super) fn parameter(answer: &Response, name: &str) -> Option<String> {
    let (page, query) = answer.header("location")?.split_once('?')?;
    assert_eq!(page, PAGE);
    query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned))
}

#[track_caller]
pub(super) fn register(server: &TestServer, email: &str) -> Value {
    server.post("/api/auth/register", &json!({"email": email, "password": PASSWORD})).expect_status(201).json()
}

/// Everybody who has an account, as administrators see them.
#[track_caller]
pub(super) fn accounts(server: &TestServer) -> Vec<Value> {
    let found = server.admin().get("/api/admin/users?limit=1000").expect_status(200).json();
    found["users"].as_array().expect("it is a list").clone()
}

/// What administrators set of an account.
#[track_caller]
pub(super) fn set(server: &TestServer, signed_in: &Value, changes: &Value) {
    let id = signed_in["user"]["id"].as_str().expect("an account has an id");
    server.admin().patch(&format!("/api/admin/users/{id}"), changes).expect_status(200);
}

/// A text of an answer.
#[track_caller]
pub(super) fn text(value: &Value) -> String {
    value.as_str().expect("it is text").to_owned()
}

/// The same call by so many clients, each on a connection that is open already, let go at the same moment.
pub(super) fn at_once(server: &TestServer, callers: usize, call: impl Fn(&Client) -> Response + Sync) -> Vec<Response> {
    let (go, address) = (Barrier::new(callers), server.address());
    let make = || {
        let client = Client::new(address);
        client.get("/health/live").expect_status(200);
        go.wait();
        call(&client)
    };
    thread::scope(|scope| {
        let calls: Vec<_> = (0..callers).map(|_| scope.spawn(make)).collect();
        calls.into_iter().map(|call| call.join().expect("the call was answered")).collect()
    })
}
