//! What a client has missed that was away: what its query showed then is read back from the feed.

use std::{
    collections::{BTreeSet, HashMap},
    hash::RandomState,
    sync::{Arc, Mutex, PoisonError},
};

use alyx_schema::CollectionName;
use alyx_store::{News, Snapshot};

use crate::{Result, cursor::Cursor, live::Question, state::State};

/// Earlier states that are remembered; beyond that all are forgotten.
const REMEMBERED: usize = 256;

/// What happened since a cursor was given.
pub(crate) enum Missed {
    /// Nothing that matters to the question.
    Nothing,
    /// Something; this is what it showed then.
    Since(State),
    /// It is not known any more.
    Unknown,
}

/// What questions showed at earlier places: after a restart many come back from the same one. Each place is in its
/// cursor, and what was there does not change any more.
#[derive(Default)]
pub(crate) struct Memory(Mutex<HashMap<(Arc<str>, Cursor), State>>);

impl Memory {
    fn get(&self, question: &Question, cursor: Cursor) -> Option<State> {
        let states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        states.get(&(question.shared_key(), cursor)).cloned()
    }

    fn keep(&self, question: &Question, state: &State) {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if states.len() >= REMEMBERED {
            states.clear();
        }
        states.insert((question.shared_key(), state.cursor), state.clone());
    }
}

/// Looks what has happened between a cursor and the snapshot, where the question has `total` answers.
pub(crate) async fn missed(
    snapshot: &mut Snapshot,
    (question, total): (&Question, u64),
    cursor: &str,
    (memory, hasher): (&Memory, &RandomState),
) -> Result<Missed> {
    let Some(cursor) = Cursor::read(cursor).filter(|cursor| cursor.position <= snapshot.position()) else {
        return Ok(Missed::Unknown);
    };
    let place = snapshot.place_at(cursor.position).await?;
    if place.is_none_or(|place| Cursor::new(&place, question.key()) != cursor) {
        return Ok(Missed::Unknown);
    }
    let news = snapshot.news(cursor.position, snapshot.position()).await?;
    let changed = relevant(question, &news);
    if !news.is_whole {
        return Ok(Missed::Unknown);
    }
    if changed.is_empty() {
        return Ok(Missed::Nothing);
    }
    if let Some(state) = memory.get(question, cursor) {
        return Ok(Missed::Since(state));
    }
    let Some(past) = snapshot.past(cursor.position, &changed).await? else { return Ok(Missed::Unknown) };
    let known = total_then(snapshot, question, (cursor.position, total)).await?;
    let window = question.read_past(snapshot, &past, known.is_none()).await?;
    let total = known.or(window.total).unwrap_or_default();
    let state = State { shown: question.show(&window, hasher), total, cursor };
    memory.keep(question, &state);
    Ok(Missed::Since(state))
}

/// Those of the collections that have changed which matter to a question.
fn relevant(question: &Question, news: &News) -> BTreeSet<CollectionName> {
    let (own, others) = (&question.query().collection.name, question.others());
    let names = news.collections.iter().map(|(name, _)| name);
    names.filter(|name| *name == own || others.contains(*name)).cloned().collect()
}

/// How many answers there were, counted back from now; `None` where the documents alone do not tell.
async fn total_then(
    snapshot: &mut Snapshot,
    question: &Question,
    (position, total): (i64, u64),
) -> Result<Option<u64>> {
    let predicate = question.predicate();
    if !predicate.is_local() {
        return Ok(None);
    }
    let Some(histories) = snapshot.histories(&question.query().collection, position).await? else { return Ok(None) };
    let now = snapshot.position();
    let matches = |history: &alyx_store::DocumentHistory, at| {
        i64::from(history.at(at).is_some_and(|document| predicate.matches(document)))
    };
    let since: i64 = histories.iter().map(|history| matches(history, now) - matches(history, position)).sum();
    Ok(total.checked_add_signed(-since))
}
