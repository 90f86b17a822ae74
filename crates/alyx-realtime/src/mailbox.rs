//! A mailbox for each connection: deltas that wait, up to so many, and what happens when it is full. It is small while it
//! is empty, since most are.

use std::{
    collections::VecDeque,
    future::poll_fn,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use bytes::Bytes;

use crate::office::{self, Letter, Office};

/// Deltas that there is room for even while none waits.
const KEPT_ROOM: usize = 8;

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
    office: Office,
    inbox: Arc<Inbox>,
}

/// What all ends of a mailbox share.
#[derive(Debug)]
pub(crate) struct Inbox {
    capacity: usize,
    /// Deltas that wait, those included that are still on their way.
    waiting: AtomicUsize,
    /// Nobody reads any more.
    is_closed: AtomicBool,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    deltas: VecDeque<Outgoing>,
    /// At most one for each subscription, since one that is lost hears nothing more.
    lost: VecDeque<Lost>,
    reader: Option<Waker>,
    loser: Option<Waker>,
}

/// The deltas that wait in a mailbox.
#[derive(Debug)]
pub struct Deltas(Arc<Inbox>);

/// The subscriptions that a mailbox had no room for.
#[derive(Debug)]
pub struct Losses(Arc<Inbox>);

impl Mailbox {
    /// A mailbox for so many deltas that wait, with its two ends: deltas, and subscriptions that are lost. It is to be
    /// made where it is read, inside a runtime.
    #[must_use]
    pub fn new(capacity: usize) -> (Self, Deltas, Losses) {
        let inbox = Arc::new(Inbox {
            capacity: capacity.max(1),
            waiting: AtomicUsize::new(0),
            is_closed: AtomicBool::new(false),
            held: Mutex::default(),
        });
        (Self { office: office::of_this_thread(), inbox: inbox.clone() }, Deltas(inbox.clone()), Losses(inbox))
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.inbox.is_closed.load(Ordering::Relaxed)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.inbox.waiting.load(Ordering::Relaxed) >= self.inbox.capacity
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inbox, &other.inbox)
    }

    /// Whether it is on its way.
    pub(crate) fn send(&self, outgoing: Outgoing) -> bool {
        self.inbox.waiting.fetch_add(1, Ordering::Relaxed);
        self.office.send(Letter { to: self.inbox.clone(), outgoing }).is_ok()
    }

    pub(crate) fn lose(&self, lost: Lost) {
        let waker = {
            let mut held = self.inbox.held();
            held.lost.push_back(lost);
            held.loser.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Inbox {
    pub(crate) fn put(&self, outgoing: Outgoing) {
        if self.is_closed.load(Ordering::Relaxed) {
            return;
        }
        let waker = {
            let mut held = self.held();
            held.deltas.push_back(outgoing);
            held.reader.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deltas {
    /// The next delta.
    pub async fn recv(&mut self) -> Outgoing {
        poll_fn(|context| self.poll_recv(context)).await
    }

    /// The same for who polls.
    pub fn poll_recv(&mut self, context: &Context<'_>) -> Poll<Outgoing> {
        let mut held = self.0.held();
        let Some(outgoing) = held.deltas.pop_front() else {
            if held.deltas.capacity() > KEPT_ROOM {
                held.deltas = VecDeque::new();
            }
            wait(&mut held.reader, context);
            return Poll::Pending;
        };
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
        Poll::Ready(outgoing)
    }

    /// How many there are, those included that are still on their way.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::Relaxed)
    }
}

impl Drop for Deltas {
    fn drop(&mut self) {
        self.0.is_closed.store(true, Ordering::Relaxed);
        mem::take(&mut self.0.held().deltas);
    }
}

impl Losses {
    /// The next subscription that is lost.
    pub async fn recv(&mut self) -> Lost {
        poll_fn(|context| {
            let mut held = self.0.held();
            match held.lost.pop_front() {
                Some(lost) => Poll::Ready(lost),
                None => {
                    wait(&mut held.loser, context);
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// One that is already lost.
    pub fn try_recv(&mut self) -> Option<Lost> {
        self.0.held().lost.pop_front()
    }
}

fn wait(place: &mut Option<Waker>, context: &Context<'_>) {
    match place {
        Some(waker) if waker.will_wake(context.waker()) => {}
        _ => *place = Some(context.waker().clone()),
    }
}
