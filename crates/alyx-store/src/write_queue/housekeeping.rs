//! What the writer does now and then: trims the feed, and lets the database look at its tables.

use std::time::{Duration, Instant};

use alyx_schema::clock::{Clock, format_timestamp};
use sqlx::SqliteConnection;

use crate::{SystemClock, connection, sql::Bind};

/// Time between two rounds.
const EVERY: Duration = Duration::from_secs(60);

/// Rows of the feed that go in one statement, so that no writer waits for long.
const TRIMMED_AT_ONCE: i64 = 2000;

/// Writes after which the planner's statistics are worth a first look.
const FIRST_LOOK: u64 = 1000;

/// Deletes old rows from the lower end of the feed, never its newest.
const TRIM: &str = r#"DELETE FROM "_alyx_changes" WHERE "id" < (SELECT min("id") FROM "_alyx_changes") + ?
AND "id" < (SELECT max("id") FROM "_alyx_changes") AND "timestamp" < ?"#;

/// When what was last done.
#[derive(Debug)]
pub(super) struct Housekeeping {
    retention: Option<Duration>,
    last_round: Option<Instant>,
    next_look: u64,
}

impl Housekeeping {
    pub(super) fn new(retention: Option<Duration>) -> Self {
        Self { retention, last_round: None, next_look: 0 }
    }

    /// Does what is due; nearly always nothing.
    pub(super) async fn look(&mut self, connection: &mut SqliteConnection, writes: u64) {
        if writes >= self.next_look {
            self.next_look = (writes * 2).max(FIRST_LOOK);
            // Every table, but at most some thousand rows of each index.
            run(connection, "PRAGMA optimize = 0x10012", Vec::new()).await;
        }
        if self.last_round.is_none_or(|last| last.elapsed() >= EVERY) {
            self.last_round = Some(Instant::now());
            self.trim(connection).await;
        }
    }

    async fn trim(&self, connection: &mut SqliteConnection) {
        let Some(retention) = self.retention else { return };
        let Ok(oldest) = SystemClock.now().checked_sub(retention) else { return };
        let oldest = format_timestamp(oldest);
        loop {
            let binds = vec![Bind::Integer(TRIMMED_AT_ONCE), Bind::from(oldest.as_str())];
            if run(connection, TRIM, binds).await == 0 {
                return;
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
