//! Who listens: a mailbox for each connection, bounded, and what happens when it is full.

use bytes::Bytes;
use tokio::sync::mpsc;

/// A delta on its way to one subscription.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The subscription, as its owner numbered it.
    pub subscription: u64,
    /// `"changes":{…},"total":…,"cursor":"…"`, the inside of an object; shared by all who listen to the same.
    pub body: Bytes,
}

/// A subscription whose mailbox was full: it hears nothing more, and must begin again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost(pub u64);

/// Where the deltas of a connection go.
#[derive(Clone, Debug)]
pub struct Mailbox {
    deltas: mpsc::Sender<Outgoing>,
    lost: mpsc::UnboundedSender<Lost>,
}

impl Mailbox {
    /// A mailbox for so many deltas that wait, with its two ends: deltas, and subscriptions that are lost.
    #[must_use]
    pub fn new(capacity: usize) -> (Self, mpsc::Receiver<Outgoing>, mpsc::UnboundedReceiver<Lost>) {
        let (deltas, waiting) = mpsc::channel(capacity.max(1));
        // At most one for each subscription, since one that is lost hears nothing more.
        let (lost, told) = mpsc::unbounded_channel();
        (Self { deltas, lost }, waiting, told)
    }
}

/// One subscription of a live query.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) subscription: u64,
    pub(crate) mailbox: Mailbox,
}

impl Listener {
    pub(crate) fn new(mailbox: &Mailbox, subscription: u64) -> Self {
        Self { subscription, mailbox: mailbox.clone() }
    }

    /// Sends a delta; whether the subscription still listens.
    pub(crate) fn tell(&self, body: &Bytes) -> bool {
        let outgoing = Outgoing { subscription: self.subscription, body: body.clone() };
        match self.mailbox.deltas.try_send(outgoing) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Full(_)) => {
                // Where nobody receives, nobody is left to be told.
                let _ = self.mailbox.lost.send(Lost(self.subscription));
                false
            }
            Err(mpsc::error::TrySendError::Closed(_)) => false,
        }
    }

    /// Whether both are the same subscription of the same connection.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.subscription == other.subscription && self.mailbox.deltas.same_channel(&other.mailbox.deltas)
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.mailbox.deltas.is_closed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_mailbox_loses_the_subscription_and_says_so_once() {
        let (mailbox, mut waiting, mut lost) = Mailbox::new(1);
        let listener = Listener { subscription: 3, mailbox };
        let body = Bytes::from_static(b"x");
        assert!(listener.tell(&body));
        assert!(!listener.tell(&body));
        assert_eq!(lost.try_recv().unwrap(), Lost(3));
        assert_eq!(waiting.try_recv().unwrap().subscription, 3);
        drop((waiting, lost));
        assert!(!listener.tell(&body) && listener.is_gone());
    }
}
