//! What waits for one connection: bounded in number and in bytes.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use tokio::sync::mpsc::{self, Receiver, UnboundedReceiver};

/// Most bytes that wait for a connection. One message alone may be larger.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// A message on its way to one membership.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The membership's number.
    pub membership: u64,
    /// The message, shared by all who get it.
    pub text: Bytes,
    /// Whether it is about who is there.
    pub is_presence: bool,
}

/// What a connection has to do next.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// To pass on a message.
    Letter(Letter),
    /// To say that a membership, by its number, has missed messages; those before are passed on already.
    Missed(u64),
}

/// Where channels leave messages for a connection.
#[derive(Clone, Debug)]
pub struct Post {
    letters: mpsc::Sender<Letter>,
    missed: mpsc::UnboundedSender<u64>,
    bytes: Arc<AtomicUsize>,
}

/// The connection's end of its post.
#[derive(Debug)]
pub struct Letters {
    letters: Receiver<Letter>,
    missed: UnboundedReceiver<u64>,
    bytes: Arc<AtomicUsize>,
}

impl Post {
    /// A post for so many messages that wait.
    #[must_use]
    pub fn new(capacity: usize) -> (Self, Letters) {
        let (letters, waiting) = mpsc::channel(capacity.max(1));
        // At most one for each membership, which hears nothing more until it is told.
        let (missed, told) = mpsc::unbounded_channel();
        let bytes = Arc::new(AtomicUsize::new(0));
        let end = Letters { letters: waiting, missed: told, bytes: Arc::clone(&bytes) };
        (Self { letters, missed, bytes }, end)
    }

    /// Whether there was room for the letter.
    pub(super) fn send(&self, letter: Letter) -> bool {
        let size = letter.text.len();
        let before = self.bytes.fetch_add(size, Ordering::Relaxed);
        let is_sent = (before == 0 || before + size <= MOST_BYTES) && self.letters.try_send(letter).is_ok();
        if !is_sent {
            self.bytes.fetch_sub(size, Ordering::Relaxed);
        }
        is_sent
    }

    pub(super) fn say_missed(&self, membership: u64) {
        // Where nobody receives, nobody is left to be told.
        let _ = self.missed.send(membership);
    }
}

impl Letters {
    /// What comes next; letters before the word that others were missed. May be dropped at any time.
    pub async fn next(&mut self) -> Delivery {
        tokio::select! {
            biased;
            Some(letter) = self.letters.recv() => {
                self.bytes.fetch_sub(letter.text.len(), Ordering::Relaxed);
                Delivery::Letter(letter)
            }
            Some(membership) = self.missed.recv() => Delivery::Missed(membership),
            else => pending().await,
        }
    }
}
