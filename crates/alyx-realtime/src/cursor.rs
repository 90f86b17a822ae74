//! A cursor: how far a listener has come, with which question, and in which history of the database.

use std::hash::{DefaultHasher, Hash, Hasher};

use alyx_store::Place;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

const LENGTH: usize = 16;

/// A cursor as its bearer shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Cursor {
    pub(crate) position: i64,
    mark: [u8; 8],
}

impl Cursor {
    /// Good for the same question with the same rights, while the feed has that place.
    pub(crate) fn new(place: &Place, key: &str) -> Self {
        // Another build may hash otherwise: then a cursor is for another question, and its bearer starts afresh.
        let mut hasher = DefaultHasher::new();
        (key, &place.mark).hash(&mut hasher);
        Self { position: place.position, mark: hasher.finish().to_be_bytes() }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let bytes: [u8; LENGTH] = bytes.try_into().ok()?;
        let (position, mark) = bytes.split_first_chunk().expect("it is longer than eight bytes");
        Some(Self { position: i64::from_be_bytes(*position), mark: mark.try_into().expect("it is the other half") })
    }

    pub(crate) fn text(self) -> String {
        URL_SAFE_NO_PAD.encode([self.position.to_be_bytes(), self.mark].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(position: i64, mark: &str) -> Place {
        Place { position, mark: mark.into() }
    }

    #[test]
    fn a_cursor_is_for_one_question_in_one_history() {
        for position in [0, 7, i64::MAX] {
            let cursor = Cursor::new(&place(position, "a"), "posts");
            assert_eq!(Cursor::read(&cursor.text()), Some(cursor));
        }
        let cursor = Cursor::new(&place(7, "a"), "posts");
        assert_ne!(cursor, Cursor::new(&place(7, "a"), "users"));
        assert_ne!(cursor, Cursor::new(&place(7, "b"), "posts"));
        for wrong in ["", "x", "AAAA", "é", &cursor.text()[1..], &"A".repeat(1000)] {
            assert_eq!(Cursor::read(wrong), None, "{wrong}");
        }
    }
}
