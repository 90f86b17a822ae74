//! Channels: who has joined which, what goes to all others, and who shows that they are there.
//!
//! Nothing here is stored, and nothing says who may: whoever holds a [`Membership`] is in. Texts are made by the
//! caller, once for all who get them.

mod post;
mod room;

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;

pub use post::{Delivery, Letter, Letters, Post};
use room::{Member, Room};

/// All channels that somebody has joined. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Channels(Arc<Rooms>);

#[derive(Debug, Default)]
struct Rooms {
    /// Who joins looks a room up and enters it under the same lock, so that no room is removed in between.
    by_name: RwLock<HashMap<Arc<str>, Arc<Room>>>,
    last: AtomicU64,
}

/// A place in a channel; dropped, it is left, and those who see who is there are told.
#[derive(Debug)]
pub struct Membership {
    rooms: Arc<Rooms>,
    channel: Arc<str>,
    room: Arc<Room>,
    number: u64,
}

/// How a member shows that it is there.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What a list of those who are there says of it.
    pub entry: Bytes,
    /// The message that tells of its coming, or of what is new about it.
    pub news: Bytes,
    /// The message that tells of its leaving.
    pub farewell: Bytes,
}

impl Channels {
    /// Joins a channel; what is sent there goes to the post. One who is in twice hears everything twice.
    #[must_use]
    pub fn join(&self, channel: &str, post: &Post) -> Membership {
        let number = self.0.last.fetch_add(1, Ordering::Relaxed);
        let member = || Member::new(number, post.clone());
        let entered = self.0.enter(channel, member);
        let (channel, room) = entered.unwrap_or_else(|| self.0.open(channel, member()));
        Membership { rooms: Arc::clone(&self.0), channel, room, number }
    }

    /// Sends to everybody in a channel but `except`; the text is made only where somebody is.
    pub fn broadcast(&self, channel: &str, except: Option<u64>, text: impl FnOnce() -> Bytes) {
        let room = self.0.read().get(channel).cloned();
        if let Some(room) = room {
            room.broadcast(except, text);
        }
    }

    /// How many channels somebody has joined, and how many have joined in all.
    #[must_use]
    pub fn figures(&self) -> (usize, usize) {
        let rooms = self.0.read();
        (rooms.len(), rooms.values().map(|room| room.size()).sum())
    }
}

impl Rooms {
    fn read(&self) -> RwLockReadGuard<'_, HashMap<Arc<str>, Arc<Room>>> {
        self.by_name.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a room that is there.
    fn enter(&self, channel: &str, member: impl FnOnce() -> Member) -> Option<(Arc<str>, Arc<Room>)> {
        let rooms = self.read();
        let (name, room) = rooms.get_key_value(channel)?;
        room.enter(member());
        Some((Arc::clone(name), Arc::clone(room)))
    }

    fn open(&self, channel: &str, member: Member) -> (Arc<str>, Arc<Room>) {
        let mut rooms = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        let name = rooms.get_key_value(channel).map_or_else(|| channel.into(), |(name, _)| Arc::clone(name));
        let room = Arc::clone(rooms.entry(Arc::clone(&name)).or_default());
        room.enter(member);
        (name, room)
    }

    fn close_if_empty(&self, channel: &str) {
        let mut rooms = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        if rooms.get(channel).is_some_and(|room| room.size() == 0) {
            rooms.remove(channel);
        }
    }
}

impl Membership {
    /// The same for no two memberships.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The channel's name.
    #[must_use]
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// Shows itself, or something new about itself.
    pub fn show(&self, shown: Shown) {
        self.room.show(self.number, shown);
    }

    /// Is there without showing it from now on.
    pub fn hide(&self) {
        self.room.hide(self.number);
    }

    /// Hears from now on who comes and goes; those who are there now, itself included where it shows itself.
    #[must_use]
    pub fn see(&self) -> Vec<Bytes> {
        self.room.see(self.number)
    }

    /// Neither sees nor is seen any more.
    pub fn veil(&self) {
        self.room.veil(self.number);
    }

    /// How many messages it has missed, and who is there now if it sees that: from here on it hears everything again.
    #[must_use]
    pub fn resume(&self) -> (u64, Option<Vec<Bytes>>) {
        self.room.resume(self.number)
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        if self.room.leave(self.number) {
            self.rooms.close_if_empty(&self.channel);
        }
    }
}

#[cfg(test)]
mod tests;
