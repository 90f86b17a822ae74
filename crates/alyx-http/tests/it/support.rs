//! A server on a free port with its own database, a fixed clock and counted ids.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use alyx_auth::{Auth, AuthOptions};
use alyx_config::Config;
use alyx_http::{AdminToken, AppState, Options, Served, ServerHandle, serve};
use alyx_rules::RuleSet;
use alyx_schema::{
    Schema,
    clock::{Clock, IdGenerator},
};
use alyx_store::{Database, StoreOptions};
use alyx_testing::{Client, Response, Value};
use jiff::Timestamp;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The administrator's token of every test server.
pub(crate) const TOKEN: &str = "rG7vKp2xWq9LmZ4tNc8YbHd3FsJ6uTe1";

/// Notes are open to all, secrets to nobody but administrators, drops anybody may put in and nobody
/// but accounts may read.
pub(crate) const SCHEMA: &str = r#"
version: 1
collections:
  notes:
    fields:
      id: {type: id, primary: true, default: auto}
      title: {type: string, minLength: 1, maxLength: 20}
      slug: {type: string, unique: true, nullable: true}
      views: {type: int, default: 0}
      done: {type: bool, default: false}
      data: {type: json, nullable: true}
      parent_id: {type: id, references: notes.id, nullable: true}
      hidden: {type: string, internal: true, default: "x"}
      updated_at: {type: timestamp, default: now, onUpdate: now}
    rules: {create: "true", read: "true", update: "true", delete: "true"}
  secrets:
    fields:
      id: {type: id, primary: true, default: auto}
      text: {type: string}
  drops:
    fields:
      id: {type: id, primary: true, default: auto}
      text: {type: string}
    rules: {create: "true", update: "true", read: "auth.id != null", delete: "true"}
"#;

pub(crate) struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        "2026-01-31T08:30:00Z".parse().unwrap()
    }
}

#[derive(Default)]
pub(crate) struct CountedIds(AtomicU64);

impl IdGenerator for CountedIds {
    fn uuid(&self) -> String {
        format!("00000000-0000-7000-8000-{:012x}", self.0.fetch_add(1, Ordering::Relaxed))
    }

    fn short_id(&self) -> String {
        format!("{:015}", self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// A running server; it stops with the test.
pub(crate) struct TestApp {
    pub(crate) runtime: Runtime,
    pub(crate) handle: Option<ServerHandle>,
    pub(crate) address: SocketAddr,
    pub(crate) state: AppState,
    _folder: TempDir,
}

impl TestApp {
    /// With [`SCHEMA`].
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    /// With other settings.
    pub(crate) fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::build(SCHEMA, change)
    }

    pub(crate) fn build(schema: &str, change: impl FnOnce(&mut Options)) -> Self {
        let runtime = runtime();
        let folder = TempDir::new().unwrap();
        let (served, auth) = runtime.block_on(open(folder.path(), &parse(schema)));
        let mut options = Options { admin_token: Some(AdminToken::new(TOKEN)), ..Options::default() };
        options.listen.workers = 1;
        options.listen.shutdown_timeout = Duration::from_secs(20);
        change(&mut options);
        let system = (Arc::new(FixedClock) as _, Arc::new(CountedIds::default()) as _);
        let state = AppState::with_clock(served, auth, options, system);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let _guard = runtime.enter();
        let handle = serve(state.clone(), vec![listener]).unwrap();
        let address = handle.addresses()[0];
        drop(_guard);
        Self { runtime, handle: Some(handle), address, state, _folder: folder }
    }

    /// A client without a token.
    pub(crate) fn anyone(&self) -> Client {
        Client::new(self.address)
    }

    /// A client with the administrator's token.
    pub(crate) fn admin(&self) -> Client {
        self.anyone().with_token(TOKEN)
    }

    /// Makes a note with this title and answers with its id.
    pub(crate) fn note(&self, title: &str) -> String {
        let made = self.anyone().post("/api/collections/notes", &alyx_testing::json!({"title": title}));
        made.expect_status(201).json()["id"].as_str().unwrap().to_owned()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            let _ = self.runtime.block_on(handle.stop());
        }
    }
}

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

pub(crate) fn parse(schema: &str) -> Arc<Schema> {
    match alyx_schema::parse_schema("schema.yaml", schema) {
        Ok(schema) => Arc::new(schema),
        Err(faults) => panic!("{faults:?}"),
    }
}

pub(crate) async fn open(folder: &Path, schema: &Arc<Schema>) -> (Served, Auth) {
    let options = StoreOptions::new(folder.join("alyx.db"));
    let mut database = Database::open(&options).await.unwrap();
    database.create_collections(schema).await.unwrap();
    let rules = RuleSet::compile("schema.yaml", schema).unwrap();
    let served = Served::new(database.into_store(schema.clone()).await.unwrap(), Arc::new(rules));
    let config = Config::default();
    let auth = AuthOptions { clock: Arc::new(FixedClock), ..AuthOptions::new(&config, folder) };
    (served, Auth::open(auth).unwrap())
}

/// Status and error code; fails where the answer is no error in the shape.
#[track_caller]
pub(crate) fn check_error(response: Response, status: u16, code: &str) -> Value {
    let response = response.expect_status(status);
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.error_code(), code);
    let body = response.json();
    assert_eq!(Some(body["request_id"].as_str().unwrap()), response.header("x-request-id"));
    assert_eq!(body["timestamp"], "2026-01-31T08:30:00.000Z");
    body
}
