//! The statements of an open transaction on its connection.

use futures_util::TryStreamExt;
use sqlx::{Connection as _, Either, Executor, SqliteConnection, sqlite::SqliteRow};

use super::connections::Own;
use crate::{
    Error, connection,
    fault::Fault,
    sql::{Bind, Sql},
    write_queue::{Lease, Outcome, Positions},
};

/// Undoes a request that did not end well.
const UNDO: &str = "ROLLBACK TO request; RELEASE request";

/// Undoes a part of the transaction.
const UNDO_PART: &str = "ROLLBACK TO part; RELEASE part";

/// Changes nothing, but needs what every change needs.
const TRY_TO_WRITE: &str = r#"DELETE FROM "_alyx_changes" WHERE 0"#;

/// Where the feed is, and how much this connection has changed in its life.
const POSITION: &str = r#"SELECT coalesce(max("id"), 0),total_changes() FROM "_alyx_changes""#;

/// A transaction that has not ended.
pub(super) struct Open {
    pub(super) own: Own,
    /// Where the feed was at its moment.
    pub(super) position: i64,
    /// What the connection had changed before.
    changes: i64,
    /// Held from the first write on.
    pub(super) lease: Option<Lease>,
    /// Requests that changed something.
    pub(super) writes: u64,
    /// Whether a part of it is open.
    pub(super) in_part: bool,
    /// What was running when its caller went away.
    running: Running,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Running {
    Nothing,
    Read,
    Write,
}

/// What a fault has undone.
pub(super) enum Unkept {
    /// The request alone.
    Request(Fault),
    /// All of the transaction.
    Transaction(Fault),
}

/// How a transaction begins.
#[derive(Clone, Copy)]
pub(super) enum Begin {
    Reading,
    Writing,
}

impl Open {
    pub(super) async fn begin(own: Own) -> Result<Self, Fault> {
        let (lease, writes, in_part, running) = (None, 0, false, Running::Nothing);
        let mut open = Self { own, position: 0, changes: 0, lease, writes, in_part, running };
        open.begin_at_newest(Begin::Reading).await?;
        Ok(open)
    }

    async fn begin_at_newest(&mut self, begin: Begin) -> Result<(), Fault> {
        self.script(match begin {
            Begin::Reading => "BEGIN",
            Begin::Writing => "BEGIN IMMEDIATE",
        })
        .await?;
        let row = connection::statement(POSITION, Vec::new()).fetch_one(self.connection()).await?;
        self.position = connection::integer(&row, 0).unwrap_or_default();
        self.changes = connection::integer(&row, 1).unwrap_or_default();
        if self.in_part { self.begin_part().await } else { Ok(()) }
    }

    /// Comes to what is there now; what was written is undone.
    pub(super) async fn renew(&mut self, begin: Begin) -> Result<(), Fault> {
        self.script("ROLLBACK").await?;
        self.begin_at_newest(begin).await
    }

    /// Finds out whether its moment is still the newest, so that it can write.
    pub(super) async fn try_to_write(&mut self) -> Result<(), Fault> {
        self.script(TRY_TO_WRITE).await
    }

    /// What is left of a request whose caller went away is undone.
    pub(super) async fn recover(&mut self) {
        match self.running {
            Running::Nothing => return,
            Running::Read => {
                self.own.budget.stop();
                let _ = self.own.connection.ping().await;
            }
            // If it has ended by itself there is nothing to undo.
            Running::Write => self.undo_quietly().await,
        }
        self.running = Running::Nothing;
    }

    async fn undo_quietly(&mut self) {
        let _ = self.script(UNDO).await;
    }

    /// The first row of a query.
    pub(super) async fn one(&mut self, sql: Sql) -> Result<Option<SqliteRow>, sqlx::Error> {
        let _tests = tests(&sql.binds);
        self.running = Running::Read;
        let row = connection::statement(sql.text, sql.binds).fetch_optional(self.connection()).await;
        self.running = Running::Nothing;
        row
    }

