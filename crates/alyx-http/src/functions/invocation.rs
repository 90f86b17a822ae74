//! The calls that run now, each behind a token that is good as long as it runs.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use alyx_auth::{Random, SystemRandom};
use alyx_store::session::Session;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{
    access::{Caller, RequestFacts},
    served::Served,
};

/// Transactions that one call may have open.
const TRANSACTIONS: usize = 8;

/// One call of a function: on whose behalf, and how deep.
#[derive(Clone)]
pub(crate) struct Invocation {
    pub(crate) caller: Arc<Caller>,
    pub(crate) facts: RequestFacts,
    pub(crate) request_id: String,
    pub(crate) trace_id: String,
    /// 1 for a call from outside, one more for each function in between.
    pub(crate) depth: u32,
    /// When its time is over, where it has a limit.
    pub(crate) until: Option<Instant>,
}

impl Invocation {
    /// A call from outside.
    pub(super) fn outermost(caller: Caller, facts: RequestFacts, (request_id, trace_id): (String, String)) -> Self {
        Self { caller: Arc::new(caller), facts, request_id, trace_id, depth: 1, until: None }
    }

    /// A call of another function by this one.
    pub(super) fn inner(&self, facts: RequestFacts, request_id: String) -> Self {
        Self { facts, request_id, depth: self.depth + 1, ..self.clone() }
    }
}

/// All of them. They do not outlive the process.
#[derive(Clone, Default)]
pub(crate) struct Invocations(Arc<Mutex<Running>>);

#[derive(Default)]
struct Running {
    /// By the hash of the token, so that looking one up takes as long for any wrong one.
    calls: HashMap<[u8; 32], Entry>,
    /// Connections of clients that wait for a function, with how many calls each.
    waiting: HashMap<SocketAddr, usize>,
}

struct Entry {
    invocation: Arc<Invocation>,
    /// The transactions that it has open; those that are left when it ends are rolled back.
    transactions: HashMap<String, Open>,
}

/// A transaction of a call, with what was served when it began.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) served: Served,
    pub(super) session: Arc<Session>,
}

/// A call that is registered, until it ends or is dropped.
pub(super) struct Registered {
    all: Invocations,
    invocation: Arc<Invocation>,
    key: [u8; 32],
    token: String,
}

/// A client's connection that may wait as long as its function takes.
pub(super) struct Patience {
    all: Invocations,
    peer: SocketAddr,
}

impl Invocations {
    /// Gives a call its token.
    pub(super) fn register(&self, invocation: Invocation) -> Result<Registered, alyx_auth::Error> {
        let token = unguessable()?;
        let key = hash(token.as_bytes());
        let invocation = Arc::new(invocation);
        let entry = Entry { invocation: invocation.clone(), transactions: HashMap::new() };
        self.running().calls.insert(key, entry);
        Ok(Registered { all: self.clone(), invocation, key, token })
    }

    /// The call that a token belongs to, while it runs.
    pub(super) fn find(&self, token: &[u8]) -> Option<Arc<Invocation>> {
        self.running().calls.get(&hash(token)).map(|entry| entry.invocation.clone())
    }

    /// Keeps a transaction that a call began; `None` where the call has ended meanwhile or has too many.
    pub(super) fn keep(&self, token: &[u8], open: Open) -> Result<Option<String>, alyx_auth::Error> {
        let id = unguessable()?;
        let mut running = self.running();
        let entry = running.calls.get_mut(&hash(token)).filter(|entry| entry.transactions.len() < TRANSACTIONS);
        Ok(entry.map(|entry| {
            entry.transactions.insert(id.clone(), open);
            id
        }))
    }

    /// A transaction of this call.
    pub(super) fn transaction(&self, token: &[u8], id: &str) -> Option<Open> {
        self.running().calls.get(&hash(token))?.transactions.get(id).cloned()
    }

    /// Takes a transaction out, of which nothing more is heard.
    pub(super) fn take(&self, token: &[u8], id: &str) -> Option<Open> {
        self.running().calls.get_mut(&hash(token))?.transactions.remove(id)
    }

    /// Lets a client's connection wait without a limit.
    pub(super) fn patience(&self, peer: SocketAddr) -> Patience {
        *self.running().waiting.entry(peer).or_default() += 1;
        Patience { all: self.clone(), peer }
    }

    /// Whether a client's connection waits for a function.
    pub(crate) fn awaited_by(&self, peer: SocketAddr) -> bool {
        self.running().waiting.contains_key(&peer)
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registered {
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    pub(super) fn invocation(&self) -> Arc<Invocation> {
        self.invocation.clone()
    }
}

/// The token is worthless from now on, and what the call left open is rolled back.
impl Drop for Registered {
    fn drop(&mut self) {
        self.all.running().calls.remove(&self.key);
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        let mut running = self.all.running();
        if let Some(calls) = running.waiting.get_mut(&self.peer) {
            *calls -= 1;
            if *calls == 0 {
                running.waiting.remove(&self.peer);
            }
        }
    }
}

fn unguessable() -> Result<String, alyx_auth::Error> {
    let mut bytes = [0; 32];
    SystemRandom::default().fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}
