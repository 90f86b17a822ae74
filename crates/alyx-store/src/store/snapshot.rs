//! Several reads of one moment: what is live is read here, so that everything it shows is of one commit.

use alyx_query::{FieldRef, Query, Visible};
use alyx_schema::{Collection, CollectionName};

use super::{Store, page, read::is_never};
use crate::{
    Error, Result, connection,
    counts::{self, DocumentHistory},
    readers::Held,
    sql::{self, DocumentView, FEED_POSITION, ListParts, Sql},
};

/// A moment of the database.
pub struct Snapshot {
    held: Held,
    store: Store,
    position: i64,
}

/// The documents that a query shows, in order.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// Each as JSON text.
    pub documents: Vec<Vec<u8>>,
    /// How many match in all, where it was counted.
    pub total: Option<u64>,
}

/// What the feed says happened since a position.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// The collections that changed, with how often.
    pub collections: Vec<(CollectionName, u64)>,
    /// Whether the feed reaches back so far.
    pub is_whole: bool,
}

impl Store {
    /// Begins to read what is there now; other reads and all writes go on meanwhile.
    ///
    /// # Errors
    /// The store is closed, or the database does not answer.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        let mut held = self.readers().hold().await?;
        let mut sql = Sql::new();
        sql.push(FEED_POSITION);
        let row = held.one(sql).await?;
        let position = row.and_then(|row| connection::integer(&row, 0)).unwrap_or_default();
        Ok(Snapshot { held, store: self.clone(), position })
    }
}

impl Snapshot {
    /// The last position of the feed at this moment.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.position
    }

    /// What happened after a position.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn news(&mut self, after: i64) -> Result<News> {
        let mut sql = Sql::new();
        sql.push(r#"SELECT "collection",count(*),(SELECT min("id") FROM "_alyx_changes") FROM "_alyx_changes" WHERE "id" > "#);
        sql.bind(after).push(r#" GROUP BY "collection""#);
        let rows = self.held.all(sql).await?;
        let first = rows.first().and_then(|row| connection::integer(row, 2)).unwrap_or_default();
        let collections = rows.iter().map(|row| {
            let count = connection::integer(row, 1).and_then(|count| u64::try_from(count).ok()).unwrap_or_default();
            (CollectionName::new(connection::text(row, 0).unwrap_or_default()), count)
        });
        Ok(News { collections: collections.collect(), is_whole: first <= after + 1 })
    }

    /// The documents of a collection that changed after a position, and what they were; `None` where the feed does
    /// not explain what is there.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn histories(&mut self, collection: &Collection, after: i64) -> Result<Option<Vec<DocumentHistory>>> {
        let fields: Vec<FieldRef> = (0..collection.fields.len()).map(|index| FieldRef::at(collection, index)).collect();
        match self.held.one(counts::changes_since(collection, &fields, after)).await {
            Ok(row) => Ok(row.and_then(|row| counts::histories((collection, &fields), connection::borrowed(&row, 2)))),
            Err(Error::AnswerTooLarge) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What a query shows, and with `count` how many match in all.
    ///
    /// # Errors
    /// The database does not answer, or not in time.
    pub async fn window(&mut self, query: &Query, visible: &dyn Visible, count: bool) -> Result<Window> {
        let readable = visible.readable(&query.collection).given(&query.predicate);
        if is_never(&readable) || is_never(&query.predicate) {
            return Ok(Window { documents: Vec::new(), total: count.then_some(0) });
        }
        let search = self.store.search(query, &readable).await?;
        let view = DocumentView { fields: query.fields.as_deref(), expand: &query.expand, visible };
        let marked = sql::has_markers(&query.collection, &view);
        let sql = sql::list(&ListParts { query, readable: &readable, view, search, position: false, total: count });
        let row = self.held.one(sql).await?.expect("a select without FROM has one row");
        let documents = page::documents(connection::borrowed(&row, 0), query.limit, marked);
        let total = connection::integer(&row, 2).and_then(|total| u64::try_from(total).ok());
        Ok(Window { documents, total })
    }

    /// Ends it. One that is dropped ends later, by itself.
    pub async fn end(self) {
        self.held.end().await;
    }
}
