//! A service with its store in a temporary folder, and short ways to use it.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use alyx_auth::{
    AccountPrincipal, Auth, AuthOptions, Authority, Client, Console, Error, Mail, Principal, Registered, Result,
    SignedIn,
};
use alyx_config::{Config, SourceFile, Sources};
use alyx_query::Predicate;
use alyx_schema::{Schema, Value, clock::Clock, parse_schema};
use alyx_store::{Database, Projection, Store, StoreOptions, account::Account};
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

/// A profile that mirrors everything of its account, and something of its own.
pub(crate) const USERS: &str = "
version: 1
collections:
  users:
    fields:
      id: {type: uuid, primary: true, default: auto}
      email: {type: email, unique: true}
      role: {type: string, default: user}
      verified: {type: bool, default: false}
      name: {type: string, unique: true, nullable: true}
      changed_at: {type: timestamp, onUpdate: now}
  posts: {fields: {id: {type: id, primary: true}, author_id: {type: uuid, references: users.id}}}
";

pub(crate) const PASSWORD: &str = "correct horse";

/// Where the clock stands when nobody has moved it.
pub(crate) const START: i64 = 1_800_000_000;

/// A clock that is moved by hand.
#[derive(Default)]
pub(crate) struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(START + self.0.load(Ordering::SeqCst)).unwrap()
    }
}

