//! One subscription of a live query.

use bytes::Bytes;

use crate::mailbox::{Lost, Mailbox, Outgoing};

/// One subscription of a live query.
pub(crate) struct Listener {
    subscription: u64,
    mailbox: Mailbox,
}

impl Listener {
    pub(crate) fn new(mailbox: &Mailbox, subscription: u64) -> Self {
        Self { subscription, mailbox: mailbox.clone() }
    }

    /// Sends a delta; whether the subscription still listens.
    pub(crate) fn tell(&self, body: &Bytes) -> bool {
        if self.is_gone() {
            return false;
        }
        if self.mailbox.is_full() {
            self.mailbox.lose(Lost(self.subscription));
            return false;
        }
        self.send(body)
    }

    /// Sends a delta even where too many wait: its connection asked for it, and reads none meanwhile.
    pub(crate) fn answer(&self, body: &Bytes) -> bool {
        !self.is_gone() && self.send(body)
    }

    fn send(&self, body: &Bytes) -> bool {
        self.mailbox.send(Outgoing { subscription: self.subscription, body: body.clone() })
    }

    /// Whether both are the same subscription of the same connection.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.subscription == other.subscription && self.mailbox.is(&other.mailbox)
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.mailbox.is_closed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_mailbox_loses_the_subscription_and_says_so_once() {
        let (mailbox, mut waiting, mut lost) = Mailbox::new(1);
        let listener = Listener { subscription: 3, mailbox };
        let body = Bytes::from_static(b"x");
        assert!(listener.tell(&body));
        assert!(!listener.tell(&body));
        assert_eq!(lost.recv().await, Lost(3));
        assert_eq!(lost.try_recv(), None);
        assert_eq!(waiting.recv().await.subscription, 3);
        assert!(listener.tell(&body), "there is room again");
        drop((waiting, lost));
        assert!(!listener.tell(&body) && listener.is_gone());
    }
}
