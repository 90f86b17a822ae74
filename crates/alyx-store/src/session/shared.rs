//! What a transaction's owner and the write queue share: whoever comes last finds it ended.

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use sqlx::sqlite::SqliteRow;
use tokio::sync::MutexGuard;

use super::{
    Ended,
    connections::Own,
    open::{Open, Unkept},
    reads::Reads,
};
use crate::{
    Error, Result, Store,
    connection::Budget,
    fault::{self, Fault},
    sql::{Bind, Sql},
    write_queue::{Outcome, Transaction, WriteFault, WriteQueue},
};

/// A transaction, open or ended.
pub(crate) struct Shared {
    state: tokio::sync::Mutex<State>,
    /// Set as soon as somebody means to end it: whatever runs is stopped.
    ending: OnceLock<Ended>,
    /// Whether it has ended, for who only wants to know that.
    is_over: AtomicBool,
    /// A part of it was left without being kept.
    left_part: AtomicBool,
    pub(super) reads: Mutex<Reads>,
    budget: Budget,
    pub(super) queue: WriteQueue,
    pub(super) lease: Duration,
    read_timeout: Option<Duration>,
}

pub(super) enum State {
    Open(Box<Open>),
    Ended(Ended),
}

impl Shared {
    pub(super) async fn begin(store: &Store, own: Own, lease: Duration) -> Result<Arc<Self>> {
        let budget = own.budget.clone();
        budget.start(None);
        let open = Open::begin(own).await?;
        let shared = Arc::new(Self {
            state: tokio::sync::Mutex::new(State::Open(Box::new(open))),
            ending: OnceLock::new(),
            is_over: AtomicBool::new(false),
            left_part: AtomicBool::new(false),
            reads: Mutex::default(),
            budget,
            queue: store.queue().clone(),
            lease,
            read_timeout: store.readers().timeout(),
        });
        store.connections().remember(&shared);
        Ok(shared)
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// Notes what is about to be read.
    pub(crate) fn note(&self, note: impl FnOnce(&mut Reads)) {
        note(&mut self.reads.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The first row of a query, as the transaction sees it.
    pub(crate) async fn one(&self, sql: Sql) -> Result<Option<SqliteRow>> {
        let mut state = self.lock().await?;
        self.allow(self.read_timeout);
        let row = state.open()?.one(sql).await;
        row.map_err(|error| self.ended().unwrap_or_else(|| fault::of_read(error, self.read_timeout)))
    }

    /// Runs a write of some statements as one request.
    pub(crate) async fn run(self: &Arc<Self>, text: &str, binds: Vec<Bind>) -> Result<Outcome, WriteFault> {
        let mut state = self.lock().await.map_err(WriteFault::Store)?;
        self.lend_to(&mut state).await.map_err(WriteFault::Store)?;
        self.allow(None);
        let ran = state.open().map_err(WriteFault::Store)?.run(text, binds).await;
        let ran = self.settle(&mut state, ran).await;
        self.return_unused(&mut state).await.map_err(WriteFault::Store)?;
        ran
    }

    /// Runs a job as one request.
    pub(crate) async fn job<T, R, F>(self: &Arc<Self>, job: F) -> Result<Result<T, R>>
    where
        F: for<'t> FnOnce(&'t mut Transaction<'_>) -> BoxFuture<'t, Result<Result<T, R>>> + Send,
    {
        let mut state = self.lock().await?;
        self.lend_to(&mut state).await?;
        self.allow(None);
        let open = state.open()?;
        open.begin_request().await?;
        let result = job(&mut Transaction::new(open.connection())).await;
        let ended = open.end_request(matches!(result, Ok(Ok(_)))).await;
        match ended {
            Ok(()) => {}
            Err(fault) => return Err(self.fail(&mut state, fault).await),
        }
        self.return_unused(&mut state).await?;
        result.map_err(|error| self.ended().unwrap_or(error))
    }

    /// Waits for the right to write, before there is anything to write.
    pub(super) async fn prepare_write(self: &Arc<Self>) -> Result<()> {
        let mut state = self.lock().await?;
        self.lend_to(&mut state).await
    }

    pub(super) async fn begin_part(&self) -> Result<()> {
        let mut state = self.lock().await?;
        Ok(state.open()?.begin_part().await?)
    }

    pub(super) async fn keep_part(&self) -> Result<()> {
        let mut state = self.lock().await?;
        Ok(state.open()?.end_part(true).await?)
    }

    pub(super) fn leave_part(&self) {
        self.left_part.store(true, Ordering::Release);
    }

    pub(super) async fn commit(&self) -> Result<i64> {
        let mut state = self.lock().await?;
        self.allow(None);
        let committed = state.open()?.commit().await;
        let positions = match committed {
            Ok(positions) => positions,
            Err(fault) => return Err(self.fail(&mut state, fault).await),
        };
        let State::Open(open) = std::mem::replace(&mut *state, State::Ended(Ended::Committed)) else {
            return Err(Error::Closed);
        };
        self.is_over.store(true, Ordering::Release);
        let Open { own, lease, writes, .. } = *open;
        if let Some(lease) = lease {
            lease.committed(positions, writes).await;
        }
        own.give_back().await;
        Ok(positions.feed)
    }

    /// Rolls it back, whatever it is doing; how it has ended.
    pub(crate) async fn end(&self, how: Ended) -> Ended {
        let _ = self.ending.set(how);
        let mut state = match self.state.try_lock() {
            // Nothing runs in it that would have to be stopped.
            Ok(state) => state,
            Err(_) => {
                // Its connection may be another transaction's already, whose statement must not be stopped.
                if !self.is_over.load(Ordering::Acquire) {
                    self.budget.stop();
                }
                self.state.lock().await
            }
        };
        if let State::Ended(how) = *state {
            return how;
        }
        let how = *self.ending.get().unwrap_or(&how);
        self.is_over.store(true, Ordering::Release);
        if let State::Open(open) = std::mem::replace(&mut *state, State::Ended(how)) {
            open.roll_back().await;
        }
        how
    }

    /// Takes it for one call; what an earlier one has left half done is undone first.
    async fn lock(&self) -> Result<MutexGuard<'_, State>> {
        let mut state = self.state.lock().await;
        if let (State::Open(_), Some(how)) = (&*state, self.ending.get()) {
            return Err(Error::TransactionEnded { how: *how });
        }
        let open = state.open()?;
        self.budget.start(None);
        open.recover().await;
        if self.left_part.swap(false, Ordering::AcqRel)
            && let Err(fault) = open.end_part(false).await
        {
            return Err(self.fail(&mut state, fault).await);
        }
        Ok(state)
    }

    /// Gives the next statement this long, unless it is to end already.
    pub(super) fn allow(&self, limit: Option<Duration>) {
        self.budget.start(limit);
        if self.ending.get().is_some() {
            self.budget.stop();
        }
    }

    /// What to say of a failure if somebody has ended it meanwhile.
    fn ended(&self) -> Option<Error> {
        self.ending.get().map(|how| Error::TransactionEnded { how: *how })
    }

    /// After a write: a fault of the statement alone leaves the transaction as it was, any other ends it.
    async fn settle(
        &self,
        state: &mut MutexGuard<'_, State>,
        ran: Result<Outcome, Unkept>,
    ) -> Result<Outcome, WriteFault> {
        match ran {
            Ok(outcome) => Ok(outcome),
            Err(Unkept::Request(fault)) => Err(WriteFault::Statement(fault)),
            Err(Unkept::Transaction(fault)) => Err(WriteFault::Store(self.fail(state, fault).await)),
        }
    }

    /// Ends it because the database has failed.
    pub(super) async fn fail(&self, state: &mut MutexGuard<'_, State>, fault: Fault) -> Error {
        if let Some(ended) = self.ended() {
            return ended;
        }
        self.finish(state, Ended::Failed).await;
        fault.into()
    }

    pub(super) async fn finish(&self, state: &mut MutexGuard<'_, State>, how: Ended) {
        self.is_over.store(true, Ordering::Release);
        if let State::Open(open) = std::mem::replace(&mut **state, State::Ended(how)) {
            open.roll_back().await;
        }
    }
}

impl State {
    pub(super) fn open(&mut self) -> Result<&mut Open> {
        match self {
            Self::Open(open) => Ok(open),
            Self::Ended(how) => Err(Error::TransactionEnded { how: *how }),
        }
    }
}
