//! One live query: what it shows now, and who listens.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use alyx_query::{Predicate, Query, Visible};
use alyx_schema::{CollectionName, Document};
use alyx_store::{DocumentHistory, Past, Place, Snapshot, Window};
use bytes::Bytes;

use crate::{
    Result,
    changed::Changed,
    cursor::Cursor,
    delta,
    follow::{follow, matches_at},
    key,
    listener::Listener,
    moment::Moment,
    rank::Ranking,
    state::{Shown, State},
};

/// A query, and what its asker may see.
#[derive(Clone)]
pub struct Question {
    query: Arc<Query>,
    visible: Arc<dyn Visible>,
    key: Arc<str>,
    ranking: Arc<Ranking>,
    likeness: Option<Arc<str>>,
}

impl Question {
    /// A question; offset, cursor and `total` of the query are not looked at.
    #[must_use]
    pub fn new(mut query: Query, visible: Arc<dyn Visible>) -> Self {
        (query.offset, query.cursor, query.total) = (0, None, false);
        let key = key::of_question(&query, &*visible).into();
        let ranking = Arc::new(Ranking::of(&query));
        let likeness = ranking.is_whole.then(|| key::of_likeness(&query)).flatten().map(Arc::from);
        Self { query: Arc::new(query), visible, key, ranking, likeness }
    }

    pub(crate) fn shared_key(&self) -> Arc<str> {
        self.key.clone()
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

    /// The same for questions that show a document alike, whoever asks; only where a document's place in the order is
    /// told by what is shown of it.
    pub(crate) fn likeness(&self) -> Option<&Arc<str>> {
        self.likeness.as_ref()
    }

    pub(crate) fn ranking(&self) -> &Ranking {
        &self.ranking
    }

    /// Collections whose documents matter besides those that are asked for.
    pub(crate) fn others(&self) -> BTreeSet<CollectionName> {
        key::others(&self.query, &*self.visible)
    }

    pub(crate) async fn read(&self, snapshot: &mut Snapshot, count: bool) -> Result<Window> {
        Ok(snapshot.window(&self.query, &*self.visible, count).await?)
    }

    /// What it showed at an earlier moment.
    pub(crate) async fn read_past(&self, snapshot: &mut Snapshot, past: &Past, count: bool) -> Result<Window> {
        Ok(snapshot.window_of(past, &self.query, &*self.visible, count).await?)
    }

    pub(crate) fn show(&self, window: &Window, hasher: &RandomState) -> Arc<[Shown]> {
        let shown = |document: &Vec<u8>| Shown { rank: self.ranking.rank(document), hash: hasher.hash_one(document) };
        window.documents.iter().map(shown).collect()
    }

    /// What a document must meet to be an answer.
    pub(crate) fn predicate(&self) -> Predicate {
        Predicate::all(vec![self.query.predicate.clone(), key::readable(&self.query, &*self.visible)])
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
    state: State,
}

impl LiveQuery {
    /// Reads what it shows.
    pub(crate) async fn begin(
        question: Question,
        snapshot: &mut Snapshot,
        hasher: &RandomState,
    ) -> Result<(Self, Window)> {
        let predicate = question.predicate();
        let window = question.read(snapshot, true).await?;
        let state = State {
            shown: question.show(&window, hasher),
            total: window.total.unwrap_or_default(),
            cursor: Cursor::new(snapshot.place(), question.key()),
        };
        let (is_local, others) = (predicate.is_local(), question.others());
        Ok((Self { is_local, predicate, others, question, listeners: Vec::new(), state }, window))
    }

    pub(crate) fn has_listener(&self, listener: &Listener) -> bool {
        self.listeners.iter().any(|other| other.is(listener))
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Comes to a place up to which nothing that matters to it has happened.
    pub(crate) fn stand_at(&mut self, place: &Place) {
        self.state.cursor = Cursor::new(place, self.question.key());
    }

    /// Where in the feed it is.
    pub(crate) fn position(&self) -> i64 {
        self.state.cursor.position
    }

    /// How the total changes through what happened to documents of its own collection; `None` where none of it
    /// matters. Only for a query that looks at nothing else.
    pub(crate) fn difference(&self, histories: &[DocumentHistory], until: i64) -> Option<i64> {
        if !self.is_local {
            return Some(0);
        }
        let mut touched = false;
        let mut difference = 0;
        let from = self.position();
        for history in histories.iter().filter(|history| history.changed_between(from, until)) {
            let (before, after) = (self.has(history.at(from)), self.has(history.at(until)));
            touched |= before || after;
            difference += i64::from(after) - i64::from(before);
        }
        touched.then_some(difference)
    }

    fn has(&self, document: Option<&Document>) -> bool {
        document.is_some_and(|document| self.predicate.matches(document))
    }

    /// Comes to a moment and tells everybody. `difference` is that of the total, where it is known; `histories` is what
    /// happened to documents of its own collection.
    pub(crate) async fn advance(
        &mut self,
        moment: &mut Moment<'_>,
        (difference, histories): (Option<i64>, Option<&[DocumentHistory]>),
        hasher: &RandomState,
    ) -> Result<()> {
        let known =
            difference.filter(|_| self.is_local).and_then(|difference| self.state.total.checked_add_signed(difference));
        let followed = match known.zip(histories) {
            Some((total, histories)) if self.others.is_empty() => {
                self.follow(moment, (total, histories), hasher).await?
            }
            _ => None,
        };
        let written = match followed {
            Some((state, changed)) => {
                let written = delta::write(&self.state, &state, |place| changed.text(&state.shown[place]));
                self.state = state;
                written
            }
            None => self.read_again(moment, known, hasher).await?,
        };
        if let Some(body) = written {
            self.listeners.retain(|listener| listener.tell(&body));
        }
        Ok(())
    }

    /// What it shows now, told by the changes alone.
    async fn follow(
        &self,
        moment: &mut Moment<'_>,
        (total, histories): (u64, &[DocumentHistory]),
        hasher: &RandomState,
    ) -> Result<Option<(State, Arc<Changed>)>> {
        let Some(changed) = moment.changed(&self.question, histories, hasher).await? else { return Ok(None) };
        let limit = usize::try_from(self.question.query.limit).unwrap_or(usize::MAX);
        let matches = matches_at(histories, moment.place.position, |document| self.predicate.matches(document));
        let Some(shown) = follow(&self.state, &changed, (total, limit), matches) else { return Ok(None) };
        let cursor = Cursor::new(&moment.place, self.question.key());
        Ok(Some((State { shown: shown.into(), total, cursor }, changed)))
    }

    async fn read_again(
        &mut self,
        moment: &mut Moment<'_>,
        known: Option<u64>,
        hasher: &RandomState,
    ) -> Result<Option<Bytes>> {
        let window = moment.window(&self.question, known.is_none()).await?;
        let state = State {
            shown: self.question.show(&window, hasher),
            total: known.or(window.total).unwrap_or_default(),
            cursor: Cursor::new(&moment.place, self.question.key()),
        };
        let written = delta::write(&self.state, &state, |place| &window.documents[place]);
        self.state = state;
        Ok(written)
    }
}
