//! One connection to the database file: how it is opened, and how statements reach it.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{
    Arguments, AssertSqlSafe, ConnectOptions, Row as _, SqlSafeStr, Sqlite, SqliteConnection,
    query::Query,
    sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous},
};

use crate::{Error, Result, StoreOptions, Synchronous, sql::Bind};

/// Pages that the write-ahead log may hold before they move to the main file: a hot page then moves once
/// for many commits.
const CHECKPOINT_PAGES: &str = "4000";

/// Virtual machine instructions between two looks at the clock.
const INSTRUCTIONS_PER_LOOK: i32 = 1_000;

/// A statement ready to run. The one place that vouches for SQL text, which is why every text comes
/// from `sql`, with its values bound.
pub(crate) fn statement<T>(text: T, binds: Vec<Bind>) -> Query<'static, Sqlite, SqliteArguments>
where
    AssertSqlSafe<T>: SqlSafeStr,
{
    sqlx::query_with(AssertSqlSafe(text), arguments(binds))
}

/// Runs statements separated by `;`, which take no values and are not kept prepared.
pub(crate) async fn execute_script(connection: &mut SqliteConnection, script: &str) -> Result<(), sqlx::Error> {
    statement(script.to_owned(), Vec::new()).persistent(false).execute(connection).await.map(drop)
}

/// Opens the connection that writes; makes the file where there is none.
pub(crate) async fn open_writer(options: &StoreOptions) -> Result<SqliteConnection> {
    let connect = connect_options(options, Role::Writer)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .statement_cache_capacity(512);
    open(&connect, "opening the database").await
}

/// Opens a connection that can only read.
pub(crate) async fn open_reader(options: &StoreOptions) -> Result<SqliteConnection> {
    let connect = connect_options(options, Role::Reader).read_only(true).statement_cache_capacity(128);
    open(&connect, "opening a reading connection").await
}

/// Opens a connection for a transaction that stays open over several calls.
pub(crate) async fn open_for_transaction(options: &StoreOptions) -> Result<SqliteConnection> {
    let connect = connect_options(options, Role::Transaction)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .statement_cache_capacity(64);
    open(&connect, "opening the connection of a transaction").await
}

async fn open(options: &SqliteConnectOptions, doing: &'static str) -> Result<SqliteConnection> {
    let mut connection = options.connect().await.map_err(Error::database(doing))?;
    let failed = |source| Error::Database { doing, source: Box::new(source) };
    alyx_sqlite::install(&mut connection).await.map_err(failed)?;
    Ok(connection)
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Writer,
    Reader,
    Transaction,
}

fn connect_options(options: &StoreOptions, role: Role) -> SqliteConnectOptions {
    let synchronous = match options.synchronous {
        Synchronous::Off => SqliteSynchronous::Off,
        Synchronous::Normal => SqliteSynchronous::Normal,
        Synchronous::Full => SqliteSynchronous::Full,
    };
    // The writer counts twice: a page it has need not be read before it is changed. Transactions come and go.
    let shares = u64::try_from(options.readers).unwrap_or(1).max(1) + 2;
    let share = options.cache_bytes / shares;
    let own = match role {
        Role::Writer => share * 2,
        Role::Reader => share,
        Role::Transaction => share / 8,
    };
    let kibibytes = (own / 1024).max(256);
    SqliteConnectOptions::new()
        .filename(&options.path)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .synchronous(synchronous)
        .pragma("cache_size", format!("-{kibibytes}"))
        .disable_statement_logging()
}

/// Makes the folder of the database, for its owner alone.
pub(crate) fn make_folder(database: &Path) -> std::io::Result<()> {
    let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) else {
        return Ok(());
    };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The values as the driver takes them.
pub(crate) fn arguments(binds: Vec<Bind>) -> SqliteArguments {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(binds.len(), 0);
    for bind in binds {
        let added = match bind {
            Bind::Null => arguments.add(None::<i64>),
            Bind::Integer(number) => arguments.add(number),
            Bind::Real(number) => arguments.add(number),
            Bind::Text(text) => arguments.add(text),
            Bind::Blob(bytes) => arguments.add(bytes),
            Bind::Test(test) => arguments.add(test.number()),
        };
        added.expect("scalars can always be bound");
    }
    arguments
}

/// A column of a row as bytes; empty for null.
pub(crate) fn borrowed(row: &SqliteRow, column: usize) -> &[u8] {
    row.get_unchecked::<Option<&[u8]>, _>(column).unwrap_or_default()
}

/// A copy of a column of a row; empty for null.
pub(crate) fn bytes(row: &SqliteRow, column: usize) -> Vec<u8> {
    borrowed(row, column).to_vec()
}

/// A column of a row as text; `None` for null.
pub(crate) fn text(row: &SqliteRow, column: usize) -> Option<&str> {
    row.get_unchecked::<Option<&str>, _>(column)
}

/// A column of a row as a number; `None` for null.
pub(crate) fn integer(row: &SqliteRow, column: usize) -> Option<i64> {
    row.get_unchecked::<Option<i64>, _>(column)
}

/// A column of a row as a number with a fraction; `None` for null.
pub(crate) fn float(row: &SqliteRow, column: usize) -> Option<f64> {
    row.get_unchecked::<Option<f64>, _>(column)
}

/// The time that reads of one connection may take, looked at by SQLite while it works.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    start: Instant,
    /// Milliseconds after `start`; `u64::MAX` is no limit.
    deadline: Arc<AtomicU64>,
}

impl Budget {
    /// Puts a watch on the connection.
    pub(crate) async fn watch(connection: &mut SqliteConnection) -> Result<Self> {
        let budget = Self { start: Instant::now(), deadline: Arc::new(AtomicU64::new(u64::MAX)) };
        let watched = budget.clone();
        let mut handle = connection.lock_handle().await.map_err(Error::database("watching a connection"))?;
        handle.set_progress_handler(INSTRUCTIONS_PER_LOOK, move || !watched.is_spent());
        Ok(budget)
    }

    /// Gives the next read this long.
    pub(crate) fn start(&self, limit: Option<Duration>) {
        let deadline = limit.map_or(u64::MAX, |limit| milliseconds(self.start.elapsed() + limit));
        self.deadline.store(deadline, Ordering::Relaxed);
    }

    /// Stops the read that is running.
    pub(crate) fn stop(&self) {
        self.deadline.store(0, Ordering::Relaxed);
    }

    fn is_spent(&self) -> bool {
        let deadline = self.deadline.load(Ordering::Relaxed);
        deadline != u64::MAX && milliseconds(self.start.elapsed()) >= deadline
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX - 1)
}
