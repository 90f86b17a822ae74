//! One transaction with many requests in it.

use std::collections::VecDeque;

use futures_util::FutureExt;
use sqlx::SqliteConnection;
use tokio::sync::oneshot;

use super::{
    Job, JobEnd, Outcome, Statement, Transaction, Work, WriteFault,
    chunk::{ChunkTexts, LONGEST, Shape, Trip},
    positions::Positions,
};
use crate::{Error, Result, connection, fault::Fault};

type Answer = oneshot::Sender<Result<Outcome, WriteFault>>;

/// A transaction that is being filled.
pub(super) struct Batch<'w> {
    connection: &'w mut SqliteConnection,
    texts: &'w mut ChunkTexts,
    begun: bool,
    /// The positions, once it is committed.
    committed: Option<Positions>,
    done: Vec<(Answer, Outcome)>,
    jobs: Vec<JobEnd>,
}

impl<'w> Batch<'w> {
    pub(super) fn new(connection: &'w mut SqliteConnection, texts: &'w mut ChunkTexts) -> Self {
        Self { connection, texts, begun: false, committed: None, done: Vec::new(), jobs: Vec::new() }
    }

    /// Runs and commits the requests; answers them only where nothing was committed.
    pub(super) async fn run(mut self, works: Vec<Work>) -> Option<Committed> {
        let mut works = VecDeque::from(works);
        let mut failure = None;
        while let Some(work) = works.pop_front() {
            let result = match work {
                Work::Statement(first) => self.run_alike(first, &mut works).await,
                Work::Job(job) => self.run_job(job).await,
            };
            if let Err(fault) = result {
                failure = Some(fault);
                break;
            }
        }
        if failure.is_none() {
            failure = self.finish().await.err();
        }
        match failure {
            None => Some(Committed { positions: self.committed.unwrap_or_default(), done: self.done, jobs: self.jobs }),
            Some(fault) => {
                self.give_up(&fault, works).await;
                None
            }
        }
    }

    /// Runs a request together with those behind it that have the same text.
    async fn run_alike(&mut self, first: Statement, works: &mut VecDeque<Work>) -> Result<(), Fault> {
        let (text, steps) = (first.text.clone(), first.steps);
        let mut alike = VecDeque::from([first]);
        while let Some(Work::Statement(_)) = works.front().filter(|work| has_text(work, &text)) {
            if let Some(Work::Statement(statement)) = works.pop_front() {
                alike.push_back(statement);
            }
        }
        while !alike.is_empty() {
            let times = previous_power_of_two(alike.len().min(LONGEST));
            let commits = times == alike.len() && works.is_empty();
            let shape = Shape { text: text.clone(), steps, times, begins: !self.begun, commits };
            if let Err(fault) = self.run_chunk(&shape, &mut alike).await {
                refuse(alike.into_iter().map(|statement| statement.answer), &fault);
                return Err(fault);
            }
        }
        Ok(())
    }

    async fn run_chunk(&mut self, shape: &Shape, alike: &mut VecDeque<Statement>) -> Result<(), Fault> {
        let mut binds = Vec::new();
        let mut answers = VecDeque::with_capacity(shape.times);
        let mut kept = Vec::with_capacity(shape.times);
        for statement in alike.drain(..shape.times) {
            kept.push(statement.binds.clone());
            binds.extend(statement.binds);
            answers.push_back(statement.answer);
        }
        let trip = Trip::make(self.connection, self.texts, shape, binds).await;
        self.begun |= trip.begun;
        let ran = trip.outcomes.len();
        for outcome in trip.outcomes {
            if let Some(answer) = answers.pop_front() {
                self.done.push((answer, outcome));
            }
        }
        let Some(fault) = trip.fault else {
            self.committed = trip.committed.then_some(trip.positions.unwrap_or_default());
            return Ok(());
        };
        let is_whole = ran < shape.times && trip.step == 0;
        if !self.begun || !is_whole || !fault.is_of_the_statement() {
            refuse(answers, &fault);
            return Err(fault);
        }
        // That request is undone, the transaction stands; the rest of the chunk still waits.
        if let Some(answer) = answers.pop_front() {
            let _ = answer.send(Err(WriteFault::Statement(fault)));
        }
        for (binds, answer) in kept.drain(ran + 1..).zip(answers).rev() {
            alike.push_front(Statement { text: shape.text.clone(), steps: shape.steps, binds, answer });
        }
        Ok(())
    }

