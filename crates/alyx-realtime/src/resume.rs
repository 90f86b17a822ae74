//! What a client has missed that was away: what its query showed then is read back from the feed.

use std::{collections::BTreeSet, hash::RandomState};

use alyx_store::Snapshot;

use crate::{
    Result,
    cursor::Cursor,
    live::{Question, State},
};

/// What happened since a cursor was given.
pub(crate) enum Missed {
    /// Nothing that matters to the question.
    Nothing,
    /// Something; this is what it showed then.
    Since(State),
    /// It is not known any more.
    Unknown,
}

/// Looks what has happened between a cursor and the snapshot.
pub(crate) async fn missed(
    snapshot: &mut Snapshot,
    question: &Question,
    cursor: &str,
    hasher: &RandomState,
) -> Result<Missed> {
    let Some(cursor) = Cursor::read(cursor).filter(|cursor| cursor.position <= snapshot.position()) else {
        return Ok(Missed::Unknown);
    };
    let place = snapshot.place_at(cursor.position).await?;
    if place.is_none_or(|place| Cursor::new(&place, question.key()) != cursor) {
        return Ok(Missed::Unknown);
    }
    let news = snapshot.news(cursor.position, snapshot.position()).await?;
    if !news.is_whole {
        return Ok(Missed::Unknown);
    }
    let mut relevant = question.others();
    relevant.insert(question.query().collection.name.clone());
    let changed: BTreeSet<_> =
        news.collections.into_iter().map(|(name, _)| name).filter(|name| relevant.contains(name)).collect();
    if changed.is_empty() {
        return Ok(Missed::Nothing);
    }
    let Some(past) = snapshot.past(cursor.position, &changed).await? else { return Ok(Missed::Unknown) };
    let window = question.read_past(snapshot, &past).await?;
    Ok(Missed::Since(State { shown: question.show(&window, hasher), total: window.total.unwrap_or_default(), cursor }))
}
