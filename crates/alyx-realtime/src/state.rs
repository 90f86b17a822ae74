//! What a query shows, and where in the feed that is so.

use std::sync::Arc;

use crate::{cursor::Cursor, rank::Rank};

/// A document of a window: which it is and where it stands, and a hash of what is shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) rank: Rank,
    pub(crate) hash: u64,
}

/// What a query shows at a place in the feed.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) shown: Arc<[Shown]>,
    /// How many match.
    pub(crate) total: u64,
    pub(crate) cursor: Cursor,
}
