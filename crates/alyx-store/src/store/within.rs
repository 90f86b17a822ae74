//! Where statements run: on what is committed, or inside of one transaction.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr, sqlite::SqliteRow};

use super::Store;
use crate::{
    Result,
    session::{Connections, Reads, Session},
    sql::{Bind, Sql},
    write_queue::{Outcome, WriteFault, WriteQueue},
};

impl Store {
    /// The same store inside of a transaction: what is read and written through it is the transaction's own.
    ///
    /// Accounts, migrations, snapshots and the change feed are not part of it.
    #[must_use]
    pub fn within(&self, session: &Session) -> Self {
        Self { inner: self.inner.clone(), session: Some(session.shared().clone()) }
    }

    /// Whether what it reads and writes is that of one transaction.
    #[must_use]
    pub fn is_in_transaction(&self) -> bool {
        self.session.is_some()
    }

    /// Notes what is about to be read, for a transaction that relies on it.
    pub(super) fn note(&self, note: impl FnOnce(&mut Reads)) {
        if let Some(session) = &self.session {
            session.note(note);
        }
    }

    /// The first row of a query.
    pub(super) async fn one<T>(&self, text: T, binds: Vec<Bind>) -> Result<Option<SqliteRow>>
    where
        T: AsRef<str>,
        AssertSqlSafe<T>: SqlSafeStr,
    {
        match &self.session {
            None => self.inner.readers.one(text, binds).await,
            Some(session) => session.one(Sql::fixed(text.as_ref(), binds)).await,
        }
    }

    /// Runs a text of so many statements; returns once it is committed, or part of the transaction.
    pub(super) async fn run(
        &self,
        text: impl Into<Arc<str>>,
        steps: usize,
        binds: Vec<Bind>,
    ) -> Result<Outcome, WriteFault> {
        match &self.session {
            None => self.inner.queue.run(text, steps, binds).await,
            Some(session) => session.run(&text.into(), binds).await,
        }
    }

    pub(crate) fn queue(&self) -> &WriteQueue {
        &self.inner.queue
    }

    pub(crate) fn connections(&self) -> &Connections {
        &self.inner.connections
    }
}
