//! A moment that live queries come to: that of a snapshot, or an earlier one seen from it.

use std::collections::BTreeSet;

use alyx_schema::CollectionName;
use alyx_store::{Past, Place, Snapshot, Window};

use crate::{Result, live::Question};

/// A moment to read from.
pub(crate) struct Moment<'a> {
    pub(crate) snapshot: &'a mut Snapshot,
    pub(crate) place: Place,
    /// What has been otherwise then; `None` for the snapshot's own moment.
    past: Option<Past>,
}

impl<'a> Moment<'a> {
    /// That of the snapshot.
    pub(crate) fn now(snapshot: &'a mut Snapshot) -> Self {
        Self { place: snapshot.place().clone(), snapshot, past: None }
    }

    /// An earlier one, if the feed still tells of it.
    pub(crate) async fn earlier(
        snapshot: &'a mut Snapshot,
        position: i64,
        collections: &BTreeSet<CollectionName>,
    ) -> Result<Option<Self>> {
        let Some(place) = snapshot.place_at(position).await? else { return Ok(None) };
        let past = snapshot.past(position, collections).await?;
        Ok(past.map(|past| Self { snapshot, place, past: Some(past) }))
    }

    /// What a question shows.
    pub(crate) async fn window(&mut self, question: &Question, count: bool) -> Result<Window> {
        match &self.past {
            Some(past) => question.read_past(self.snapshot, past, count).await,
            None => question.read(self.snapshot, count).await,
        }
    }
}
