//! One live query: what it shows now, and who listens.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use alyx_query::{Predicate, Query, Visible};
use alyx_schema::{CollectionName, Document};
use alyx_store::{DocumentHistory, Snapshot, Window};
use bytes::Bytes;

use crate::{
    Result, cursor,
    delta::{self, Shown},
    key,
    listener::{Listener, Mailbox},
};

/// A query, and what its asker may see.
#[derive(Clone)]
pub struct Question {
    query: Arc<Query>,
    visible: Arc<dyn Visible>,
    key: Arc<str>,
}

impl Question {
    /// A question; offset, cursor and `total` of the query are not looked at.
    #[must_use]
    pub fn new(mut query: Query, visible: Arc<dyn Visible>) -> Self {
        (query.offset, query.cursor, query.total) = (0, None, false);
        let key = key::of_question(&query, &*visible).into();
        Self { query: Arc::new(query), visible, key }
    }

    /// What is asked.
    #[must_use]
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The same for questions that always have the same answers.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn visible(&self) -> &dyn Visible {
        &*self.visible
    }

    /// What a document must meet to be an answer.
    fn predicate(&self) -> Predicate {
        let readable = self.visible.readable(&self.query.collection).into_owned();
        Predicate::all(vec![self.query.predicate.clone(), readable])
    }
}

/// A question that is kept answered.
pub(crate) struct LiveQuery {
    pub(crate) question: Question,
    /// What a document must meet, the caller's rights included.
    pub(crate) predicate: Predicate,
    is_local: bool,
    /// Collections that matter besides its own.
    pub(crate) others: BTreeSet<CollectionName>,
    pub(crate) listeners: Vec<Listener>,
    shown: Vec<Shown>,
    total: u64,
    /// Where in the feed all of this is so.
    position: i64,
}

impl LiveQuery {
    /// Reads what it shows.
    pub(crate) async fn begin(
        question: Question,
        snapshot: &mut Snapshot,
        hasher: &RandomState,
    ) -> Result<(Self, Bytes)> {
        let predicate = question.predicate();
        let mut query = Self {
            is_local: predicate.is_local(),
            predicate,
            others: key::others(&question.query, &*question.visible),
            question,
            listeners: Vec::new(),
            shown: Vec::new(),
            total: 0,
            position: snapshot.position(),
        };
        let window = query.read(snapshot, true).await?;
        query.shown = query.show(&window, hasher);
        query.total = window.total.unwrap_or_default();
        let bytes = query.snapshot_of(&window);
        Ok((query, bytes))
    }

    /// What somebody is told who joins now; the query must be up to date with the snapshot.
    pub(crate) async fn joined(&self, snapshot: &mut Snapshot) -> Result<Bytes> {
        let window = self.read(snapshot, false).await?;
        Ok(self.snapshot_of(&window))
    }

    pub(crate) fn has_listener(&self, mailbox: &Mailbox, subscription: u64) -> bool {
        self.listeners.iter().any(|listener| listener.is(mailbox, subscription))
    }

    /// What it shows, and how many match.
    pub(crate) fn state(&self) -> (Vec<Shown>, u64) {
        (self.shown.clone(), self.total)
    }

    /// What somebody is told who had this of another query; `None` where it is the same.
    pub(crate) async fn difference_from(
        &self,
        (shown, total): &(Vec<Shown>, u64),
        snapshot: &mut Snapshot,
    ) -> Result<Option<Bytes>> {
        let window = self.read(snapshot, false).await?;
        let (old, new) = ((shown.as_slice(), *total), (self.shown.as_slice(), self.total));
        Ok(delta::write(old, new, &window.documents, &self.cursor()))
    }

    fn snapshot_of(&self, window: &Window) -> Bytes {
        delta::write_snapshot(&window.documents, self.total, &self.cursor())
    }

    pub(crate) fn cursor(&self) -> String {
        cursor::encode(self.position, &self.question.key)
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    async fn read(&self, snapshot: &mut Snapshot, count: bool) -> Result<Window> {
        Ok(snapshot.window(&self.question.query, &*self.question.visible, count).await?)
    }

    fn show(&self, window: &Window, hasher: &RandomState) -> Vec<Shown> {
        let primary = self.question.query.collection.primary_field().name.as_str();
        let shown = |document: &Vec<u8>| Shown {
            key: key::of_document(document, primary).into(),
            hash: hasher.hash_one(document),
        };
        window.documents.iter().map(shown).collect()
    }

    /// How the total changes through what happened to documents of its own collection; `None` where none of it
    /// matters. Only for a query that looks at nothing else.
    pub(crate) fn difference(&self, histories: &[DocumentHistory], until: i64) -> Option<i64> {
        if !self.is_local {
            return Some(0);
        }
        let mut touched = false;
        let mut difference = 0;
        for history in histories {
            let (before, after) = (self.has(history.at(self.position)), self.has(history.at(until)));
            touched |= before || after;
            difference += i64::from(after) - i64::from(before);
        }
        touched.then_some(difference)
    }

    fn has(&self, document: Option<&Document>) -> bool {
        document.is_some_and(|document| self.predicate.matches(document))
    }

    /// Comes to the snapshot's moment and tells everybody. `difference` is that of the total, where it is known.
    pub(crate) async fn advance(
        &mut self,
        snapshot: &mut Snapshot,
        difference: Option<i64>,
        hasher: &RandomState,
    ) -> Result<()> {
        let known =
            difference.filter(|_| self.is_local).and_then(|difference| self.total.checked_add_signed(difference));
        let window = self.read(snapshot, known.is_none()).await?;
        let (shown, total) = (self.show(&window, hasher), known.or(window.total).unwrap_or_default());
        self.position = snapshot.position();
        let written = delta::write((&self.shown, self.total), (&shown, total), &window.documents, &self.cursor());
        (self.shown, self.total) = (shown, total);
        if let Some(body) = written {
            self.listeners.retain(|listener| listener.tell(&body));
        }
        Ok(())
    }
}
