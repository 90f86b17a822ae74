//! What the writer does now and then: trims the feeds, deletes what has expired, and lets the database look at
//! its tables.

use std::{
    num::NonZeroU32,
    time::{Duration, Instant},
};

use alyx_schema::clock::{Clock, format_timestamp};
use sqlx::SqliteConnection;

use crate::{
    SystemClock,
    account::{EXPIRED, TRIM_CHANGES},
    connection,
    sql::Bind,
};

/// Time between two rounds.
const EVERY: Duration = Duration::from_secs(60);

/// Rows of the feed that go in one statement, so that no writer waits for long.
const TRIMMED_AT_ONCE: i64 = 2000;

/// Statements of one kind in one round; what is left waits for the next.
const STATEMENTS_A_ROUND: usize = 40;

/// How long changes of accounts are kept: nobody is behind by more than some seconds.
const ACCOUNT_CHANGES_KEPT: Duration = Duration::from_secs(3600);

/// Writes after which the planner's statistics are worth a first look.
const FIRST_LOOK: u64 = 1000;

/// Deletes old rows from the lower end of the feed, never its newest.
const TRIM: &str = r#"DELETE FROM "_alyx_changes" WHERE "id" < (SELECT min("id") FROM "_alyx_changes") + ?
AND "id" < (SELECT max("id") FROM "_alyx_changes") AND "timestamp" < ?"#;

/// The same, whatever their age.
const TRIM_ROWS: &str = r#"DELETE FROM "_alyx_changes" WHERE "id" < (SELECT min("id") FROM "_alyx_changes") + ?
AND "id" <= ?"#;

/// When what was last done.
#[derive(Debug)]
pub(super) struct Housekeeping {
    retention: Option<Duration>,
    rows: Option<i64>,
    /// The feed's position when rows were last counted off.
    counted_off: i64,
    last_round: Option<Instant>,
    next_look: u64,
}

impl Housekeeping {
    pub(super) fn new(retention: Option<Duration>, rows: Option<NonZeroU32>) -> Self {
        let rows = rows.map(|rows| rows.get().into());
        Self { retention, rows, counted_off: 0, last_round: None, next_look: 0 }
    }

    /// Does what is due; nearly always nothing.
    pub(super) async fn look(&mut self, connection: &mut SqliteConnection, (writes, position): (u64, i64)) {
        if let Some(rows) = self.rows.filter(|rows| position > self.counted_off + rows / 8) {
            self.counted_off = position;
            count_off(connection, position - rows).await;
        }
        if writes >= self.next_look {
            self.next_look = (writes * 2).max(FIRST_LOOK);
            // Every table, but at most some thousand rows of each index.
            run(connection, "PRAGMA optimize = 0x10012", Vec::new()).await;
        }
        if self.last_round.is_none_or(|last| last.elapsed() >= EVERY) {
            self.last_round = Some(Instant::now());
            if let Some(retention) = self.retention {
                trim(connection, TRIM, retention).await;
            }
            trim(connection, TRIM_CHANGES, ACCOUNT_CHANGES_KEPT).await;
            delete_expired(connection).await;
        }
    }
}

async fn trim(connection: &mut SqliteConnection, text: &'static str, retention: Duration) {
    let Ok(oldest) = SystemClock.now().checked_sub(retention) else { return };
    let oldest = format_timestamp(oldest);
    loop {
        let binds = vec![Bind::Integer(TRIMMED_AT_ONCE), Bind::from(oldest.as_str())];
        if run(connection, text, binds).await == 0 {
            return;
        }
    }
}

/// Deletes the rows of the feed up to a position.
async fn count_off(connection: &mut SqliteConnection, last: i64) {
    loop {
        let binds = vec![Bind::Integer(TRIMMED_AT_ONCE), Bind::Integer(last)];
        if run(connection, TRIM_ROWS, binds).await == 0 {
            return;
        }
    }
}

/// Sessions and tokens that are good no longer.
async fn delete_expired(connection: &mut SqliteConnection) {
    let now = format_timestamp(SystemClock.now());
    for text in EXPIRED {
        for _ in 0..STATEMENTS_A_ROUND {
            if run(connection, text, vec![Bind::from(now.as_str())]).await == 0 {
                break;
            }
        }
    }
}

/// Rows changed; a failure is for the log alone, the next round tries again.
async fn run(connection: &mut SqliteConnection, text: &'static str, binds: Vec<Bind>) -> u64 {
    match connection::statement(text, binds).execute(connection).await {
        Ok(done) => done.rows_affected(),
        Err(error) => {
            tracing::warn!(%error, "housekeeping failed");
            0
        }
    }
}
