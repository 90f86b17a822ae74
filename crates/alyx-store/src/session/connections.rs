//! The connections of transactions: opened when they are needed, a few kept for the next ones.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use super::{Ended, Shared};
use crate::{
    Error, Result, StoreOptions,
    connection::{self, Budget},
};

/// Connections kept open while nobody needs them.
const KEPT: usize = 8;

/// Transactions at a time that write at once; the others wait, since only one can write.
const SHORT_ONES: usize = 2;

/// Gives out connections, no more than so many at a time.
#[derive(Clone)]
pub(crate) struct Connections {
    pool: Arc<Pool>,
}

struct Pool {
    options: StoreOptions,
    kept: Mutex<Vec<Kept>>,
    permits: Arc<Semaphore>,
    short: Arc<Semaphore>,
    open: Mutex<Vec<Weak<Shared>>>,
}

struct Kept {
    connection: SqliteConnection,
    budget: Budget,
}

/// A connection that one transaction has.
pub(crate) struct Own {
    pub(super) connection: SqliteConnection,
    pub(super) budget: Budget,
    pool: Arc<Pool>,
    permit: OwnedSemaphorePermit,
}

impl Connections {
    pub(crate) fn new(options: &StoreOptions) -> Self {
        let pool = Pool {
            options: options.clone(),
            kept: Mutex::default(),
            permits: Arc::new(Semaphore::new(options.transactions)),
            short: Arc::new(Semaphore::new(SHORT_ONES)),
            open: Mutex::default(),
        };
        Self { pool: Arc::new(pool) }
    }

    /// A connection, unless all that may be are in use.
    pub(super) async fn take(&self) -> Result<Own> {
        let permit = self.pool.permits.clone().try_acquire_owned().map_err(|error| match error {
            TryAcquireError::NoPermits => Error::TooManyTransactions,
            TryAcquireError::Closed => Error::Closed,
        })?;
        self.own(permit).await
    }

    /// A connection for a transaction that is soon over; waits for it.
    pub(super) async fn take_for_short(&self) -> Result<Own> {
        let permit = self.pool.short.clone().acquire_owned().await.map_err(|_| Error::Closed)?;
        self.own(permit).await
    }

    async fn own(&self, permit: OwnedSemaphorePermit) -> Result<Own> {
        let kept = self.pool.kept.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Kept { connection, budget } = match kept {
            Some(kept) => kept,
            None => {
                let mut connection = connection::open_for_transaction(&self.pool.options).await?;
                let budget = Budget::watch(&mut connection).await?;
                Kept { connection, budget }
            }
        };
        Ok(Own { connection, budget, pool: self.pool.clone(), permit })
    }

    /// Remembers a transaction, to end it when the store closes.
    pub(super) fn remember(&self, session: &Arc<Shared>) {
        let mut open = self.pool.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|session| session.strong_count() > 0);
        open.push(Arc::downgrade(session));
    }

    /// Transactions that are open now.
    pub(crate) fn in_use(&self) -> usize {
        self.pool.options.transactions.saturating_sub(self.pool.permits.available_permits())
    }

    /// Ends every transaction and closes every connection.
    pub(crate) async fn close(&self) {
        self.pool.permits.close();
        self.pool.short.close();
        let open = std::mem::take(&mut *self.pool.open.lock().unwrap_or_else(PoisonError::into_inner));
        for session in open.iter().filter_map(Weak::upgrade) {
            session.end(Ended::Closed).await;
        }
        let kept = std::mem::take(&mut *self.pool.kept.lock().unwrap_or_else(PoisonError::into_inner));
        for Kept { connection, .. } in kept {
            close(connection).await;
        }
    }
}

impl Own {
    /// Gives it back for the next; nothing may be open on it.
    pub(super) async fn give_back(self) {
        let Self { connection, budget, pool, permit } = self;
        let rest = {
            let mut kept = pool.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() < KEPT && !pool.permits.is_closed() {
                kept.push(Kept { connection, budget });
                None
            } else {
                Some(connection)
            }
        };
        if let Some(connection) = rest {
            close(connection).await;
        }
        drop(permit);
    }
}

async fn close(connection: SqliteConnection) {
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "the connection of a transaction did not close");
    }
}
