//! What is remembered of accounts and sessions, so that a request costs no look at the database, and how it is
//! forgotten: every change of an account is a row that the database itself writes, and no request is answered from
//! what is older than the newest of them.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use alyx_store::{
    Store,
    account::{Account, AccountChange, AccountChangeKind, AccountId, SessionId},
};
use tokio::sync::broadcast;

use crate::{Result, cache::Cache};

/// Sessions, and as many accounts.
const MOST: usize = 100_000;

/// Changes read at a time.
const AT_ONCE: u32 = 1000;

/// Changes that wait for a listener that is slow.
const WAITING: usize = 4096;

/// Nothing was seen yet.
const NEVER: i64 = -1;

/// Accounts by session.
pub(crate) struct Remembered {
    sessions: Cache<SessionId, AccountId>,
    accounts: Cache<AccountId, Arc<Account>>,
    /// The last change that was heard of.
    seen: AtomicI64,
    /// Held while things are forgotten or kept, so that nothing is kept that was just forgotten.
    gate: Mutex<()>,
    /// Held while changes are read.
    reading: tokio::sync::Mutex<()>,
    events: broadcast::Sender<AccountChange>,
}

impl Remembered {
    pub(crate) fn new() -> Self {
        Self {
            sessions: Cache::new(MOST),
            accounts: Cache::new(MOST),
            seen: AtomicI64::new(NEVER),
            gate: Mutex::new(()),
            reading: tokio::sync::Mutex::new(()),
            events: broadcast::channel(WAITING).0,
        }
    }

    /// Hears of every change from now on.
    pub(crate) fn events(&self) -> broadcast::Receiver<AccountChange> {
        self.events.subscribe()
    }

    /// The account of a session that has not ended.
    pub(crate) async fn account_of(&self, store: &Store, session: &SessionId) -> Result<Option<Arc<Account>>> {
        self.catch_up(store).await;
        let known = self.sessions.get(session.as_str()).and_then(|account| self.accounts.get(account.as_str()));
        if known.is_some() {
            return Ok(known);
        }
        let seen = self.seen.load(Ordering::Acquire);
        let Some(state) = store.session_state(session).await? else { return Ok(None) };
        let account = Arc::new(state.account);
        let _gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        // What was read while something changed may be what it changed from.
        if self.seen.load(Ordering::Acquire) == seen {
            self.sessions.insert(state.id, account.id.clone());
            self.accounts.insert(account.id.clone(), Arc::clone(&account));
        }
        Ok(Some(account))
    }

    /// Forgets what has changed since it was last looked; nearly always there is nothing.
    pub(crate) async fn catch_up(&self, store: &Store) {
        let newest = *store.account_changes_made().borrow();
        if self.seen.load(Ordering::Acquire) >= newest {
            return;
        }
        let _reading = self.reading.lock().await;
        if self.seen.load(Ordering::Acquire) == NEVER {
            // Nothing is remembered yet that could be wrong.
            self.seen.store(newest, Ordering::Release);
        }
        while self.seen.load(Ordering::Acquire) < newest {
            let after = self.seen.load(Ordering::Acquire);
            match store.account_changes(after, AT_ONCE).await {
                Ok(read) => self.forget(&read.changes, read.complete, newest),
                Err(error) => {
                    tracing::warn!(%error, "changes of accounts could not be read; all of them are looked up again");
                    self.forget(&[], false, newest);
                }
            }
        }
    }

    fn forget(&self, changes: &[AccountChange], is_complete: bool, newest: i64) {
        let _gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_complete {
            self.sessions.clear();
            self.accounts.clear();
        }
        for change in changes {
            match (change.kind, &change.session) {
                (AccountChangeKind::SignedOut, Some(session)) => self.sessions.remove(session.as_str()),
                _ => self.accounts.remove(change.account.as_str()),
            }
        }
        let seen = changes.last().map_or(newest, |last| last.position);
        self.seen.store(seen, Ordering::Release);
        for change in changes {
            // Nobody may be listening.
            let _ = self.events.send(change.clone());
        }
    }
}
