//! One live query of a client.

use alyx_testing::Value;

use crate::{copy::Copy, design::Design, query::Query};

/// Where a subscription is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not asked for over this connection.
    Idle,
    /// Asked for, and not answered yet.
    Asked {
        since: bool,
    },
    Live,
    Refused,
}

/// A subscription.
pub(crate) struct Subscription {
    pub(crate) query: Query,
    pub(crate) copy: Copy,
    pub(crate) phase: Phase,
    /// What the server calls it.
    pub(crate) id: Option<String>,
    /// The number of the message that asked for it.
    pub(crate) asked: Value,
    /// The round in which its cursor came.
    pub(crate) cursor_round: u64,
    key: String,
}

impl Subscription {
    pub(crate) fn new(design: &Design, query: Query) -> Self {
        let key = design.collection(query.collection).map(|collection| collection.key().name.clone());
        let key = key.unwrap_or_default();
        let copy = Copy::new(query.limit, &key);
        Self { query, copy, phase: Phase::Idle, id: None, asked: Value::Null, cursor_round: 0, key }
    }

    pub(crate) fn is_asked(&self) -> bool {
        matches!(self.phase, Phase::Asked { .. })
    }

    /// It forgets all that it has.
    pub(crate) fn forget(&mut self) {
        self.copy = Copy::new(self.query.limit, &self.key);
        (self.phase, self.id) = (Phase::Idle, None);
    }

    pub(super) fn begun(&mut self, id: String, round: u64) {
        (self.phase, self.id, self.cursor_round) = (Phase::Live, Some(id), round);
    }
}
