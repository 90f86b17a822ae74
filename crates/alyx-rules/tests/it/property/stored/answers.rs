//! Reads one caller's documents out of the database, and compares each answer with what is expected.

use std::sync::Arc;

use alyx_query::{Projection, Query, check_expand};
use alyx_rules::Identity;
use alyx_schema::{Collection, Document, Value};
use alyx_store::List;
use serde_json::Value as Json;

use super::{
    database::StoredSample,
    expected::{Verdicts, key},
    listing::{Listing, compare},
    sheet::{PLACES, Sheet},
    tally::Tally,
    view::View,
};
use crate::property::{choices::Choices, documents::Sample};

/// One caller with everything that the answers depend on.
pub(super) struct Asked<'a> {
    pub(super) stored: &'a StoredSample,
    pub(super) sheet: &'a Sheet,
    pub(super) sample: &'a Sample,
    pub(super) caller: Option<&'a Identity>,
    pub(super) view: &'a View<'a>,
    pub(super) verdicts: &'a Verdicts<'a>,
}

pub(super) fn parsed(json: &[u8]) -> Json {
    serde_json::from_slice(json).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(json)))
}

fn documents_of(list: &List) -> Vec<Json> {
    let Json::Array(documents) = parsed(&list.docs) else { panic!("a list is an array") };
    documents
}

