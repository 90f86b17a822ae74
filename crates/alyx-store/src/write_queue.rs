//! All writes go through one queue to one connection: what waits is committed together.
//!
//! The writer has a thread of its own and hands whole batches to the connection, so that many
//! waiting writes cost one commit and few hops between threads. A request that fails is rolled back
//! alone. An accepted request is finished even when its caller has gone.

mod batch;
mod chunk;
mod counters;
mod housekeeping;
mod lease;
mod positions;
mod recent;
mod transaction;

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::future::BoxFuture;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{Error, Result, StoreOptions, connection, fault::Fault, sql::Bind};

pub use counters::CommitSizes;
pub(crate) use counters::Counters;
pub(crate) use lease::{Lease, LeaseRequest};
pub(crate) use positions::Positions;
pub(crate) use recent::RecentCommits;
pub use transaction::Transaction;

/// Requests that may wait; more are refused.
const WAITING_AT_MOST: usize = 4096;

/// Requests committed together.
const COMMITTED_TOGETHER: usize = 256;

/// A request that needs no Rust in between: one statement, or a few that always go together.
pub(crate) struct Statement {
    text: Arc<str>,
    /// How many statements the text has.
    steps: usize,
    binds: Vec<Bind>,
    answer: oneshot::Sender<Result<Outcome, WriteFault>>,
}

/// What a request did.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The first column of the first row.
    pub(crate) row: Option<Vec<u8>>,
    /// Rows that the first statement changed.
    pub(crate) affected: u64,
    /// The feed's position once it was committed.
    pub(crate) position: i64,
}

/// Why a request was not committed.
#[derive(Debug)]
pub(crate) enum WriteFault {
    /// The statement itself failed.
    Statement(Fault),
    /// All of its batch failed, or never ran.
    Store(Error),
}

/// Work inside one savepoint; it answers its caller itself, with what it is told of the commit.
pub(crate) type Job = Box<dyn for<'t> FnOnce(&'t mut Transaction<'_>) -> BoxFuture<'t, JobEnd> + Send>;

/// What becomes of a job's savepoint, and who hears of the commit.
pub(crate) struct JobEnd {
    pub(crate) keep: bool,
    pub(crate) answer: Box<dyn FnOnce(Result<i64>) + Send>,
}

enum Work {
    Statement(Statement),
    Job(Job),
}

/// The sending end of the queue.
#[derive(Clone)]
pub(crate) struct WriteQueue {
    sender: mpsc::Sender<Work>,
    leases: mpsc::Sender<LeaseRequest>,
    counters: Arc<Counters>,
    commits: watch::Receiver<i64>,
    accounts: watch::Receiver<i64>,
    recent: Arc<RecentCommits>,
    stop: watch::Sender<bool>,
    stopped: watch::Receiver<bool>,
}

impl WriteQueue {
    /// Starts the writer's thread on the connection.
    pub(crate) async fn start(mut connection: SqliteConnection, options: &StoreOptions) -> Result<Self> {
        let positions =
            Positions::read(&mut connection).await.map_err(Error::database("reading the feeds' positions"))?;
        let poll_interval = options.poll_interval;
        let (sender, receiver) = mpsc::channel(WAITING_AT_MOST);
        let (leases, borrowers) = mpsc::channel(lease::WAITING_AT_MOST);
        let (committed, commits) = watch::channel(positions.feed);
        let (accounts_changed, accounts) = watch::channel(positions.accounts);
        let (stop, stopping) = watch::channel(false);
        let (finished, stopped) = watch::channel(false);
        let counters = Arc::new(Counters::default());
        let recent = Arc::new(RecentCommits::default());
        let writer = Writer {
            connection,
            receiver,
            borrowers,
            committed,
            accounts_changed,
            recent: recent.clone(),
            counters: counters.clone(),
            chunks: chunk::ChunkTexts::default(),
            data_version: 0,
            foreign_commits: true,
            housekeeping: housekeeping::Housekeeping::new(options.feed_retention, options.feed_rows),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|source| Error::Database { doing: "starting the writer", source: Box::new(source) })?;
        std::thread::Builder::new()
            .name("alyx-writer".to_owned())
            .spawn(move || {
                runtime.block_on(writer.run(stopping, poll_interval));
                let _ = finished.send(true);
            })
            .map_err(|source| Error::Database { doing: "starting the writer", source: Box::new(source) })?;
        Ok(Self { sender, leases, counters, commits, accounts, recent, stop, stopped })
    }

    /// Runs a text of so many statements; returns once it is committed.
    pub(crate) async fn run(
        &self,
        text: impl Into<Arc<str>>,
        steps: usize,
        binds: Vec<Bind>,
    ) -> Result<Outcome, WriteFault> {
        let (answer, answered) = oneshot::channel();
        let statement = Statement { text: text.into(), steps, binds, answer };
        self.send(Work::Statement(statement)).map_err(WriteFault::Store)?;
        answered.await.unwrap_or(Err(WriteFault::Store(Error::Closed)))
    }

    /// Runs a job in a savepoint of its own.
    pub(crate) fn job(&self, job: Job) -> Result<()> {
        self.send(Work::Job(job))
    }

