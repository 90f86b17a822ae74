//! All open connections: how many there are, and what all of them must hear of.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use tokio::sync::watch;

/// The open connections.
#[derive(Default)]
pub(crate) struct Sockets {
    open: Arc<AtomicU32>,
    news: watch::Sender<News>,
}

/// What concerns every connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    /// How often what is served was replaced.
    pub(super) replaced: u64,
    /// Whether the server stops.
    pub(super) stopping: bool,
}

/// A place among the connections; free again when it is dropped.
pub(super) struct Place(Arc<AtomicU32>);

impl Sockets {
    /// A place, where one is free.
    pub(super) fn enter(&self, most: Option<u32>) -> Option<Place> {
        let before = self.open.fetch_add(1, Ordering::Relaxed);
        let place = Place(Arc::clone(&self.open));
        most.is_none_or(|most| before < most).then_some(place)
    }

    /// How many there are.
    pub(crate) fn open(&self) -> u32 {
        self.open.load(Ordering::Relaxed)
    }

    /// Tells all that something else is served.
    pub(crate) fn tell_of_replacement(&self) {
        self.news.send_modify(|news| news.replaced += 1);
    }

    /// Asks all to close.
    pub(crate) fn close_all(&self) {
        self.news.send_modify(|news| news.stopping = true);
    }

    pub(super) fn news(&self) -> watch::Receiver<News> {
        self.news.subscribe()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_connection_is_gone() {
        let sockets = Sockets::default();
        let first = sockets.enter(Some(1));
        assert!(first.is_some() && sockets.enter(Some(1)).is_none());
        assert_eq!(sockets.open(), 1);
        drop(first);
        assert!(sockets.enter(Some(1)).is_some() && sockets.open() == 0);
    }
}
