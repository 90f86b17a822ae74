//! Documents that a step has changed, read once for all queries that show them alike.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use alyx_query::{Everything, FieldRef, Predicate, Query};
use alyx_store::DocumentHistory;

use crate::{Result, live::Question, moment::Moment, state::Shown};

/// With more changes than this each query is read again.
const MOST: usize = 100;

/// The changed documents of a collection, as some queries show them.
pub(crate) struct Changed {
    /// Those that are there, in the order of the queries.
    pub(crate) documents: Vec<ChangedDocument>,
    /// The ids of all, those that are gone included.
    pub(crate) ids: HashSet<Vec<u8>>,
}

/// A document that was created or updated.
pub(crate) struct ChangedDocument {
    pub(crate) shown: Shown,
    /// What is shown of it, as JSON text.
    pub(crate) text: Vec<u8>,
    /// Its place among the histories.
    pub(crate) history: usize,
}

impl Changed {
    /// Reads what these queries show of the documents that changed until the moment; `None` where each is to be read
    /// by itself.
    pub(crate) async fn read(
        moment: &mut Moment<'_>,
        question: &Question,
        histories: &[DocumentHistory],
        hasher: &RandomState,
    ) -> Result<Option<Self>> {
        if histories.len() > MOST {
            return Ok(None);
        }
        let Some(places) = places(question, histories) else { return Ok(None) };
        let until = moment.place.position;
        let primary = question.query().collection.primary;
        let there = histories.iter().filter_map(|history| history.at(until));
        let values: Vec<_> = there.map(|document| document.values[primary].clone()).collect();
        let texts = if values.is_empty() {
            Vec::new()
        } else {
            let limit = u32::try_from(values.len()).unwrap_or(u32::MAX);
            let field = FieldRef::primary(&question.query().collection);
            let predicate = Predicate::In { field, values };
            let query = Query { predicate, limit, ..question.query().clone() };
            moment.window(&Question::new(query, Arc::new(Everything)), false).await?.documents
        };
        let documents = texts.into_iter().filter_map(|text| {
            let shown = Shown { rank: question.ranking().rank(&text), hash: hasher.hash_one(&text) };
            let history = *places.get(shown.rank.id())?;
            Some(ChangedDocument { shown, text, history })
        });
        let (documents, ids) = (documents.collect(), places.into_keys().collect());
        Ok(Some(Self { documents, ids }))
    }

    /// What is shown of a document that changed.
    pub(crate) fn text(&self, shown: &Shown) -> &[u8] {
        let found = self.documents.iter().find(|document| document.shown.rank == shown.rank);
        found.map(|document| document.text.as_slice()).unwrap_or_default()
    }
}

/// Where the history of each document is; `None` where one has changed its key.
fn places(question: &Question, histories: &[DocumentHistory]) -> Option<HashMap<Vec<u8>, usize>> {
    let primary = question.query().collection.primary;
    let mut places = HashMap::with_capacity(histories.len());
    for (place, history) in histories.iter().enumerate() {
        let documents = history.states.iter().filter_map(|(_, state)| state.as_ref()).chain(&history.before);
        let mut keys = documents.map(|document| &document.values[primary]);
        // What came and went again was never shown.
        let Some(first) = keys.next() else { continue };
        if keys.any(|key| key != first) {
            return None;
        }
        places.insert(question.ranking().id(first)?, place);
    }
    Some(places)
}
