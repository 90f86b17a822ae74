//! The tests that statements may ask for, by number.

use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use crate::SqlValue;

/// A test of some values of a row.
pub trait RowTest: Send + Sync {
    /// Whether the row passes; `None` is neither, SQL's null.
    fn test(&self, values: &[SqlValue<'_>]) -> Option<bool>;
}

static KEPT: LazyLock<RwLock<HashMap<i64, Arc<dyn RowTest>>>> = LazyLock::new(RwLock::default);
static NEXT: AtomicI64 = AtomicI64::new(1);

/// A test that statements can ask for until this is dropped.
#[derive(Debug, PartialEq, Eq)]
pub struct Kept(i64);

/// Keeps a test under a number of its own.
#[must_use]
pub fn keep(test: Arc<dyn RowTest>) -> Kept {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    KEPT.write().unwrap_or_else(PoisonError::into_inner).insert(number, test);
    Kept(number)
}

impl Kept {
    /// The number to bind as the function's first argument.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.0
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        KEPT.write().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

pub(crate) fn find(number: i64) -> Option<Arc<dyn RowTest>> {
    KEPT.read().unwrap_or_else(PoisonError::into_inner).get(&number).cloned()
}
