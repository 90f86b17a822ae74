//! A moment that live queries come to: that of a snapshot, or an earlier one seen from it.

use std::{
    collections::{BTreeSet, HashMap},
    hash::RandomState,
    sync::Arc,
};

use alyx_schema::CollectionName;
use alyx_store::{DocumentHistory, Past, Place, Snapshot, Window};

use crate::{Result, changed::Changed, live::Question};

/// A moment to read from.
pub(crate) struct Moment<'a> {
    pub(crate) snapshot: &'a mut Snapshot,
    pub(crate) place: Place,
    /// What has been otherwise then; `None` for the snapshot's own moment.
    past: Option<Past>,
    /// Changed documents, by what queries that show them alike have in common.
    changed: HashMap<Arc<str>, Option<Arc<Changed>>>,
}

impl<'a> Moment<'a> {
    /// That of the snapshot.
    pub(crate) fn now(snapshot: &'a mut Snapshot) -> Self {
        Self { place: snapshot.place().clone(), snapshot, past: None, changed: HashMap::new() }
    }

    /// An earlier one, if the feed still tells of it.
    pub(crate) async fn earlier(
        snapshot: &'a mut Snapshot,
        position: i64,
        collections: &BTreeSet<CollectionName>,
    ) -> Result<Option<Self>> {
        let Some(place) = snapshot.place_at(position).await? else { return Ok(None) };
        let past = snapshot.past(position, collections).await?;
        Ok(past.map(|past| Self { snapshot, place, past: Some(past), changed: HashMap::new() }))
    }

    /// What a question shows.
    pub(crate) async fn window(&mut self, question: &Question, count: bool) -> Result<Window> {
        match &self.past {
            Some(past) => question.read_past(self.snapshot, past, count).await,
            None => question.read(self.snapshot, count).await,
        }
    }

    /// The documents that a step has changed, as a question shows them: read once for all that show them alike.
    pub(crate) async fn changed(
        &mut self,
        question: &Question,
        histories: &[DocumentHistory],
        hasher: &RandomState,
    ) -> Result<Option<Arc<Changed>>> {
        let Some(likeness) = question.likeness() else { return Ok(None) };
        if let Some(changed) = self.changed.get(likeness) {
            return Ok(changed.clone());
        }
        let likeness = Arc::clone(likeness);
        let changed = Changed::read(self, question, histories, hasher).await?.map(Arc::new);
        self.changed.insert(likeness, changed.clone());
        Ok(changed)
    }
}
