//! The transactions that are open, and for a while those that were.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use alyx_auth::{Random, SystemRandom};
use alyx_store::{
    Error as StoreError,
    session::{Ended, Session},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Owner, no_transaction};
use crate::{
    AppState,
    error::{ApiError, Code, Result},
    options::TransactionOptions,
    served::Served,
};

/// How long it is remembered how one has ended.
const REMEMBERED: Duration = Duration::from_secs(120);

/// Most that are remembered.
const REMEMBERED_AT_MOST: usize = 10_000;

/// The transactions by their ids.
#[derive(Clone, Default)]
pub(crate) struct Transactions(Arc<Mutex<HashMap<String, Known>>>);

/// One that is open or was.
struct Known {
    owner: Owner,
    state: State,
}

enum State {
    Open(Arc<Transaction>),
    Ended { how: Ended, at: Instant },
}

/// One that is open.
pub(super) struct Transaction {
    pub(super) session: Session,
    /// What was served when it began.
    pub(super) served: Served,
    /// Held by the call that is inside of it.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
    begun: Instant,
    used: Mutex<Instant>,
}

impl Transactions {
    /// Begins one and gives its id.
    pub(crate) async fn begin(&self, state: &AppState, owner: Owner) -> Result<String> {
        let options = &state.options().transactions;
        self.check_room(&owner, options.max_per_caller)?;
        let served = state.served();
        let session = served.store().begin(options.lease).await?;
        let now = Instant::now();
        let (turn, used) = (Arc::default(), Mutex::new(now));
        let transaction = Arc::new(Transaction { session, served, turn, begun: now, used });
        let mut bytes = [0; 32];
        SystemRandom::default().fill(&mut bytes)?;
        let id = URL_SAFE_NO_PAD.encode(bytes);
        // Others may have begun meanwhile.
        self.check_room(&owner, options.max_per_caller)?;
        let watch = watch(self.clone(), id.clone(), Arc::downgrade(&transaction), options.clone());
        self.insert(id.clone(), Known { owner, state: State::Open(transaction) }, now);
        tokio::spawn(watch);
        Ok(id)
    }

    /// Commits the one with this id, once no call is inside of it.
    pub(crate) async fn commit(&self, id: &str, owner: &Owner) -> Result<()> {
        let transaction = self.find(id, owner)?;
        let _turn = transaction.turn.lock().await;
        let committed = transaction.session.commit().await;
        self.note_end(id, committed.as_ref().map_or_else(how, |_| Some(Ended::Committed)));
        Ok(committed.map(drop)?)
    }

    /// Rolls the one with this id back, once no call is inside of it; one that had to be rolled back already is as wanted.
    pub(crate) async fn roll_back(&self, id: &str, owner: &Owner) -> Result<()> {
        let transaction = match self.find(id, owner) {
            Ok(transaction) => transaction,
            Err(error) if error.code == Code::TransactionConflict || error.code == Code::TransactionExpired => {
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let _turn = transaction.turn.lock().await;
        let rolled_back = transaction.session.roll_back().await;
        let ended = rolled_back.as_ref().map_or_else(how, |()| Some(Ended::RolledBack));
        self.note_end(id, ended);
        match (rolled_back, ended) {
            (Err(error), Some(Ended::Committed | Ended::RolledBack) | None) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Ends all of them: what they began with is not served any more.
    pub(crate) fn end_all(&self) {
        let at = Instant::now();
        for known in self.lock().values_mut().filter(|known| matches!(known.state, State::Open(_))) {
            known.state = State::Ended { how: Ended::Closed, at };
        }
    }

    /// The open one with this id that belongs to the owner.
    pub(super) fn find(&self, id: &str, owner: &Owner) -> Result<Arc<Transaction>> {
        let known = self.lock();
        let known = known.get(id).filter(|known| known.owner.is(owner)).ok_or_else(no_transaction)?;
        match &known.state {
            State::Open(transaction) => Ok(transaction.clone()),
            State::Ended { how, .. } => Err(StoreError::TransactionEnded { how: *how }.into()),
        }
    }

    fn check_room(&self, owner: &Owner, most: Option<u32>) -> Result<()> {
        let is_open = |known: &&Known| match &known.state {
            State::Open(transaction) => known.owner.counts_with(owner) && !transaction.session.is_over(),
            State::Ended { .. } => false,
        };
        let count = self.lock().values().filter(is_open).count();
        if most.is_none_or(|most| count < most as usize) {
            return Ok(());
        }
        let message = "this caller has as many transactions open as one may (database.transactions.max_per_caller)";
        Err(ApiError { retry_after: Some(1), ..ApiError::new(Code::TooManyTransactions, message) })
    }

    fn insert(&self, id: String, known: Known, now: Instant) {
        let mut all = self.lock();
        let is_open = |known: &Known| matches!(known.state, State::Open(_));
        all.retain(|_, known| match known.state {
            State::Open(_) => true,
            State::Ended { at, .. } => now - at < REMEMBERED,
        });
        if all.len() >= REMEMBERED_AT_MOST {
            all.retain(|_, known| is_open(known));
        }
        all.insert(id, known);
    }

    fn note_end(&self, id: &str, how: Option<Ended>) {
        if let (Some(known), Some(how)) = (self.lock().get_mut(id), how) {
            known.state = State::Ended { how, at: Instant::now() };
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transaction {
    /// Notes that somebody is there.
    pub(super) fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// When it ends if nothing is heard of it.
    fn deadline(&self, options: &TransactionOptions) -> Instant {
        // A call that runs is no silence.
        let used = match self.turn.try_lock() {
            Ok(_) => *self.used.lock().unwrap_or_else(PoisonError::into_inner),
            Err(_) => Instant::now(),
        };
        let silent = used + options.idle_timeout;
        options.max_duration.map_or(silent, |longest| silent.min(self.begun + longest))
    }
}

/// Waits for the end of a transaction that nobody ends.
async fn watch(all: Transactions, id: String, transaction: Weak<Transaction>, options: TransactionOptions) {
    while let Some(transaction) = transaction.upgrade() {
        let deadline = transaction.deadline(&options);
        if Instant::now() >= deadline {
            let how = transaction.session.end(Ended::Idle).await;
            return all.note_end(&id, Some(how));
        }
        drop(transaction);
        tokio::time::sleep_until(deadline.into()).await;
    }
}

fn how(error: &StoreError) -> Option<Ended> {
    match error {
        StoreError::TransactionEnded { how } => Some(*how),
        // It has failed and is rolled back.
        _ => Some(Ended::Failed),
    }
}
