//! Who listens: a mailbox for each connection, bounded, and what happens when it is full.

use std::{
    cell::RefCell,
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

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
#[derive(Clone)]
pub struct Mailbox {
    office: UnboundedSender<Letter>,
    deltas: UnboundedSender<Outgoing>,
    lost: UnboundedSender<Lost>,
    room: Arc<Room>,
}

/// How many deltas wait, and may.
#[derive(Debug)]
struct Room {
    waiting: AtomicUsize,
    capacity: usize,
}

impl Mailbox {
    /// A mailbox for so many deltas that wait, with its two ends: deltas, and subscriptions that are lost. It is to be
    /// made where it is read, inside a runtime.
    #[must_use]
    pub fn new(capacity: usize) -> (Self, Deltas, UnboundedReceiver<Lost>) {
        let (deltas, waiting) = mpsc::unbounded_channel();
        // At most one for each subscription, since one that is lost hears nothing more.
        let (lost, told) = mpsc::unbounded_channel();
        let room = Arc::new(Room { waiting: AtomicUsize::new(0), capacity: capacity.max(1) });
        (Self { office: office(), deltas, lost, room: room.clone() }, Deltas { waiting, room }, told)
    }
}

/// The deltas that wait in a mailbox.
#[derive(Debug)]
pub struct Deltas {
    waiting: UnboundedReceiver<Outgoing>,
    room: Arc<Room>,
}

impl Deltas {
    /// The next delta; `None` when nobody can send one any more.
    pub async fn recv(&mut self) -> Option<Outgoing> {
        poll_fn(|context| self.poll_recv(context)).await
    }

    /// The same for who polls.
    pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<Outgoing>> {
        let outgoing = self.waiting.poll_recv(context);
        if matches!(outgoing, Poll::Ready(Some(_))) {
            self.room.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        outgoing
    }

    /// How many there are, those included that are still on their way.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.room.waiting.load(Ordering::Relaxed)
    }
}

/// A delta and the mailbox it goes to.
struct Letter {
    to: UnboundedSender<Outgoing>,
    outgoing: Outgoing,
}

thread_local! {
    /// What distributes the letters for all mailboxes of a thread: waking another thread costs a system call, which is
    /// paid once for all who hear of the same commit, and not for each.
    static OFFICE: RefCell<Option<UnboundedSender<Letter>>> = const { RefCell::new(None) };
}

fn office() -> UnboundedSender<Letter> {
    OFFICE.with_borrow_mut(|office| match office {
        Some(office) if !office.is_closed() => office.clone(),
        _ => office.insert(open_office()).clone(),
    })
}

fn open_office() -> UnboundedSender<Letter> {
    let (office, mut letters) = mpsc::unbounded_channel::<Letter>();
    tokio::spawn(async move {
        while let Some(Letter { to, outgoing }) = letters.recv().await {
            // Who is gone has no use for it.
            let _ = to.send(outgoing);
        }
    });
    office
}

/// One subscription of a live query.
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
        if self.is_gone() {
            return false;
        }
        let Mailbox { lost, room, .. } = &self.mailbox;
        if room.waiting.load(Ordering::Relaxed) >= room.capacity {
            // Where nobody receives, nobody is left to be told.
            let _ = lost.send(Lost(self.subscription));
            return false;
        }
        self.send(body)
    }

    /// Sends a delta even where too many wait: its connection asked for it, and reads none meanwhile.
    pub(crate) fn answer(&self, body: &Bytes) -> bool {
        !self.is_gone() && self.send(body)
    }

    fn send(&self, body: &Bytes) -> bool {
        let Mailbox { office, deltas, room, .. } = &self.mailbox;
        room.waiting.fetch_add(1, Ordering::Relaxed);
        let outgoing = Outgoing { subscription: self.subscription, body: body.clone() };
        office.send(Letter { to: deltas.clone(), outgoing }).is_ok()
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

    #[tokio::test]
    async fn a_full_mailbox_loses_the_subscription_and_says_so_once() {
        let (mailbox, mut waiting, mut lost) = Mailbox::new(1);
        let listener = Listener { subscription: 3, mailbox };
        let body = Bytes::from_static(b"x");
        assert!(listener.tell(&body));
        assert!(!listener.tell(&body));
        assert_eq!(lost.try_recv().unwrap(), Lost(3));
        assert_eq!(waiting.recv().await.unwrap().subscription, 3);
        assert!(listener.tell(&body), "there is room again");
        drop((waiting, lost));
        assert!(!listener.tell(&body) && listener.is_gone());
    }
}