    /// Runs a write as one request: all of it or nothing.
    pub(super) async fn run(&mut self, text: &str, binds: Vec<Bind>) -> Result<Outcome, Unkept> {
        let _tests = tests(&binds);
        self.running = Running::Write;
        let text = format!("SAVEPOINT request;{text};RELEASE request");
        let ran = request(self.connection(), text, binds).await;
        let kept = match ran {
            Ok(outcome) => Ok(Outcome { position: self.position, ..outcome }),
            Err(fault) => Err(match self.script(UNDO).await {
                Ok(()) => Unkept::Request(fault),
                // Some faults have rolled back everything.
                Err(_) => Unkept::Transaction(fault),
            }),
        };
        self.running = Running::Nothing;
        self.writes += u64::from(kept.as_ref().is_ok_and(|outcome| outcome.affected > 0));
        kept
    }

    /// Begins a request of several statements.
    pub(super) async fn begin_request(&mut self) -> Result<(), Fault> {
        self.running = Running::Write;
        self.script("SAVEPOINT request").await
    }

    /// Ends it.
    pub(super) async fn end_request(&mut self, keep: bool) -> Result<(), Fault> {
        self.script(if keep { "RELEASE request" } else { UNDO }).await?;
        self.running = Running::Nothing;
        if keep && self.writes == 0 {
            // A job does not say whether it has changed anything.
            let row = connection::statement("SELECT total_changes()", Vec::new()).fetch_one(self.connection()).await?;
            self.writes += u64::from(connection::integer(&row, 0) != Some(self.changes));
        }
        Ok(())
    }

    pub(super) async fn begin_part(&mut self) -> Result<(), Fault> {
        self.script("SAVEPOINT part").await?;
        self.in_part = true;
        Ok(())
    }

    pub(super) async fn end_part(&mut self, keep: bool) -> Result<(), Fault> {
        self.in_part = false;
        self.script(if keep { "RELEASE part" } else { UNDO_PART }).await
    }

    /// Commits, and says how far the feeds are with it.
    pub(super) async fn commit(&mut self) -> Result<Positions, Fault> {
        let positions = Positions::read(self.connection()).await?;
        self.script("COMMIT").await?;
        Ok(positions)
    }

    /// Undoes everything, and gives the connection back for others.
    pub(super) async fn roll_back(mut self) {
        match self.script("ROLLBACK").await {
            Ok(()) => self.own.give_back().await,
            // Some failures have rolled back already; a connection in doubt is not used again.
            Err(fault) => tracing::debug!(%fault, "nothing to roll back"),
        }
        drop(self.lease);
    }

    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.own.connection
    }

    async fn script(&mut self, script: &str) -> Result<(), Fault> {
        connection::execute_script(self.connection(), script).await.map_err(Fault::from)
    }
}

async fn request(connection: &mut SqliteConnection, text: String, binds: Vec<Bind>) -> Result<Outcome, Fault> {
    let mut rows = connection.fetch_many(connection::statement(text, binds));
    let mut outcome = Outcome::default();
    // The first statement makes the savepoint, the second is the write.
    let mut ended = 0;
    while let Some(step) = rows.try_next().await? {
        match step {
            Either::Right(row) => {
                outcome.row.get_or_insert_with(|| connection::bytes(&row, 0));
            }
            Either::Left(done) => {
                ended += 1;
                if ended == 2 {
                    outcome.affected = done.rows_affected();
                }
            }
        }
    }
    Ok(outcome)
}

/// The tests among the values, which must be kept until the statement has ended.
fn tests(binds: &[Bind]) -> Vec<Bind> {
    binds.iter().filter(|bind| matches!(bind, Bind::Test(_))).cloned().collect()
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault.is_busy() {
            true => Self::Busy,
            false => fault.into_error("working in a transaction"),
        }
    }
}
