//! Several reads of one moment: what is live is read here, so that everything it shows is of one commit.

use std::collections::BTreeMap;

use alyx_query::{FieldRef, Query, Visible};
use alyx_schema::{Collection, CollectionName};
use sqlx::sqlite::SqliteRow;

use super::{Store, page, read::is_never};
use crate::{
    Error, Result, connection,
    counts::{self, DocumentHistory},
    readers::Held,
    sql::{self, DocumentView, ListParts, Past, Search, Sql},
};

/// Begins, and reads the place of the newest change and what happened since a position.
const BEGIN: &str = r#"BEGIN;SELECT coalesce(c."id",0),concat(s."hash",' ',c."timestamp",' ',c."doc_id"),
(SELECT min("id") FROM "_alyx_changes"),
(SELECT json_group_object(name,number) FROM (SELECT "collection" AS name,count(*) AS number FROM "_alyx_changes" WHERE "id" > ? GROUP BY 1))
FROM (SELECT max("id") AS newest FROM "_alyx_changes") LEFT JOIN "_alyx_changes" AS c ON c."id" = newest
LEFT JOIN "_alyx_schema" AS s ON s."id" = 1"#;

/// The place of one change.
const CHANGE: &str = r#"SELECT c."id",concat(s."hash",' ',c."timestamp",' ',c."doc_id")
FROM "_alyx_changes" AS c LEFT JOIN "_alyx_schema" AS s ON s."id" = 1 WHERE c."id" = ?"#;

/// The place before any change.
const NO_CHANGE: &str = r#"SELECT 0,concat((SELECT "hash" FROM "_alyx_schema" WHERE "id" = 1),'  ')"#;

/// A moment of the database.
pub struct Snapshot {
    pub(super) held: Held,
    pub(super) store: Store,
    place: Place,
    /// What happened since a position.
    news: (i64, News),
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

/// A place in the feed of this database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The position of the last change.
    pub position: i64,
    /// Differs where the position is the same but the database was restored in between, or the schema is another.
    pub mark: Box<str>,
}

impl Place {
    /// Reads columns id and mark.
    fn of(row: &SqliteRow) -> Self {
        let position = connection::integer(row, 0).unwrap_or_default();
        Self { position, mark: connection::text(row, 1).unwrap_or_default().into() }
    }
}

impl Store {
    /// Begins to read what is there now; other reads and all writes go on meanwhile. It knows already what happened
    /// since `after`.
    ///
    /// # Errors
    /// The store is closed, or the database does not answer.
    pub async fn snapshot_after(&self, after: i64) -> Result<Snapshot> {
        // It is of what is committed: whoever looks from inside of a transaction would see neither.
        let committed = Self { session: None, ..self.clone() };
        let (held, row) = self.readers().hold(begin(after)).await?;
        let (place, news) = begun(row.as_ref(), after);
        Ok(Snapshot { held, store: committed, place, news: (after, news) })
    }

    /// The same for who asks for no news.
    ///
    /// # Errors
    /// The store is closed, or the database does not answer.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        self.snapshot_after(i64::MAX).await
    }
}

fn begin(after: i64) -> Sql {
    Sql::fixed(BEGIN, vec![after.into()])
}

/// Reads the columns of [`BEGIN`].
fn begun(row: Option<&SqliteRow>, after: i64) -> (Place, News) {
    let Some(row) = row else { return Default::default() };
    let place = Place::of(row);
    let first = connection::integer(row, 2).unwrap_or(i64::MAX);
    let told: BTreeMap<String, u64> =
        connection::text(row, 3).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let is_whole = after >= place.position || first <= after + 1;
    let collections = told.into_iter().map(|(name, count)| (CollectionName::new(&name), count));
    (place, News { collections: collections.collect(), is_whole })
}

impl Snapshot {
    /// The last position of the feed at this moment.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.place.position
    }

    /// Where in the feed this moment is.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The place of an earlier position, if the feed still has it.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn place_at(&mut self, position: i64) -> Result<Option<Place>> {
        if position == 0 {
            let row = self.held.one(Sql::fixed(NO_CHANGE, Vec::new())).await?;
            return Ok(row.map(|row| Place::of(&row)));
        }
        let row = self.held.one(Sql::fixed(CHANGE, vec![position.into()])).await?;
        Ok(row.map(|row| Place::of(&row)))
    }

    /// What happened after a position and not after another.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn news(&mut self, after: i64, until: i64) -> Result<News> {
        if after == self.news.0 && until == self.position() {
            return Ok(self.news.1.clone());
        }
        let mut sql = Sql::new();
        sql.push(r#"SELECT "collection",count(*),(SELECT min("id") FROM "_alyx_changes") FROM "_alyx_changes" WHERE "id" > "#);
        sql.bind(after).push(r#" AND "id" <= "#).bind(until).push(r#" GROUP BY "collection""#);
        let rows = self.held.all(sql).await?;
        // Where nothing is left of that time, it was trimmed.
        let first = rows.first().map_or(Some(i64::MAX), |row| connection::integer(row, 2)).unwrap_or_default();
        let collections = rows.iter().map(|row| {
            let count = connection::integer(row, 1).and_then(|count| u64::try_from(count).ok()).unwrap_or_default();
            (CollectionName::new(connection::text(row, 0).unwrap_or_default()), count)
        });
        Ok(News { collections: collections.collect(), is_whole: after >= until || first <= after + 1 })
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
        self.read_window(query, visible, (count, None)).await
    }

    pub(super) async fn read_window(
        &mut self,
        query: &Query,
        visible: &dyn Visible,
        (total, past): (bool, Option<&Past>),
    ) -> Result<Window> {
        let readable = visible.readable(&query.collection).given(&query.predicate);
        if is_never(&readable) || is_never(&query.predicate) {
            return Ok(Window { documents: Vec::new(), total: total.then_some(0) });
        }
        let search = match past {
            Some(_) => Search::Many,
            None => self.store.search_on(&mut self.held, query, &readable).await?,
        };
        let view = DocumentView { fields: query.fields.as_deref(), expand: &query.expand, visible };
        let marked = sql::has_markers(&query.collection, &view);
        let sql = sql::list(&ListParts { query, readable: &readable, view, search, position: false, total, past });
        let row = self.held.one(sql).await?.expect("a select without FROM has one row");
        let documents = page::documents(connection::borrowed(&row, 0), query.limit, marked);
        let total = connection::integer(&row, 2).and_then(|total| u64::try_from(total).ok());
        Ok(Window { documents, total })
    }

    /// Comes to what is there now.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn renew(&mut self) -> Result<()> {
        self.held.commit().await?;
        let after = self.news.0;
        let row = self.held.one(begin(after)).await?;
        let (place, news) = begun(row.as_ref(), after);
        (self.place, self.news) = (place, (after, news));
        Ok(())
    }

    /// Ends it. One that is dropped ends later, by itself.
    pub async fn end(self) {
        self.held.end().await;
    }
}
