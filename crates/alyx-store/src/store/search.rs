//! How documents are looked for whose rule asks other documents.
//!
//! Where few match, they are reached from what the caller has to do with; where many match, they are
//! asked in the order of the list until the page is full. The two differ by a factor of hundreds, and
//! SQLite has no figures to choose by, so a bounded look is taken now and then and remembered.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use alyx_query::{Predicate, Query};

use sqlx::sqlite::SqliteRow;

use super::Store;
use crate::{
    Result, connection, counts,
    readers::Held,
    sql::{self, Search},
};

/// From here on there are many.
const MANY: u64 = 2_000;
/// Searches remembered; beyond that all are forgotten.
const REMEMBERED: usize = 10_000;
/// Changes after which a look is taken again.
const GOOD_FOR: i64 = 5_000;

/// What was seen when a look was taken.
#[derive(Debug, Default)]
pub(super) struct Searches(Mutex<HashMap<String, Seen>>);

#[derive(Clone, Copy, Debug)]
struct Seen {
    search: Search,
    /// The feed's position then.
    position: i64,
}

impl Searches {
    fn get(&self, key: &str, latest: i64) -> Option<Search> {
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key)?;
        (latest - seen.position < GOOD_FOR).then_some(seen.search)
    }

    fn keep(&self, key: String, seen: Seen) {
        let mut searches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if searches.len() >= REMEMBERED {
            searches.clear();
        }
        searches.insert(key, seen);
    }
}

impl Store {
    /// How the page of a query is looked for.
    pub(super) async fn search(&self, query: &Query, readable: &Predicate) -> Result<Search> {
        let (key, position) = match self.known_search(query, readable) {
            Ok(search) => return Ok(search),
            Err(unknown) => unknown,
        };
        let sql = sql::probe(query, readable, MANY);
        let row = self.one(sql.text, sql.binds).await?;
        Ok(self.keep_search((key, position), row.as_ref()))
    }

    /// The same on a connection that is already held: whoever waits for a second one may wait for ever.
    pub(super) async fn search_on(&self, held: &mut Held, query: &Query, readable: &Predicate) -> Result<Search> {
        let (key, position) = match self.known_search(query, readable) {
            Ok(search) => return Ok(search),
            Err(unknown) => unknown,
        };
        let row = held.one(sql::probe(query, readable, MANY)).await?;
        Ok(self.keep_search((key, position), row.as_ref()))
    }

    /// What is known without a look, or else the key under which it is to be kept, and the position.
    fn known_search(&self, query: &Query, readable: &Predicate) -> std::result::Result<Search, (String, i64)> {
        if readable.is_local() || sql::has_telling_equality(&query.collection, &[&query.predicate]) {
            return Ok(Search::Many);
        }
        let key = counts::key(query, readable);
        let position = *self.inner.queue.commits().borrow();
        self.inner.searches.get(&key, position).ok_or((key, position))
    }

    fn keep_search(&self, (key, position): (String, i64), row: Option<&SqliteRow>) -> Search {
        let count = row.and_then(|row| connection::integer(row, 0)).unwrap_or_default();
        let is_many = u64::try_from(count).unwrap_or_default() >= MANY;
        let search = if is_many { Search::Many } else { Search::Few };
        self.inner.searches.keep(key, Seen { search, position });
        search
    }
}
