//! The channels that one connection has joined.

pub(super) mod right;
pub(super) mod text;

use std::{collections::BTreeMap, future::pending};

use alyx_realtime::channels::{Delivery, Letters, Membership, Post};
use serde_json::Value as Json;
use tokio::sync::watch;

/// Largest state that somebody shows, as JSON text.
pub(super) const MOST_STATE: usize = 4 * 1024;
/// Longest name of an event in bytes.
pub(super) const MOST_EVENT: usize = 200;

/// One channel that is joined.
pub(super) struct Joined {
    pub(super) membership: Membership,
    /// Whether it may see who is there.
    pub(super) sees: bool,
    /// Who it is shown to be, and the state that it shows, as JSON text.
    pub(super) shown: Option<(Json, String)>,
    /// Whether its rights depend on documents.
    pub(super) asks: bool,
}

impl Joined {
    /// Neither sees who is there nor is seen any more.
    pub(super) fn veil(&mut self) {
        (self.sees, self.shown) = (false, None);
        self.membership.veil();
    }
}

/// What a connection keeps of channels; made when it first joins one.
pub(super) struct Desk {
    /// By the membership's number.
    pub(super) joined: BTreeMap<u64, Joined>,
    pub(super) post: Post,
    letters: Letters,
    /// Changes of documents on which rights depend, where some do.
    pub(super) lookout: Option<watch::Receiver<u64>>,
}

/// What happens in channels.
pub(super) enum Event {
    Delivery(Delivery),
    /// Documents have changed on which rights depend.
    Lookout,
}

impl Desk {
    pub(super) fn new(queue: usize) -> Self {
        let (post, letters) = Post::new(queue);
        Self { joined: BTreeMap::new(), post, letters, lookout: None }
    }

    pub(super) fn find(&self, channel: &str) -> Option<u64> {
        let found = self.joined.iter().find(|(_, joined)| joined.membership.channel() == channel);
        found.map(|(number, _)| *number)
    }

    async fn next(&mut self) -> Event {
        let Self { joined, letters, lookout, .. } = self;
        let asks = joined.values().any(|joined| joined.asks);
        if !asks {
            *lookout = None;
        }
        tokio::select! {
            delivery = letters.next() => Event::Delivery(delivery),
            () = changed(lookout) => Event::Lookout,
        }
    }
}

/// What happens next in the channels of a connection; nothing for one that has joined none.
pub(super) async fn next(desk: &mut Option<Box<Desk>>) -> Event {
    match desk {
        Some(desk) => desk.next().await,
        None => pending().await,
    }
}

async fn changed(lookout: &mut Option<watch::Receiver<u64>>) {
    if let Some(receiver) = lookout {
        if receiver.changed().await.is_ok() {
            return;
        }
        // What is served was replaced, which this connection hears of in a moment.
        *lookout = None;
    }
    pending::<()>().await;
}
