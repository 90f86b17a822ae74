//! What changed between two windows of a query, and how it is written.

use std::collections::HashMap;

use bytes::Bytes;

/// A document of a window: its key as JSON text, and a hash of what is shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) key: Box<str>,
    pub(crate) hash: u64,
}

/// Writes the inside of a delta: what is to be inserted, updated and deleted to come from `old` to `new`. `None` where
/// that is nothing, and the total the same.
pub(crate) fn write(old: (&[Shown], u64), new: (&[Shown], u64), documents: &[Vec<u8>], cursor: &str) -> Option<Bytes> {
    if old == new {
        return None;
    }
    let before: HashMap<&str, u64> = old.0.iter().map(|shown| (&*shown.key, shown.hash)).collect();
    let after: HashMap<&str, u64> = new.0.iter().map(|shown| (&*shown.key, shown.hash)).collect();
    let pairs = || new.0.iter().zip(documents);
    let inserts = pairs().filter(|(shown, _)| !before.contains_key(&*shown.key));
    let updates = pairs().filter(|(shown, _)| before.get(&*shown.key).is_some_and(|hash| *hash != shown.hash));
    let deletes = old.0.iter().filter(|shown| !after.contains_key(&*shown.key));
    let mut bytes = Vec::with_capacity(256);
    bytes.extend_from_slice(b"\"changes\":{\"inserts\":");
    write_list(&mut bytes, inserts.map(|(_, document)| document.as_slice()));
    bytes.extend_from_slice(b",\"updates\":");
    write_list(&mut bytes, updates.map(|(_, document)| document.as_slice()));
    bytes.extend_from_slice(b",\"deletes\":");
    write_list(&mut bytes, deletes.map(|shown| shown.key.as_bytes()));
    bytes.push(b'}');
    write_place(&mut bytes, new.1, cursor);
    Some(bytes.into())
}

/// Writes the inside of a delta in which nothing happened.
pub(crate) fn write_nothing(total: u64, cursor: &str) -> Bytes {
    let mut bytes = b"\"changes\":{\"inserts\":[],\"updates\":[],\"deletes\":[]}".to_vec();
    write_place(&mut bytes, total, cursor);
    bytes.into()
}

/// Writes the inside of a snapshot.
pub(crate) fn write_snapshot(documents: &[Vec<u8>], total: u64, cursor: &str) -> Bytes {
    let mut bytes = Vec::with_capacity(documents.iter().map(|document| document.len() + 1).sum::<usize>() + 64);
    bytes.extend_from_slice(b"\"docs\":");
    write_list(&mut bytes, documents.iter().map(Vec::as_slice));
    write_place(&mut bytes, total, cursor);
    bytes.into()
}

fn write_place(bytes: &mut Vec<u8>, total: u64, cursor: &str) {
    // Base64url needs no escapes.
    bytes.extend_from_slice(format!(",\"total\":{total},\"cursor\":\"{cursor}\"").as_bytes());
}

fn write_list<'a>(bytes: &mut Vec<u8>, items: impl Iterator<Item = &'a [u8]>) {
    bytes.push(b'[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            bytes.push(b',');
        }
        bytes.extend_from_slice(item);
    }
    bytes.push(b']');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(entries: &[(&str, u64)]) -> Vec<Shown> {
        entries.iter().map(|(key, hash)| Shown { key: format!("\"{key}\"").into(), hash: *hash }).collect()
    }

    #[test]
    fn what_came_changed_and_went() {
        let (old, new) = (shown(&[("a", 1), ("b", 1), ("c", 1)]), shown(&[("d", 1), ("a", 1), ("c", 2)]));
        let documents = [b"D".to_vec(), b"A".to_vec(), b"C".to_vec()];
        let delta = write((&old, 3), (&new, 4), &documents, "x").unwrap();
        let expected = r#""changes":{"inserts":[D],"updates":[C],"deletes":["b"]},"total":4,"cursor":"x""#;
        assert_eq!(delta, expected);
        assert_eq!(write((&old, 3), (&old, 3), &[], "x"), None);
        let total = write((&old, 3), (&old, 4), &[vec![], vec![], vec![]], "x").unwrap();
        assert_eq!(total, r#""changes":{"inserts":[],"updates":[],"deletes":[]},"total":4,"cursor":"x""#);
    }
}
