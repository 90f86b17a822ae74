//! A cursor: how far a listener has come, and with which question.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

const LENGTH: usize = 16;

/// The text of a cursor. It is good for the same question with the same rights.
pub(crate) fn encode(position: i64, key: &str) -> String {
    let mut bytes = [0; LENGTH];
    bytes[..8].copy_from_slice(&position.to_be_bytes());
    bytes[8..].copy_from_slice(&mark(key));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The position in a cursor, if it was made for this question.
pub(crate) fn decode(cursor: &str, key: &str) -> Option<i64> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok().filter(|bytes| bytes.len() == LENGTH)?;
    let (position, own) = bytes.split_at(8);
    (own == mark(key)).then(|| i64::from_be_bytes(position.try_into().expect("it is the first half")))
}

/// Another build may hash otherwise: then a cursor is for another question, and its bearer starts afresh.
fn mark(key: &str) -> [u8; 8] {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish().to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_for_one_question() {
        for position in [0, 7, i64::MAX] {
            assert_eq!(decode(&encode(position, "posts"), "posts"), Some(position));
        }
        assert_eq!(decode(&encode(7, "posts"), "users"), None);
        for wrong in ["", "x", "AAAA", "é", &encode(7, "posts")[1..], &"A".repeat(1000)] {
            assert_eq!(decode(wrong, "posts"), None, "{wrong}");
        }
    }
}