impl Asked<'_> {
    /// What a failure tells.
    pub(super) fn told(&self, what: &str) -> String {
        let mut told = format!("{what}\ncaller: {:?}\n{}", self.caller, self.sheet.told());
        told.push_str(&format!("request: {:?}\n", self.sample.request));
        for name in ["posts", "users", "teams", "memberships"] {
            for document in self.sample.documents(name) {
                told.push_str(&format!("{name}: {:?}\n", document.values));
            }
        }
        told
    }

    /// Lists of several collections.
    pub(super) async fn lists(&self, choices: &mut Choices<'_>, tally: &mut Tally) {
        for collection in ["posts", "posts", "users", "memberships"] {
            self.list(&Listing::new(collection, choices), tally).await;
        }
    }

    async fn list(&self, listing: &Listing, tally: &mut Tally) {
        let query = self.query(listing, &[]);
        let collection = &*query.collection;
        let documents = self.sample.documents(listing.collection).iter();
        if query.check_readable(self.view).is_err() {
            tally.queries_refused += 1;
            return self.is_rightly_refused(listing);
        }
        for field in listing.deciding() {
            let mut documents = documents.clone();
            let sees = documents.all(|document| self.verdicts.may_see(collection, field, document));
            assert!(sees, "{}", self.told(&format!("{field} decides and is hidden: {listing:?}")));
        }
        let shown = documents.filter(|document| self.verdicts.may_read(collection, document));
        let mut shown: Vec<&Document> = shown.filter(|document| listing.holds(collection, document)).collect();
        shown.sort_by(|left, right| compare(&query, left, right));
        let expected: Vec<Json> =
            shown.iter().map(|document| self.verdicts.json(collection, document, &query.expand)).collect();
        tally.lists += 1;
        tally.listed += expected.len() as u64;
        self.whole(listing, &expected).await;
        self.pages(listing, &expected, tally).await;
    }

    /// Nothing is refused but for a field that has a rule, and one that not all see.
    fn is_rightly_refused(&self, listing: &Listing) {
        let ruled = |field: &&str| PLACES.contains(&(listing.collection, Some(*field)));
        assert!(listing.deciding().iter().any(ruled), "{}", self.told(&format!("refused: {listing:?}")));
    }

    fn query(&self, listing: &Listing, more: &[(&str, String)]) -> Query {
        let mut pairs = listing.parameters();
        pairs.extend(more.iter().map(|(name, text)| ((*name).to_owned(), text.clone())));
        let collection = Arc::clone(self.stored.collection(listing.collection));
        let query = Query::from_parameters(&self.stored.schema, collection, &pairs);
        query.unwrap_or_else(|faults| panic!("{pairs:?}: {faults:?}"))
    }

    async fn answer(&self, listing: &Listing, more: &[(&str, String)]) -> List {
        let query = self.query(listing, more);
        let list = self.stored.store.list(&query, self.view).await;
        list.unwrap_or_else(|error| panic!("{error:?} {}", self.told(&format!("{listing:?}"))))
    }

    /// All at once, and without a total, and a part.
    async fn whole(&self, listing: &Listing, expected: &[Json]) {
        let total = Some(expected.len() as u64);
        let list = self.answer(listing, &[]).await;
        assert_eq!(documents_of(&list), expected, "{}", self.told(&format!("{listing:?}")));
        assert_eq!(list.total, total, "{}", self.told(&format!("total of {listing:?}")));
        let list = self.answer(listing, &[("total", "false".to_owned())]).await;
        assert_eq!(documents_of(&list), expected, "{}", self.told(&format!("no total: {listing:?}")));
        assert_eq!(list.total, None);
        let list = self.answer(listing, &[("limit", "3".to_owned()), ("offset", "1".to_owned())]).await;
        let part: Vec<Json> = expected.iter().skip(1).take(3).cloned().collect();
        assert_eq!(documents_of(&list), part, "{}", self.told(&format!("from the second on: {listing:?}")));
        assert_eq!(list.total, total, "{}", self.told(&format!("total of a part: {listing:?}")));
    }

    /// Page by page, as the cursors lead.
    async fn pages(&self, listing: &Listing, expected: &[Json], tally: &mut Tally) {
        let limit = ("limit", "2".to_owned());
        let mut pages = expected.chunks(2).peekable();
        let mut cursor = None;
        loop {
            let more: Vec<_> = [limit.clone()].into_iter().chain(cursor.map(|text| ("cursor", text))).collect();
            let list = self.answer(listing, &more).await;
            let page = pages.next().unwrap_or_default();
            assert_eq!(documents_of(&list), page, "{}", self.told(&format!("{more:?} of {listing:?}")));
            assert_eq!(list.total, Some(expected.len() as u64), "{}", self.told(&format!("{more:?} of {listing:?}")));
            assert_eq!(list.next_cursor.is_some(), pages.peek().is_some(), "{}", self.told(&format!("{listing:?}")));
            tally.pages += 1;
            let query = self.query(listing, &more);
            match list.next_cursor {
                Some(next) => cursor = Some(next.encode(&query.collection, &query.sort)),
                None => break,
            }
        }
    }

    /// Every document alone, one that is not there besides.
    pub(super) async fn documents(&self, choices: &mut Choices<'_>, tally: &mut Tally) {
        for name in ["posts", "users", "teams"] {
            let expand = match name {
                "posts" => choices.of(&["author.team,team", "", "parent.parent"]),
                "users" => choices.of(&["", "posts_via_author_id"]),
                _ => "",
            };
            let collection = Arc::clone(self.stored.collection(name));
            for document in self.sample.documents(name) {
                self.get(&collection, document, expand, tally).await;
            }
            let absent = Value::Text("absent".to_owned());
            let found = self.stored.store.get(&collection, &absent, &Projection::default(), self.view).await;
            assert_eq!(found.expect("it can be asked"), None, "there is no such document");
        }
    }

    async fn get(&self, collection: &Arc<Collection>, document: &Document, expand: &str, tally: &mut Tally) {
        let pairs: Vec<_> = Some(("expand".to_owned(), expand.to_owned())).into_iter().collect();
        let pairs = if expand.is_empty() { &[][..] } else { &pairs };
        let projection = Projection::from_parameters(&self.stored.schema, collection, pairs).expect("it is one");
        check_expand(collection, &projection.expand, self.view).expect("no foreign key is hidden");
        let id = &document.values[collection.primary];
        let found = self.stored.store.get(collection, id, &projection, self.view).await;
        let found = found.unwrap_or_else(|error| panic!("{error:?} {}", self.told("a document")));
        let expected = self.verdicts.may_read(collection, document);
        let expected = expected.then(|| self.verdicts.json(collection, document, &projection.expand));
        let what = format!("{} of {} with {expand:?}", key(collection, document), collection.name);
        tally.note_answer(collection, document, expected.as_ref(), &projection.expand);
        assert_eq!(found.map(|json| parsed(&json)), expected, "{}", self.told(&what));
    }
}
