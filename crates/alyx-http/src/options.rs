//! Settings of the HTTP face, resolved: no files, no environment, nothing left to decide.

mod from_config;

use std::{path::PathBuf, time::Duration};

use alyx_config::value::Cidr;

/// How the HTTP face behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The administrator's bearer token; `None` leaves everything that is not open shut.
    pub admin_token: Option<AdminToken>,
    /// Largest request body in bytes; `None` is no limit.
    pub body_limit: Option<u64>,
    /// Longest time for one request, from its head to the answer, and for a client to take nothing of an answer.
    pub request_timeout: Option<Duration>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Cidr>,
    /// Cross-origin access for browsers.
    pub cors: CorsOptions,
    /// Whether `/api/docs` and `/api/openapi.json` are served.
    pub docs: bool,
    /// Whether larger answers are compressed for clients that ask for it.
    pub compression: bool,
    /// Whether each request is logged.
    pub access_log: bool,
    /// The address under which clients reach the server, for links and API descriptions.
    pub public_url: Option<String>,
    /// Whether `/_admin` is served.
    pub admin_pages: bool,
    /// The settings in force as `/api/admin/config` shows them: without secrets.
    pub settings: serde_json::Value,
    /// Limits of realtime connections.
    pub realtime: RealtimeOptions,
    /// Limits of transactions and batches.
    pub transactions: TransactionOptions,
    /// How long calls of functions are kept.
    pub functions: ExecutionOptions,
    /// How the sockets behave.
    pub listen: ListenOptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            admin_token: None,
            body_limit: Some(8 * 1024 * 1024),
            request_timeout: Some(Duration::from_secs(30)),
            trusted_proxies: Vec::new(),
            cors: CorsOptions::default(),
            docs: true,
            compression: true,
            access_log: true,
            public_url: None,
            admin_pages: true,
            settings: serde_json::Value::Object(serde_json::Map::new()),
            realtime: RealtimeOptions::default(),
            transactions: TransactionOptions::default(),
            functions: ExecutionOptions::default(),
            listen: ListenOptions::default(),
        }
    }
}

/// Limits of transactions over several calls, and of batches.
#[derive(Clone, Debug)]
pub struct TransactionOptions {
    /// How long one may keep others from writing.
    pub lease: Duration,
    /// How long nothing may be heard of one.
    pub idle_timeout: Duration,
    /// Longest time for one; `None` is no limit, here and below.
    pub max_duration: Option<Duration>,
    /// Most that one caller has open.
    pub max_per_caller: Option<u32>,
    /// Most operations of a batch.
    pub max_operations: Option<u32>,
}

impl Default for TransactionOptions {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(1),
            idle_timeout: Duration::from_secs(30),
            max_duration: Some(Duration::from_secs(300)),
            max_per_caller: Some(16),
            max_operations: Some(1000),
        }
    }
}

/// Limits of realtime connections.
#[derive(Clone, Debug)]
pub struct RealtimeOptions {
    /// Most connections at the same time; `None` is no limit, here and below.
    pub max_connections: Option<u32>,
    /// Most subscriptions of a connection.
    pub max_subscriptions: Option<u32>,
    /// Most channels that a connection has joined.
    pub max_channels: Option<u32>,
    /// Largest message from a client in bytes.
    pub message_limit: Option<u64>,
    /// Time between two pings; a client that shows nothing for two and a half is gone.
    pub ping_interval: Duration,
    /// Deltas that may wait for a slow client.
    pub queue: usize,
}

impl RealtimeOptions {
    /// A client from which nothing was heard for so long, or that took nothing, is gone, whatever TCP says.
    #[must_use]
    pub fn silence(&self) -> Duration {
        self.ping_interval.saturating_mul(5) / 2
    }
}

impl Default for RealtimeOptions {
    fn default() -> Self {
        Self {
            max_connections: Some(10_000),
            max_subscriptions: Some(100),
            max_channels: Some(100),
            message_limit: Some(512 * 1024),
            ping_interval: Duration::from_secs(25),
            queue: 256,
        }
    }
}

/// How the sockets behave; has no meaning when the routes are mounted in another actix app.
#[derive(Clone, Debug)]
pub struct ListenOptions {
    /// Worker threads.
    pub workers: usize,
    /// Most connections a worker serves at once; more wait to be accepted.
    pub connections_per_worker: usize,
    /// Longest time in which a request's head must have arrived; `None` is no limit.
    pub head_timeout: Option<Duration>,
    /// How long an idle connection is kept; `None` is for ever.
    pub keep_alive: Option<Duration>,
    /// How long a stop waits for requests that were accepted.
    pub shutdown_timeout: Duration,
    /// Certificate and key, for https.
    pub tls: Option<TlsFiles>,
}

impl Default for ListenOptions {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            connections_per_worker: 25_000,
            head_timeout: Some(Duration::from_secs(10)),
            keep_alive: Some(Duration::from_secs(75)),
            shutdown_timeout: Duration::from_secs(30),
            tls: None,
        }
    }
}

/// PEM files for https.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate chain, the server's own first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// Which other origins may call from a browser; by default none.
#[derive(Clone, Debug)]
pub struct CorsOptions {
    /// Origins such as `https://app.example.com`; `*` alone is every origin, without credentials.
    pub origins: Vec<String>,
    /// Whether cookies and the like may be sent along; has no effect with `*`.
    pub credentials: bool,
    /// How long a browser may remember the answer to a preflight.
    pub max_age: Duration,
}

impl Default for CorsOptions {
    fn default() -> Self {
        Self { origins: Vec::new(), credentials: false, max_age: Duration::from_secs(3600) }
    }
}

/// The hash of the administrator's token; the token itself is not kept.
#[derive(Clone)]
pub struct AdminToken {
    hash: [u8; 32],
    /// Longer and shorter texts need no hash; how long it is helps nobody.
    length: usize,
}

impl AdminToken {
    /// Remembers what the token hashes to.
    #[must_use]
    pub fn new(token: &str) -> Self {
        Self { hash: hash(token.as_bytes()), length: token.len() }
    }

    /// Whether this is the token, in a time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, candidate: &[u8]) -> bool {
        candidate.len() == self.length && subtle::ConstantTimeEq::ct_eq(&self.hash[..], &hash(candidate)[..]).into()
    }
}

impl std::fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AdminToken(hidden)")
    }
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    <sha2::Sha256 as sha2::Digest>::digest(bytes).into()
}

/// How long what came of calls of functions is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExecutionOptions {
    /// Their age at most.
    pub retention: Option<std::time::Duration>,
    /// How many at most.
    pub retention_rows: Option<u32>,
}
