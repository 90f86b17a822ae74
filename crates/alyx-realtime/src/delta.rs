//! What changed between two windows of a query, and how it is written.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;

use crate::state::State;

/// Writes the inside of a delta: what is to be inserted, updated and deleted to come from `old` to `new`, whose
/// documents are told by their places. `None` where that is nothing, and the total the same.
pub(crate) fn write<'a>(old: &State, new: &State, text: impl Fn(usize) -> &'a [u8]) -> Option<Bytes> {
    if old.shown == new.shown && old.total == new.total {
        return None;
    }
    let before: HashMap<&[u8], u64> = old.shown.iter().map(|shown| (shown.rank.id(), shown.hash)).collect();
    let after: HashSet<&[u8]> = new.shown.iter().map(|shown| shown.rank.id()).collect();
    let places = || new.shown.iter().enumerate();
    let mut inserts = places().filter(|(_, shown)| !before.contains_key(shown.rank.id())).peekable();
    let mut updates =
        places().filter(|(_, shown)| before.get(shown.rank.id()).is_some_and(|hash| *hash != shown.hash)).peekable();
    let mut deletes = old.shown.iter().filter(|shown| !after.contains(shown.rank.id())).peekable();
    // Another order is no news: clients sort for themselves.
    let is_empty = inserts.peek().is_none() && updates.peek().is_none() && deletes.peek().is_none();
    if is_empty && old.total == new.total {
        return None;
    }
    let mut bytes = Vec::with_capacity(256);
    bytes.extend_from_slice(b"\"changes\":{\"inserts\":");
    write_list(&mut bytes, inserts.map(|(place, _)| text(place)));
    bytes.extend_from_slice(b",\"updates\":");
    write_list(&mut bytes, updates.map(|(place, _)| text(place)));
    bytes.extend_from_slice(b",\"deletes\":");
    write_list(&mut bytes, deletes.map(|shown| shown.rank.key()));
    bytes.push(b'}');
    write_place(&mut bytes, new);
    Some(bytes.into())
}

/// Writes the inside of a delta in which nothing happened.
pub(crate) fn write_nothing(state: &State) -> Bytes {
    let mut bytes = b"\"changes\":{\"inserts\":[],\"updates\":[],\"deletes\":[]}".to_vec();
    write_place(&mut bytes, state);
    bytes.into()
}

/// Writes the inside of a snapshot.
pub(crate) fn write_snapshot(documents: &[Vec<u8>], state: &State) -> Bytes {
    let mut bytes = Vec::with_capacity(documents.iter().map(|document| document.len() + 1).sum::<usize>() + 64);
    bytes.extend_from_slice(b"\"docs\":");
    write_list(&mut bytes, documents.iter().map(Vec::as_slice));
    write_place(&mut bytes, state);
    bytes.into()
}

fn write_place(bytes: &mut Vec<u8>, state: &State) {
    let (total, cursor) = (state.total, state.cursor.text());
    // Base64url needs no escapes.
    bytes.extend_from_slice(format!(",\"total\":{total},\"cursor\":\"{cursor}\"").as_bytes());
}

fn write_list(bytes: &mut Vec<u8>, items: impl Iterator<Item = impl AsRef<[u8]>>) {
    bytes.push(b'[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            bytes.push(b',');
        }
        bytes.extend_from_slice(item.as_ref());
    }
    bytes.push(b']');
}

#[cfg(test)]
mod tests {
    use alyx_store::Place;

    use super::*;
    use crate::{cursor::Cursor, rank::Ranking, state::Shown};

    fn state(entries: &[(&str, u64)], total: u64) -> State {
        let ranking = Ranking::for_tests(&["id"]);
        let shown = entries
            .iter()
            .map(|(key, hash)| Shown { rank: ranking.rank(format!(r#"{{"id":"{key}"}}"#).as_bytes()), hash: *hash });
        let place = Place { position: 7, mark: "x".into() };
        State { shown: shown.collect(), total, cursor: Cursor::new(&place, "posts") }
    }

    #[test]
    fn what_came_changed_and_went() {
        let (old, new) = (state(&[("a", 1), ("b", 1), ("c", 1)], 3), state(&[("d", 1), ("a", 1), ("c", 2)], 4));
        let documents = [b"D".to_vec(), b"A".to_vec(), b"C".to_vec()];
        let delta = write(&old, &new, |place| &documents[place]).unwrap();
        let cursor = new.cursor.text();
        let expected =
            format!(r#""changes":{{"inserts":[D],"updates":[C],"deletes":["b"]}},"total":4,"cursor":"{cursor}""#);
        assert_eq!(delta, expected);
        assert_eq!(write(&old, &old, |_| b""), None);
        let turned = state(&[("c", 1), ("b", 1), ("a", 1)], 3);
        assert_eq!(write(&old, &turned, |_| b""), None);
        let total = write(&old, &state(&[("a", 1), ("b", 1), ("c", 1)], 4), |_| b"").unwrap();
        let expected = format!(r#""changes":{{"inserts":[],"updates":[],"deletes":[]}},"total":4,"cursor":"{cursor}""#);
        assert_eq!(total, expected);
    }
}
