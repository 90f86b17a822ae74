//! A map that never grows beyond its bound: what was not asked for lately goes.

use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Parts with a lock of their own, so that requests seldom wait for each other.
const PARTS: usize = 16;

/// A bounded map.
pub(crate) struct Cache<K, V> {
    parts: [Mutex<Part<K, V>>; PARTS],
    hasher: RandomState,
    /// Entries of one generation of one part.
    most: usize,
}

/// Entries used since the last turn, and those of the turn before.
struct Part<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Hash + Eq + Clone, V: Clone> Cache<K, V> {
    /// A map of at most about so many entries.
    pub(crate) fn new(most: usize) -> Self {
        let part = || Mutex::new(Part { young: HashMap::new(), old: HashMap::new() });
        Self { parts: std::array::from_fn(|_| part()), hasher: RandomState::new(), most: (most / PARTS / 2).max(1) }
    }

    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let mut part = self.part(key);
        if let Some(value) = part.young.get(key) {
            return Some(value.clone());
        }
        let (key, value) = part.old.remove_entry(key)?;
        self.put(&mut part, key, value.clone());
        Some(value)
    }

    pub(crate) fn insert(&self, key: K, value: V) {
        let mut part = self.part(&key);
        part.old.remove(&key);
        self.put(&mut part, key, value);
    }

    pub(crate) fn remove<Q: Hash + Eq + ?Sized>(&self, key: &Q)
    where
        K: Borrow<Q>,
    {
        let mut part = self.part(key);
        part.young.remove(key);
        part.old.remove(key);
    }

    /// Removes what the test is true of.
    pub(crate) fn remove_where(&self, test: impl Fn(&V) -> bool) {
        for part in &self.parts {
            let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
            part.young.retain(|_, value| !test(value));
            part.old.retain(|_, value| !test(value));
        }
    }

    /// Removes everything.
    pub(crate) fn clear(&self) {
        self.remove_where(|_| true);
    }

    fn put(&self, part: &mut Part<K, V>, key: K, value: V) {
        if part.young.len() >= self.most {
            part.old = std::mem::take(&mut part.young);
        }
        part.young.insert(key, value);
    }

    fn part<Q: Hash + ?Sized>(&self, key: &Q) -> MutexGuard<'_, Part<K, V>> {
        let place = self.hasher.hash_one(key) as usize % PARTS;
        self.parts[place].lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        let length = |part: &Mutex<Part<K, V>>| part.lock().map_or(0, |part| part.young.len() + part.old.len());
        self.parts.iter().map(length).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;

    #[test]
    fn it_keeps_what_is_used_and_never_grows_beyond_its_bound() {
        let cache: Cache<u32, u32> = Cache::new(320);
        cache.insert(0, 7);
        for number in 1..10_000 {
            cache.insert(number, number);
            assert_eq!(cache.get(&0), Some(7), "after {number}");
            assert!(cache.len() <= 320);
        }
        assert_eq!(cache.get(&1), None);
    }

    #[test]
    fn what_is_removed_is_gone() {
        let cache: Cache<String, u32> = Cache::new(1000);
        for number in 0..100 {
            cache.insert(number.to_string(), number);
        }
        cache.remove("5");
        cache.remove_where(|value| *value >= 50);
        assert_eq!((cache.get("5"), cache.get("50"), cache.get("49")), (None, None, Some(49)));
        cache.insert("49".to_owned(), 0);
        assert_eq!(cache.get("49"), Some(0));
        cache.clear();
        assert_eq!(cache.len(), 0);
    }
}