    fn send(&self, work: Work) -> Result<()> {
        if *self.stop.borrow() {
            return Err(Error::Closed);
        }
        self.sender.try_send(work).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::Busy,
            mpsc::error::TrySendError::Closed(_) => Error::Closed,
        })
    }

    /// The right to write beside the queue, once it is this transaction's turn; `take_back` rolls it back where it is
    /// kept for longer than `limit`.
    pub(crate) async fn lease(&self, limit: Duration, take_back: lease::TakeBack) -> Result<Lease> {
        if *self.stop.borrow() {
            return Err(Error::Closed);
        }
        let (granted, lease) = oneshot::channel();
        let request = LeaseRequest { granted, limit, take_back };
        self.leases.try_send(request).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::Busy,
            mpsc::error::TrySendError::Closed(_) => Error::Closed,
        })?;
        lease.await.map_err(|_| Error::Closed)
    }

    /// The feed's last committed position.
    pub(crate) fn commits(&self) -> &watch::Receiver<i64> {
        &self.commits
    }

    /// The last committed position of the account changes.
    pub(crate) fn accounts(&self) -> &watch::Receiver<i64> {
        &self.accounts
    }

    /// Where the last commits ended.
    pub(crate) fn recent(&self) -> &RecentCommits {
        &self.recent
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Requests that wait now.
    pub(crate) fn depth(&self) -> u64 {
        u64::try_from(self.sender.max_capacity() - self.sender.capacity()).unwrap_or_default()
    }

    /// Takes no more requests, finishes those it has, and closes the connection.
    pub(crate) async fn close(&self) {
        self.stop.send_replace(true);
        let mut stopped = self.stopped.clone();
        let _ = stopped.wait_for(|stopped| *stopped).await;
    }
}

/// The thread's end of the queue.
struct Writer {
    connection: SqliteConnection,
    receiver: mpsc::Receiver<Work>,
    borrowers: mpsc::Receiver<LeaseRequest>,
    committed: watch::Sender<i64>,
    accounts_changed: watch::Sender<i64>,
    recent: Arc<RecentCommits>,
    counters: Arc<Counters>,
    chunks: chunk::ChunkTexts,
    /// SQLite's count of commits by other connections.
    data_version: i64,
    foreign_commits: bool,
    housekeeping: housekeeping::Housekeeping,
}

impl Writer {
    async fn run(mut self, mut stopping: watch::Receiver<bool>, poll_interval: Duration) {
        let mut tick = tokio::time::interval(poll_interval.max(Duration::from_millis(1)));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                work = self.receiver.recv() => match work {
                    Some(work) => self.take_turn(work).await,
                    None => break,
                },
                Some(request) = self.borrowers.recv() => self.lend(request).await,
                _ = stopping.wait_for(|stop| *stop) => break,
                _ = tick.tick() => self.look_for_foreign_commits().await,
            }
            let writes = self.counters.writes.load(Ordering::Relaxed);
            let position = *self.committed.borrow();
            self.housekeeping.look(&mut self.connection, (writes, position)).await;
        }
        self.receiver.close();
        self.borrowers.close();
        while let Some(work) = self.receiver.recv().await {
            self.take_batch(work).await;
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the writing connection did not close");
        }
    }

    /// Commits what waits, and then lets one transaction write: neither keeps the other waiting for more than a turn.
    async fn take_turn(&mut self, first: Work) {
        self.take_batch(first).await;
        if let Ok(request) = self.borrowers.try_recv() {
            self.lend(request).await;
        }
    }

    async fn take_batch(&mut self, first: Work) {
        let mut works = vec![first];
        while works.len() < COMMITTED_TOGETHER
            && let Ok(work) = self.receiver.try_recv()
        {
            works.push(work);
        }
        let count = u64::try_from(works.len()).unwrap_or_default();
        let run = AssertUnwindSafe(batch::Batch::new(&mut self.connection, &mut self.chunks).run(works));
        match futures_util::FutureExt::catch_unwind(run).await {
            Ok(Some(committed)) => {
                self.counters.commits.fetch_add(1, Ordering::Relaxed);
                self.counters.writes.fetch_add(count, Ordering::Relaxed);
                self.counters.count_commit(committed.size());
                // Whoever hears that its write is done finds the feed at least as far.
                self.publish(committed.positions);
                committed.answer_all();
            }
            Ok(None) => {}
            Err(_) => {
                tracing::error!("a write job panicked; its batch was rolled back");
                let _ = connection::execute_script(&mut self.connection, "ROLLBACK").await;
            }
        }
    }

    /// Another process may write to the same file: SQLite counts its commits for us.
    async fn look_for_foreign_commits(&mut self) {
        let version = self.number("PRAGMA data_version").await;
        if version == Some(self.data_version) && !self.foreign_commits {
            return;
        }
        self.foreign_commits = false;
        self.data_version = version.unwrap_or_default();
        match Positions::read(&mut self.connection).await {
            Ok(positions) => self.publish(positions),
            Err(error) => tracing::warn!(%error, "looking for other writers failed"),
        }
    }

    async fn number(&mut self, text: &'static str) -> Option<i64> {
        let row = connection::statement(text, Vec::new()).fetch_one(&mut self.connection).await;
        row.inspect_err(|error| tracing::warn!(%error, "looking for other writers failed"))
            .ok()
            .and_then(|row| connection::integer(&row, 0))
    }

    fn publish(&self, positions: Positions) {
        rise(&self.accounts_changed, positions.accounts);
        if positions.feed > *self.committed.borrow() {
            self.recent.add(positions.feed);
        }
        rise(&self.committed, positions.feed);
    }
}

/// Tells of a position if it is further than the last.
fn rise(told: &watch::Sender<i64>, position: i64) {
    told.send_if_modified(|last| {
        let news = position > *last;
        *last = position.max(*last);
        news
    });
}