    async fn run_job(&mut self, job: Job) -> Result<(), Fault> {
        if !self.begun {
            connection::execute_script(self.connection, "BEGIN IMMEDIATE").await?;
            self.begun = true;
        }
        connection::execute_script(self.connection, "SAVEPOINT request").await?;
        let mut transaction = Transaction::new(self.connection);
        let end = std::panic::AssertUnwindSafe(job(&mut transaction)).catch_unwind().await;
        let undo = !end.as_ref().is_ok_and(|end| end.keep);
        let script = if undo { "ROLLBACK TO request; RELEASE request" } else { "RELEASE request" };
        connection::execute_script(self.connection, script).await?;
        match end {
            Ok(end) => self.jobs.push(end),
            Err(_) => tracing::error!("a write job panicked and was rolled back"),
        }
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), Fault> {
        if self.committed.is_some() || !self.begun {
            self.committed.get_or_insert_default();
            return Ok(());
        }
        let shape = Shape { text: "".into(), steps: 0, times: 0, begins: false, commits: true };
        let trip = Trip::make(self.connection, self.texts, &shape, Vec::new()).await;
        match trip.fault {
            Some(fault) => Err(fault),
            None => {
                self.committed = Some(trip.positions.unwrap_or_default());
                Ok(())
            }
        }
    }

    /// Rolls everything back and tells everyone.
    async fn give_up(self, fault: &Fault, works: VecDeque<Work>) {
        tracing::error!(?fault, "a commit failed and was rolled back");
        if let Err(error) = connection::execute_script(self.connection, "ROLLBACK").await {
            // Some errors have rolled back already.
            tracing::debug!(%error, "nothing to roll back");
        }
        refuse(self.done.into_iter().map(|(answer, _)| answer), fault);
        for job in self.jobs {
            (job.answer)(Err(commit_failed(fault)));
        }
        let waiting = works.into_iter().filter_map(|work| match work {
            Work::Statement(statement) => Some(statement.answer),
            Work::Job(_) => None,
        });
        refuse(waiting, fault);
    }
}

/// Requests that are committed and not yet told so.
pub(super) struct Committed {
    /// How far the feeds are with it.
    pub(super) positions: Positions,
    done: Vec<(Answer, Outcome)>,
    jobs: Vec<JobEnd>,
}

impl Committed {
    /// Requests of which something was kept.
    pub(super) fn size(&self) -> u64 {
        let jobs = self.jobs.iter().filter(|job| job.keep).count();
        u64::try_from(self.done.len() + jobs).unwrap_or_default()
    }

    /// Tells everyone.
    pub(super) fn answer_all(self) {
        let position = self.positions.feed;
        for (answer, outcome) in self.done {
            let _ = answer.send(Ok(Outcome { position, ..outcome }));
        }
        for job in self.jobs {
            (job.answer)(Ok(position));
        }
    }
}

fn refuse(answers: impl IntoIterator<Item = Answer>, fault: &Fault) {
    for answer in answers {
        let _ = answer.send(Err(WriteFault::Store(commit_failed(fault))));
    }
}

fn commit_failed(fault: &Fault) -> Error {
    if fault.is_busy() {
        return Error::Busy;
    }
    Error::Database { doing: "committing", source: fault.to_string().into() }
}

fn has_text(work: &Work, text: &str) -> bool {
    matches!(work, Work::Statement(statement) if *statement.text == *text)
}

fn previous_power_of_two(count: usize) -> usize {
    1 << count.ilog2()
}