pub(crate) struct Desk {
    pub(crate) auth: Auth,
    pub(crate) store: Store,
    pub(crate) options: StoreOptions,
    pub(crate) clock: Arc<Hands>,
    pub(crate) config: Config,
    mails: Arc<Mutex<Vec<Mail>>>,
    pub(crate) folder: tempfile::TempDir,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::with("{}", USERS).await
    }

    /// With settings of `alyx.yaml` and a schema. Limits are off and bcrypt is cheap where nothing else is said.
    pub(crate) async fn with(settings: &str, schema: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, mails) = (Arc::<Hands>::default(), Arc::<Mutex<Vec<Mail>>>::default());
        let config = config(settings);
        let kept = Arc::clone(&mails);
        let mailer = Console::new(move |mail| kept.lock().unwrap().push(mail.clone()));
        let auth = open(&config, folder.path(), &clock, Some(mailer)).unwrap();
        let options = StoreOptions::new(config.database_file(folder.path()));
        let store = open_store(&options, schema).await;
        Self { auth, store, options, clock, config, mails, folder }
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    /// Registers and expects to be signed in.
    pub(crate) async fn register(&self, email: &str) -> SignedIn {
        match self.try_register(json!({"email": email, "password": PASSWORD})).await.unwrap() {
            Registered::SignedIn(signed_in) => *signed_in,
            Registered::Pending => panic!("mail tells the rest"),
        }
    }

    /// Registers where the create rule is `true`.
    pub(crate) async fn try_register(&self, body: Json) -> Result<Registered> {
        let mut draft = self.auth.draft_registration(&self.store.schema(), &object(body))?;
        draft.judge(Predicate::TRUE);
        self.auth.register(&self.store, draft, &client("192.0.2.1")).await
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Result<SignedIn> {
        self.auth.login(&self.store, email, password, &client("192.0.2.1")).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Result<SignedIn> {
        self.auth.refresh(&self.store, token, &client("192.0.2.1")).await
    }

    pub(crate) async fn authenticate(&self, token: &str) -> Result<AccountPrincipal> {
        match self.auth.authenticate(&self.store, token).await? {
            Principal::Account(account) => Ok(account),
            Principal::DeployToken(token) => panic!("{token:?}"),
        }
    }

    /// Whether the access token and the refresh token of a sign-in are both good for nothing.
    pub(crate) async fn is_out(&self, signed_in: &SignedIn) -> bool {
        self.authenticate(&signed_in.tokens.access_token).await.is_err()
            && self.refresh(&signed_in.tokens.refresh_token).await.is_err()
    }

    /// Makes an account as an administrator does.
    pub(crate) async fn make(&self, body: Json) -> Result<Account> {
        let draft = self.auth.draft_account(&self.store.schema(), &object(body))?;
        self.auth.create_account(&self.store, draft, &Authority::cli()).await
    }

    /// The profile of an account as a client would see it.
    pub(crate) async fn profile(&self, id: &str) -> Option<Json> {
        let users = self.store.schema().collection("users").unwrap().clone();
        let id = Value::Text(id.to_owned());
        let found = self.store.get(&users, &id, &Projection::default(), &alyx_query::Everything).await;
        found.unwrap().map(|json| serde_json::from_slice(&json).unwrap())
    }

    /// The mails that left until now, once nothing runs any more; they are gone then.
    pub(crate) async fn mails(&self) -> Vec<Mail> {
        self.auth.settle().await;
        std::mem::take(&mut self.mails.lock().unwrap())
    }

    /// The token in the only mail that left, which is of this kind and to this address.
    #[track_caller]
    pub(crate) fn token_in(mails: &[Mail], kind: &str, to: &str) -> String {
        let found: Vec<_> = mails.iter().filter(|mail| mail.kind == kind && mail.to == to).collect();
        let [mail] = found.as_slice() else { panic!("{mails:?}") };
        mail.link.as_ref().unwrap().split_once("token=").unwrap().1.to_owned()
    }

    /// What an SQL script of another process does.
    pub(crate) async fn sql(&self, script: &str) {
        let mut other = Database::open(&self.options).await.unwrap();
        other.execute(script).await.unwrap();
        other.close().await.unwrap();
    }

    /// What the audit log says, newest first: action, kind of actor, target.
    pub(crate) async fn audit(&self) -> Vec<String> {
        let query = alyx_store::account::AuditQuery { limit: 100, ..Default::default() };
        let entries = self.auth.audit(&self.store, &query).await.unwrap();
        entries.iter().map(|entry| format!("{} {}", entry.action, entry.actor.kind.as_str())).collect()
    }
}

pub(crate) fn config(settings: &str) -> Config {
    let file = Some(SourceFile { name: "alyx.yaml", text: settings });
    let variables = [
        ("ALYX_AUTH_PASSWORD_BCRYPT_COST", "4"),
        ("ALYX_AUTH_RATE_LIMIT_LOGIN", "off"),
        ("ALYX_AUTH_RATE_LIMIT_REGISTER", "off"),
        ("ALYX_AUTH_RATE_LIMIT_PASSWORD_RESET", "off"),
        ("ALYX_AUTH_RATE_LIMIT_OAUTH", "off"),
    ];
    let has = |name: &str| settings.contains("rate_limit") && name.contains("RATE_LIMIT");
    let variables = variables.iter().filter(|(name, _)| !has(name));
    let variables = variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::resolve(&Sources { file, variables: Some(&variables), ..Sources::default() })
        .unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// Another service on the same project, as after a restart or on another machine.
pub(crate) fn open(
    config: &Config,
    folder: &std::path::Path,
    clock: &Arc<Hands>,
    mailer: Option<Console>,
) -> Result<Auth, Error> {
    let clock: Arc<dyn Clock> = Arc::<Hands>::clone(clock);
    let mailer = mailer.map(|mailer| Arc::new(mailer) as Arc<dyn alyx_auth::Mailer>);
    Auth::open(AuthOptions { clock, mailer, password_threads: Some(1), ..AuthOptions::new(config, folder) })
}

pub(crate) async fn open_store(options: &StoreOptions, schema: &str) -> Store {
    let schema: Arc<Schema> =
        Arc::new(parse_schema("schema.yaml", schema).unwrap_or_else(|faults| panic!("{faults:?}")));
    let mut database = Database::open(options).await.unwrap();
    database.create_collections(&schema).await.unwrap();
    database.into_store(schema).await.unwrap()
}

pub(crate) fn client(ip: &str) -> Client {
    Client { ip: Some(ip.parse().unwrap()), user_agent: Some("curl/8".to_owned()), request_id: Some("r1".to_owned()) }
}

pub(crate) fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        other => panic!("{other}"),
    }
}

/// `field code` of each fault.
pub(crate) fn faults(error: &Error) -> Vec<String> {
    match error {
        Error::Invalid(faults) => faults.iter().map(|fault| format!("{} {}", fault.field, fault.code)).collect(),
        other => panic!("{other}"),
    }
}
