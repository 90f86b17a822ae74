//! A server with somebody of every kind, and for each call an owner with what can belong to somebody.

use std::{
    cell::Cell,
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use alyx_testing::{Client, TestServer, Value, json};

use super::Caller;

const PASSWORD: &str = "correct horse battery";
const SCHEMA: &str = r#"
version: 1
collections:
  users:
    fields:
      id: {type: uuid, primary: true, default: auto}
      email: {type: email, unique: true}
    rules: {create: "true", read: "auth != null", update: "doc.id == auth.id", delete: "doc.id == auth.id"}
  notes:
    fields:
      id: {type: uuid, primary: true, default: auto}
      text: {type: string}
      owner_id: {type: uuid, references: users.id, onDelete: cascade}
    rules:
      create: doc.owner_id == auth.id
      read: doc.owner_id == auth.id || auth.role == "moderator"
      update: doc.owner_id == auth.id
      delete: doc.owner_id == auth.id || auth.role == "moderator"
  closed:
    fields:
      id: {type: uuid, primary: true, default: auto}
      text: {type: string}
"#;
const SETTINGS: &str = "
  password: {bcrypt_cost: 4}
  allowed_redirects: [\"https://app.example.com/\"]
  rate_limit: {login: off, register: off, password_reset: off, oauth: off}
  oauth: {github: {client_id: matrix, client_secret: matrix-secret}}
functions: {mode: process}
server: {public_url: \"https://api.example.com\"}
";

/// The server, and whoever need not be made anew for each call.
pub(super) struct Stage {
    server: TestServer,
    deploy_token: String,
    narrow_deploy_token: String,
    expired: Person,
    banned: Person,
    people: Cell<u32>,
}

/// What is there for one call.
pub(super) struct Scene {
    pub(super) client: Client,
    address: SocketAddr,
    owner: Person,
    fresh: String,
    caller_id: String,
    note: String,
    closed: String,
    token_name: String,
}

#[derive(Clone)]
struct Person {
    email: String,
    id: String,
    access: String,
    refresh: String,
}

impl Stage {
    pub(super) fn start() -> Self {
        let short = format!("auth:\n  jwt: {{access_ttl: 1s}}{SETTINGS}");
        let mut server = TestServer::with_schema(SCHEMA)
            .config(&short)
            .file("functions/echo.js", "export default (input) => input;\n")
            .file("functions/echo.yaml", "rules: {invoke: \"auth != null\"}\n")
            .start();
        let expired = register(&server, "expired");
        wait_until_expired(&server, &expired);
        server.stop();
        server.project().write("alyx.yaml", &format!("auth:{SETTINGS}"));
        server.restart();
        let banned = register(&server, "banned");
        let path = format!("/api/admin/users/{}", banned.id);
        server.admin().patch(&path, &json!({"banned": true})).expect_status(200);
        let all = "deploy rollback schema:read stats:read config:read audit:read users:read";
        let deploy_token = make_token(&server, "everything", &all.split(' ').collect::<Vec<_>>());
        let narrow_deploy_token = make_token(&server, "narrow", &["rollback"]);
        Self { server, deploy_token, narrow_deploy_token, expired, banned, people: Cell::new(0) }
    }

    /// Everything for one call by this kind of caller.
    pub(super) fn set(&self, caller: Caller) -> Scene {
        let owner = self.person();
        let client = self.server.client();
        let (token, caller_id) = match caller {
            Caller::Anonymous => (None, owner.id.clone()),
            Caller::Owner => (Some(owner.access.clone()), owner.id.clone()),
            Caller::User => self.with_role(None),
            Caller::Moderator => self.with_role(Some("moderator")),
            Caller::Admin => self.with_role(Some("admin")),
            Caller::AdminToken => (Some(alyx_testing::ADMIN_TOKEN.to_owned()), owner.id.clone()),
            Caller::DeployToken => (Some(self.deploy_token.clone()), owner.id.clone()),
            Caller::NarrowDeployToken => (Some(self.narrow_deploy_token.clone()), owner.id.clone()),
            Caller::Expired => (Some(self.expired.access.clone()), self.expired.id.clone()),
            Caller::Banned => (Some(self.banned.access.clone()), self.banned.id.clone()),
            Caller::RefreshToken => (Some(owner.refresh.clone()), owner.id.clone()),
        };
        let client = match token {
            Some(token) => client.with_token(&token),
            None => client,
        };
        let note = self.document("notes", &json!({"text": "private", "owner_id": owner.id}));
        let closed = self.document("closed", &json!({"text": "nobody's"}));
        let number = self.next();
        let token_name = format!("token-{number}");
        make_token(&self.server, &token_name, &["deploy"]);
        Scene {
            client,
            address: self.server.address(),
            owner,
            fresh: format!("fresh{number}@example.com"),
            caller_id,
            note,
            closed,
            token_name,
        }
    }

    fn next(&self) -> u32 {
        self.people.set(self.people.get() + 1);
        self.people.get()
    }

    fn person(&self) -> Person {
        register(&self.server, &format!("person{}", self.next()))
    }

    fn with_role(&self, role: Option<&str>) -> (Option<String>, String) {
        let person = self.person();
        if let Some(role) = role {
            let path = format!("/api/admin/users/{}", person.id);
            self.server.admin().patch(&path, &json!({"role": role})).expect_status(200);
        }
        (Some(person.access), person.id)
    }

    fn document(&self, collection: &str, document: &Value) -> String {
        let made = self.server.admin().post(&format!("/api/collections/{collection}"), document).expect_status(201);
        text(&made.json()["id"])
    }
}

impl Scene {
    /// The path of a row with what it stands for.
    pub(super) fn path(&self, template: &str) -> String {
        let session = if template.contains("{session}") { self.session() } else { String::new() };
        let transaction = if template.contains("{transaction}") { self.transaction() } else { String::new() };
        [
            ("{note}", &self.note),
            ("{closed}", &self.closed),
            ("{owner}", &self.owner.id),
            ("{session}", &session),
            ("{transaction}", &transaction),
            ("{token}", &self.token_name),
        ]
        .into_iter()
        .fold(template.to_owned(), |path, (name, value)| path.replace(name, value))
    }

    /// The owner's session.
    fn session(&self) -> String {
        let own = Client::new(self.address).with_token(&self.owner.access);
        text(&own.get("/api/auth/sessions").expect_status(200).json()["sessions"][0]["id"])
    }

    /// A transaction of the owner's.
    fn transaction(&self) -> String {
        let own = Client::new(self.address).with_token(&self.owner.access);
        text(&own.send("POST", "/api/transactions", None).expect_status(201).json()["transaction_id"])
    }

    /// A body that is right for the call, so that nothing but the caller decides.
    pub(super) fn body(&self, method: &str, path: &str) -> Option<Value> {
        let (email, fresh) = (&self.owner.email, &self.fresh);
        Some(match (method, path) {
            ("POST", "/api/collections/notes") => json!({"text": "new", "owner_id": self.caller_id}),
            ("POST", "/api/collections/closed") => json!({"text": "new"}),
            ("POST", "/api/functions/echo" | "/api/functions/nothing") => json!({"text": "new"}),
            ("PATCH", "/api/collections/users/{owner}") => json!({}),
            ("PATCH", path) if path.starts_with("/api/collections/") => json!({"text": "changed"}),
            ("POST", "/api/collections/users" | "/api/auth/register") => json!({"email": fresh, "password": PASSWORD}),
            ("POST", "/api/auth/login") => json!({"email": email, "password": PASSWORD}),
            ("POST", "/api/auth/refresh" | "/api/auth/logout") => json!({"refresh_token": self.owner.refresh}),
            ("DELETE", "/api/auth/me") => json!({"password": PASSWORD}),
            ("POST", "/api/auth/change-password") => {
                json!({"current_password": PASSWORD, "new_password": "another horse battery"})
            }
            ("POST", "/api/auth/change-email") => json!({"email": fresh, "password": PASSWORD}),
            ("POST", "/api/auth/request-password-reset" | "/api/auth/request-verification") => json!({"email": email}),
            ("POST", "/api/auth/confirm-password-reset") => json!({"token": "no such code", "password": PASSWORD}),
            ("POST", "/api/auth/confirm-verification" | "/api/auth/confirm-email-change") => {
                json!({"token": "no such code"})
            }
            ("POST", "/api/auth/oauth/exchange") => json!({"code": "no such code", "code_verifier": "v".repeat(43)}),
            ("POST", "/api/admin/users") => json!({"email": fresh, "password": PASSWORD}),
            ("PATCH", "/api/admin/users/{owner}") => json!({"verified": true}),
            ("POST", "/api/admin/tokens") => json!({"name": fresh.replace('@', "-"), "permissions": ["deploy"]}),
            ("POST", "/api/admin/setup") => json!({"token": "no such code", "email": fresh, "password": PASSWORD}),
            ("POST", "/api/batch") => {
                json!({"operations": [{"op": "delete", "collection": "notes", "id": self.note}]})
            }
            ("POST", path) if path.starts_with("/internal/") => json!({}),
            ("POST", path) if path.starts_with("/api/transactions") => return None,
            ("POST", path) if path.ends_with("/callback") || path == "/api/realtime/ticket" => return None,
            ("POST", path) => panic!("no body is known for POST {path}"),
            _ => return None,
        })
    }
}

/// Whether the path of a row is the one that the description writes with variable parts.
pub(super) fn is_same_path(row: &str, described: &str) -> bool {
    let row: Vec<&str> = row.split('?').next().unwrap_or(row).split('/').collect();
    let described: Vec<&str> = described.split('/').collect();
    let is_same = |(own, part): (&&str, &&str)| own == part || part.starts_with('{');
    row.len() == described.len() && row.iter().zip(&described).all(is_same)
}

fn register(server: &TestServer, name: &str) -> Person {
    let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
    let made = server.post("/api/auth/register", &body).expect_status(201).json();
    Person {
        email: text(&made["user"]["email"]),
        id: text(&made["user"]["id"]),
        access: text(&made["tokens"]["access_token"]),
        refresh: text(&made["tokens"]["refresh_token"]),
    }
}

fn make_token(server: &TestServer, name: &str, permissions: &[&str]) -> String {
    let body = json!({"name": name, "permissions": permissions});
    text(&server.admin().post("/api/admin/tokens", &body).expect_status(201).json()["token"])
}

fn wait_until_expired(server: &TestServer, person: &Person) {
    let client = server.client().with_token(&person.access);
    let deadline = Instant::now() + Duration::from_secs(60);
    while client.get("/api/auth/me").status != 401 {
        assert!(Instant::now() < deadline, "the token does not expire");
        thread::sleep(Duration::from_millis(100));
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("it is text").to_owned()
}
