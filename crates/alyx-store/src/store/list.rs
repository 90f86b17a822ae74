//! Reading a page of documents.

use alyx_query::{Predicate, Query, Visible};
use sqlx::sqlite::SqliteRow;

use super::{List, Store, page::Page, read::is_never};
use crate::{
    Error, Result, connection,
    counts::{self, Delta, Known},
    sql::{self, DocumentView, ListParts, Search},
};

impl Store {
    /// Documents that match the query and that the caller may read, with total and next page, from one snapshot.
    pub async fn list(&self, query: &Query, visible: &dyn Visible) -> Result<List> {
        let readable = visible.readable(&query.collection).given(&query.predicate);
        if is_never(&readable) || is_never(&query.predicate) {
            return Ok(List { docs: b"[]".to_vec(), total: query.total.then_some(0), next_cursor: None });
        }
        self.note(|reads| {
            reads.add_collection(&query.collection.name);
            reads.add_predicate(&query.predicate);
            reads.add_view(&query.collection, &query.expand, visible);
        });
        let asked = Asked { query, readable: &readable, visible, search: self.search(query, &readable).await? };
        if !query.total {
            let row = self.read_page(&asked, Counting::No).await?;
            return Ok(list_of(&row, query, visible, None));
        }
        let key = counts::key(query, &readable);
        let latest = *self.inner.queue.commits().borrow();
        // What is kept speaks of what is committed, and of other moments.
        let known = self.inner.counts.get(&key).filter(|known| !self.is_in_transaction() && known.is_worth_it(latest));
        if let Some(known) = known {
            let row = self.read_page(&asked, Counting::Position).await?;
            let position = connection::integer(&row, 1).unwrap_or_default();
            if let Some(total) = self.bring_forward(&key, known, (query, &readable), position).await? {
                self.inner.counts.note_reuse();
                return Ok(list_of(&row, query, visible, Some(total)));
            }
        }
        let row = self.read_page(&asked, Counting::Total).await?;
        let position = connection::integer(&row, 1).unwrap_or_default();
        let count = connection::integer(&row, 2).and_then(|count| u64::try_from(count).ok()).unwrap_or_default();
        if !self.is_in_transaction() {
            self.inner.counts.keep(key, Known { count, position });
        }
        Ok(list_of(&row, query, visible, Some(count)))
    }

    async fn read_page(&self, asked: &Asked<'_>, counting: Counting) -> Result<SqliteRow> {
        let Asked { query, readable, visible, search } = *asked;
        let view = DocumentView { fields: query.fields.as_deref(), expand: &query.expand, visible };
        let (position, total) = (counting != Counting::No, counting == Counting::Total);
        let sql = sql::list(&ListParts { query, readable, view, search, position, total, past: None });
        let row = self.one(sql.text, sql.binds).await?;
        Ok(row.expect("a select without FROM has one row"))
    }

    /// The exact count at a position that is not before the known one; `None` where it must be counted.
    async fn bring_forward(
        &self,
        key: &str,
        known: Known,
        (query, readable): (&Query, &Predicate),
        position: i64,
    ) -> Result<Option<u64>> {
        if position == known.position {
            return Ok(Some(known.count));
        }
        if !known.is_worth_it(position) {
            return Ok(None);
        }
        if !readable.is_local() {
            return self.unless_changed(key, known, (query, readable)).await;
        }
        let collection = &*query.collection;
        let predicates = [&query.predicate, readable];
        let fields = counts::looked_at(collection, &predicates);
        let sql = counts::changes_since(collection, &fields, known.position);
        let row = match self.one(sql.text, sql.binds).await {
            Ok(Some(row)) => row,
            // Counting needs no room for what changed.
            Ok(None) | Err(Error::AnswerTooLarge) => return Ok(None),
            Err(error) => return Err(error),
        };
        let first = connection::integer(&row, 0).unwrap_or(i64::MAX);
        let last = connection::integer(&row, 1).unwrap_or_default();
        if first > known.position + 1 {
            // What happened in between has been trimmed.
            return Ok(None);
        }
        let delta = Delta::of((collection, &fields), &predicates, connection::borrowed(&row, 2), position);
        let Some(delta) = delta else { return Ok(None) };
        if let Some(count) = known.count.checked_add_signed(delta.whole) {
            self.inner.counts.keep(key.to_owned(), Known { count, position: last });
        }
        Ok(known.count.checked_add_signed(delta.until))
    }
}

impl Store {
    /// The known count, unless a document changed that the predicates look at. What a change elsewhere
    /// means for this collection only the database can say.
    async fn unless_changed(
        &self,
        key: &str,
        known: Known,
        (query, readable): (&Query, &Predicate),
    ) -> Result<Option<u64>> {
        let mut collections = readable.others();
        collections.push(&query.collection.name);
        let sql = counts::any_change_since(&collections, known.position);
        let Some(row) = self.one(sql.text, sql.binds).await? else { return Ok(None) };
        let first = connection::integer(&row, 0).unwrap_or(i64::MAX);
        let last = connection::integer(&row, 1).unwrap_or_default();
        if first > known.position + 1 || connection::integer(&row, 2) != Some(0) {
            return Ok(None);
        }
        self.inner.counts.keep(key.to_owned(), Known { count: known.count, position: last });
        Ok(Some(known.count))
    }
}

/// A list query with what its caller may see.
#[derive(Clone, Copy)]
struct Asked<'a> {
    query: &'a Query,
    readable: &'a Predicate,
    visible: &'a dyn Visible,
    search: Search,
}

/// What is read besides the documents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counting {
    No,
    Position,
    Total,
}

fn list_of(row: &SqliteRow, query: &Query, visible: &dyn Visible, total: Option<u64>) -> List {
    let view = DocumentView { fields: query.fields.as_deref(), expand: &query.expand, visible };
    let keys = (!sql::shows_keys(query, &view)).then(|| connection::borrowed(row, 3));
    let marked = sql::has_markers(&query.collection, &view);
    let page = Page::read(connection::borrowed(row, 0), keys, query, marked);
    List { docs: page.docs, total, next_cursor: page.next }
}
