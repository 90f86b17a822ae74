//! Who listens to what, who writes, and who must hear of which write.

use std::sync::Arc;

use anyhow::Result;

use crate::{
    subscriber::Live,
    world::{SignIn, World, spread},
};

/// Every so many writes there is one that only its author may read.
const DRAFT_EVERY: usize = 5;

/// The subscribers of a workload.
#[derive(Clone, Copy)]
pub(crate) enum Audience {
    /// All follow what is published.
    Everyone,
    /// All follow all that they may read, each with its own account; some writes only their author may read.
    Entitled,
    /// Each follows one of so many authors.
    Authors(usize),
}

impl Audience {
    /// What a subscriber asks for.
    pub(super) fn live(self, world: &World, subscriber: usize) -> Live {
        match self {
            Self::Everyone => Live::Published,
            Self::Entitled => Live::All,
            Self::Authors(count) => Live::Author(world.users[subscriber % count].clone()),
        }
    }

    /// The tokens to subscribe with, by turns.
    pub(super) async fn tokens(self, world: &World, subscribers: usize) -> Result<Vec<String>> {
        match self {
            Self::Entitled => spread(&world.address, 8, subscribers, SignIn(Arc::clone(&world.product))).await,
            Self::Everyone | Self::Authors(_) => Ok(world.tokens.clone()),
        }
    }

    /// The author of a write.
    pub(super) fn author(self, world: &World, write: usize, subscribers: usize) -> &str {
        let spare = &world.users[world.arguments.authors..];
        match self {
            Self::Everyone => &spare[write % spare.len()],
            Self::Entitled => &world.users[write % subscribers],
            Self::Authors(count) => &world.users[write % count],
        }
    }

    /// Whether a write is a draft.
    pub(super) fn is_draft(self, write: usize) -> bool {
        matches!(self, Self::Entitled) && write % DRAFT_EVERY == DRAFT_EVERY - 1
    }

    /// Whether a subscriber must hear of a write. Whoever need not must not.
    pub(super) fn hears(self, subscriber: usize, write: usize, subscribers: usize) -> bool {
        match self {
            Self::Everyone => true,
            Self::Entitled => !self.is_draft(write) || write % subscribers == subscriber,
            Self::Authors(count) => subscriber % count == write % count,
        }
    }

    /// How many must hear of a write.
    pub(super) fn size(self, write: usize, subscribers: usize) -> usize {
        (0..subscribers).filter(|subscriber| self.hears(*subscriber, write, subscribers)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::Audience;

    #[test]
    fn each_write_has_its_hearers() {
        assert_eq!(Audience::Everyone.size(7, 10), 10);
        assert_eq!([Audience::Entitled.size(3, 10), Audience::Entitled.size(14, 10)], [10, 1]);
        assert!(Audience::Entitled.hears(4, 14, 10) && !Audience::Entitled.hears(5, 14, 10));
        assert_eq!([Audience::Authors(10).size(7, 10), Audience::Authors(5).size(7, 10)], [1, 2]);
    }
}
