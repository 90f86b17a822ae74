//! A window follows the documents that have changed, without being read again, where they alone decide what it shows.

use alyx_store::DocumentHistory;

use crate::{
    changed::Changed,
    state::{Shown, State},
};

/// What a window shows after a change, where that is certain. `matches` tells of the history at a place whether its
/// document is now an answer; `total` is how many answers there are now, at most `limit` of which are shown.
///
/// What is not shown and has not changed stands after everything that was shown. So whatever does not stand after the
/// last of those is certain to be shown, as far as the window goes; and where all were shown, so is the rest.
pub(crate) fn follow(
    before: &State,
    changed: &Changed,
    (total, limit): (u64, usize),
    matches: impl Fn(usize) -> bool,
) -> Option<Vec<Shown>> {
    let length = |shown: &[Shown]| u64::try_from(shown.len()).unwrap_or(u64::MAX);
    let all_were_shown = before.total == length(&before.shown);
    let last = before.shown.last().map(|shown| &shown.rank);
    let mut shown: Vec<Shown> = Vec::with_capacity(limit.min(before.shown.len() + changed.documents.len()));
    shown.extend(before.shown.iter().filter(|shown| !changed.ids.contains(shown.rank.id())).cloned());
    for document in changed.documents.iter().filter(|document| matches(document.history)) {
        let place = shown.partition_point(|other| other.rank < document.shown.rank);
        shown.insert(place, document.shown.clone());
    }
    let is_certain = if all_were_shown {
        length(&shown) == total
    } else {
        let certain = last.map_or(0, |last| shown.partition_point(|shown| shown.rank <= *last));
        certain >= limit
    };
    shown.truncate(limit);
    is_certain.then_some(shown)
}

/// Whether a document is an answer at a position.
pub(crate) fn matches_at<'a>(
    histories: &'a [DocumentHistory],
    position: i64,
    has: impl Fn(&alyx_schema::Document) -> bool + 'a,
) -> impl Fn(usize) -> bool + 'a {
    move |place| histories.get(place).and_then(|history| history.at(position)).is_some_and(&has)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use alyx_store::Place;
    use proptest::prelude::*;

    use super::*;
    use crate::{changed::ChangedDocument, cursor::Cursor, rank::Ranking};

    /// Documents by id: their order, and whether they match.
    type World = std::collections::BTreeMap<u8, (u8, bool)>;

    fn shown((id, (order, _)): (&u8, &(u8, bool))) -> Shown {
        let json = format!(r#"{{"order":{order},"id":{id}}}"#);
        Shown { rank: Ranking::for_tests(&["order", "id"]).rank(json.as_bytes()), hash: u64::from(*order) }
    }

    fn window(world: &World, limit: usize) -> (Vec<Shown>, u64) {
        let mut all: Vec<Shown> = world.iter().filter(|(_, (_, matches))| *matches).map(shown).collect();
        all.sort_by(|one, other| one.rank.cmp(&other.rank));
        let total = all.len() as u64;
        all.truncate(limit);
        (all, total)
    }

    proptest! {
        #[test]
        fn a_window_that_follows_shows_what_one_that_is_read_again_shows(
            before in prop::collection::btree_map(0..12_u8, (0..6_u8, any::<bool>()), 0..12),
            writes in prop::collection::btree_map(0..12_u8, prop::option::of((0..6_u8, any::<bool>())), 1..4),
            limit in 1..6_usize,
        ) {
            let mut after = before.clone();
            for (id, write) in &writes {
                match write {
                    Some(document) => drop(after.insert(*id, *document)),
                    None => drop(after.remove(id)),
                }
            }
            let (old, total) = window(&before, limit);
            let state = State { shown: old.into(), total, cursor: Cursor::new(&Place::default(), "") };
            let (expected, total) = window(&after, limit);
            let there: Vec<_> = writes.keys().filter_map(|id| after.get_key_value(id)).collect();
            let documents = there.iter().enumerate().map(|(history, document)| ChangedDocument {
                shown: shown(*document), text: Vec::new(), history,
            });
            let mut documents: Vec<_> = documents.collect();
            documents.sort_by(|one, other| one.shown.rank.cmp(&other.shown.rank));
            let ids: BTreeSet<_> = writes.keys().map(|id| shown((id, &(0, true))).rank.id().to_vec()).collect();
            let changed = Changed { documents, ids: ids.into_iter().collect() };
            if let Some(followed) = follow(&state, &changed, (total, limit), |place| there[place].1.1) {
                prop_assert_eq!(followed, expected);
            } else {
                // Only where something that was not shown may come up.
                prop_assert!(state.total > state.shown.len() as u64);
            }
        }
    }
}
