//! The reading connections. Smaller than a general pool: connections are opened once, never tested
//! before use, and the one used last, whose caches are warm, is used next.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{AssertSqlSafe, Connection, SqlSafeStr, SqliteConnection, sqlite::SqliteRow};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    Error, Result, StoreOptions,
    connection::{self, Budget},
    fault,
    sql::{Bind, Sql},
};

/// A pool of reading connections.
#[derive(Clone)]
pub(crate) struct Readers {
    shared: Arc<Shared>,
}

struct Shared {
    idle: Mutex<Vec<Reader>>,
    permits: Arc<Semaphore>,
    size: u32,
    timeout: Option<Duration>,
}

struct Reader {
    connection: SqliteConnection,
    budget: Budget,
}

impl Readers {
    pub(crate) async fn open(options: &StoreOptions) -> Result<Self> {
        let size = options.readers.max(1);
        let mut idle = Vec::with_capacity(size);
        for _ in 0..size {
            let mut connection = connection::open_reader(options).await?;
            let budget = Budget::watch(&mut connection).await?;
            idle.push(Reader { connection, budget });
        }
        let shared = Shared {
            idle: Mutex::new(idle),
            permits: Arc::new(Semaphore::new(size)),
            size: u32::try_from(size).unwrap_or(u32::MAX),
            timeout: options.read_timeout,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The statement's first row.
    pub(crate) async fn one<T>(&self, text: T, binds: Vec<Bind>) -> Result<Option<SqliteRow>>
    where
        AssertSqlSafe<T>: SqlSafeStr,
    {
        let mut lease = self.lease().await?;
        let _tests = tests(&binds);
        let query = connection::statement(text, binds);
        let row = query.fetch_optional(lease.begin()).await;
        self.outcome(lease, row)
    }

    /// All rows of the statement.
    pub(crate) async fn all(&self, sql: Sql) -> Result<Vec<SqliteRow>> {
        let mut lease = self.lease().await?;
        let _tests = tests(&sql.binds);
        let query = connection::statement(sql.text, sql.binds);
        let rows = query.fetch_all(lease.begin()).await;
        self.outcome(lease, rows)
    }

    /// A connection for several reads of one moment, and the first row of the first of them: the text must begin
    /// with `BEGIN;`.
    pub(crate) async fn hold(&self, first: Sql) -> Result<(Held, Option<SqliteRow>)> {
        let mut lease = self.lease().await?;
        lease.is_held = true;
        let mut held = Held { lease };
        let row = held.one(first).await?;
        Ok((held, row))
    }

    /// Longest time that one read may take.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.shared.timeout
    }

    /// Waits for the reads that run and closes every connection.
    pub(crate) async fn close(&self) {
        let Ok(permits) = self.shared.permits.clone().acquire_many_owned(self.shared.size).await else { return };
        self.shared.permits.close();
        drop(permits);
        let idle = std::mem::take(&mut *self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for reader in idle {
            if let Err(error) = reader.connection.close().await {
                tracing::warn!(%error, "a reading connection did not close");
            }
        }
    }

    fn outcome<T>(&self, mut lease: Lease, outcome: Result<T, sqlx::Error>) -> Result<T> {
        lease.running = false;
        outcome.map_err(|error| fault::of_read(error, self.shared.timeout))
    }

    async fn lease(&self) -> Result<Lease> {
        let permit = match self.shared.permits.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.shared.permits.clone().acquire_owned().await.map_err(|_| Error::Closed)?,
        };
        let reader = self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = reader.ok_or(Error::Closed)?;
        Ok(Lease {
            reader: Some(reader),
            permit: Some(permit),
            shared: self.shared.clone(),
            running: false,
            is_held: false,
        })
    }
}

/// The tests among the values, which must be kept until the statement has ended.
fn tests(binds: &[Bind]) -> Vec<Bind> {
    binds.iter().filter(|bind| matches!(bind, Bind::Test(_))).cloned().collect()
}

/// A connection taken from the pool; it goes back when this is dropped.
struct Lease {
    reader: Option<Reader>,
    permit: Option<OwnedSemaphorePermit>,
    shared: Arc<Shared>,
    running: bool,
    /// Whether a transaction is open on it.
    is_held: bool,
}

/// A connection in a transaction: all it reads is of one moment.
pub(crate) struct Held {
    lease: Lease,
}

impl Held {
    /// The statement's first row.
    pub(crate) async fn one(&mut self, sql: Sql) -> Result<Option<SqliteRow>> {
        let _tests = tests(&sql.binds);
        let row = connection::statement(sql.text, sql.binds).fetch_optional(self.lease.begin()).await;
        row.map_err(|error| fault::of_read(error, self.lease.shared.timeout))
    }

    /// All rows of the statement.
    pub(crate) async fn all(&mut self, sql: Sql) -> Result<Vec<SqliteRow>> {
        let _tests = tests(&sql.binds);
        let rows = connection::statement(sql.text, sql.binds).fetch_all(self.lease.begin()).await;
        rows.map_err(|error| fault::of_read(error, self.lease.shared.timeout))
    }

    /// Ends the transaction, so that the next statement can begin another.
    pub(crate) async fn commit(&mut self) -> Result<()> {
        let ended = connection::execute_script(self.lease.begin(), "COMMIT").await;
        ended.map_err(|error| fault::of_read(error, self.lease.shared.timeout))
    }

    /// Lets the connection serve others; a value that is dropped does so later, by itself.
    pub(crate) async fn end(mut self) {
        if connection::execute_script(self.lease.begin(), "COMMIT").await.is_ok() {
            (self.lease.running, self.lease.is_held) = (false, false);
        }
    }
}

impl Lease {
    fn begin(&mut self) -> &mut SqliteConnection {
        self.running = true;
        let reader = self.reader.as_mut().expect("a lease holds its connection until it is dropped");
        reader.budget.start(self.shared.timeout);
        &mut reader.connection
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (Some(mut reader), Some(permit)) = (self.reader.take(), self.permit.take()) else { return };
        let shared = self.shared.clone();
        if !self.running {
            shared.put_back(reader, permit);
            return;
        }
        // The caller went away in the middle of a read. It is stopped, and the connection serves
        // others only when it has.
        reader.budget.stop();
        let is_held = self.is_held;
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let is_free = match is_held {
                    true => connection::execute_script(&mut reader.connection, "ROLLBACK").await.is_ok(),
                    false => reader.connection.ping().await.is_ok(),
                };
                if is_free {
                    shared.put_back(reader, permit);
                }
            });
        } else {
            shared.put_back(reader, permit);
        }
    }
}

impl Shared {
    fn put_back(&self, reader: Reader, permit: OwnedSemaphorePermit) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        drop(permit);
    }
}
