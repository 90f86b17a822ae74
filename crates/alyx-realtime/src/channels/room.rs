//! One channel that somebody has joined.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;

use super::{Letter, Post, Shown};

/// One who has joined.
#[derive(Debug)]
pub(super) struct Member {
    number: u64,
    post: Post,
    /// What it did not get since its post was full; until it has heard of that, it gets nothing more.
    missed: u64,
    sees: bool,
    shown: Option<Shown>,
}

/// Everything in it happens one after the other, so that all who are told are told in the same order.
#[derive(Debug, Default)]
pub(super) struct Room(Mutex<BTreeMap<u64, Member>>);

impl Member {
    pub(super) fn new(number: u64, post: Post) -> Self {
        Self { number, post, missed: 0, sees: false, shown: None }
    }

    fn tell(&mut self, text: &Bytes, is_presence: bool) {
        let letter = || Letter { membership: self.number, text: text.clone(), is_presence };
        if self.missed > 0 || !self.post.send(letter()) {
            if self.missed == 0 {
                self.post.say_missed(self.number);
            }
            self.missed += 1;
        }
    }
}

impl Room {
    fn members(&self) -> MutexGuard<'_, BTreeMap<u64, Member>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn size(&self) -> usize {
        self.members().len()
    }

    pub(super) fn enter(&self, member: Member) {
        self.members().insert(member.number, member);
    }

    pub(super) fn broadcast(&self, except: Option<u64>, text: impl FnOnce() -> Bytes) {
        let mut members = self.members();
        let mut others = members.values_mut().filter(|member| Some(member.number) != except).peekable();
        if others.peek().is_some() {
            let text = text();
            others.for_each(|member| member.tell(&text, false));
        }
    }

    pub(super) fn show(&self, number: u64, mut shown: Shown) {
        let mut members = self.members();
        // Told once, and not kept.
        let news = std::mem::take(&mut shown.news);
        if let Some(member) = members.get_mut(&number) {
            member.shown = Some(shown);
        }
        tell_of(&mut members, number, &news);
    }

    pub(super) fn hide(&self, number: u64) {
        let mut members = self.members();
        if let Some(shown) = members.get_mut(&number).and_then(|member| member.shown.take()) {
            tell_of(&mut members, number, &shown.farewell);
        }
    }

    pub(super) fn see(&self, number: u64) -> Vec<Bytes> {
        let mut members = self.members();
        if let Some(member) = members.get_mut(&number) {
            member.sees = true;
        }
        present(&members)
    }

    pub(super) fn veil(&self, number: u64) {
        self.hide(number);
        if let Some(member) = self.members().get_mut(&number) {
            member.sees = false;
        }
    }

    pub(super) fn resume(&self, number: u64) -> (u64, Option<Vec<Bytes>>) {
        let mut members = self.members();
        let Some(member) = members.get_mut(&number) else { return (0, None) };
        let (missed, sees) = (std::mem::take(&mut member.missed), member.sees);
        (missed, sees.then(|| present(&members)))
    }

    /// Whether nobody is left.
    pub(super) fn leave(&self, number: u64) -> bool {
        self.hide(number);
        let mut members = self.members();
        members.remove(&number);
        members.is_empty()
    }
}

fn tell_of(members: &mut BTreeMap<u64, Member>, number: u64, text: &Bytes) {
    let others = members.values_mut().filter(|member| member.sees && member.number != number);
    others.for_each(|member| member.tell(text, true));
}

fn present(members: &BTreeMap<u64, Member>) -> Vec<Bytes> {
    members.values().filter_map(|member| Some(member.shown.as_ref()?.entry.clone())).collect()
}
