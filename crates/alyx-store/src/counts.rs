//! Totals that stay known. Counting 80,000 documents takes milliseconds and is asked for with every
//! page; the feed says what has changed since, and the matcher what that means for the count.
//!
//! A count is kept with the feed's position at which it was exact. It is only used at that very
//! position, or brought forward through every change in between; where that costs more than
//! counting, or the feed no longer reaches back, the database counts again.

mod catch_up;

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use alyx_query::{FieldRef, Predicate, Query};
use alyx_schema::Collection;

pub use catch_up::DocumentHistory;
pub(crate) use catch_up::{Delta, any_change_since, changes_since, histories};

/// Counts kept.
const KEPT: usize = 10_000;

/// Counting fewer documents than this is as quick as remembering.
const WORTH_KEEPING: u64 = 64;

/// A change costs as much as this many counted documents.
const DOCUMENTS_PER_CHANGE: u64 = 24;

/// More changes than this are never read for a count.
const CHANGES_AT_MOST: u64 = 2000;

/// A count that was exact at a position of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) count: u64,
    pub(crate) position: i64,
}

impl Known {
    /// Whether bringing it forward is cheaper than counting.
    pub(crate) fn is_worth_it(self, latest: i64) -> bool {
        let changes = u64::try_from(latest - self.position).unwrap_or_default();
        changes <= (self.count / DOCUMENTS_PER_CHANGE).min(CHANGES_AT_MOST)
    }
}

/// The counts by what they count.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    entries: Mutex<Entries>,
    reused: AtomicU64,
}

#[derive(Debug, Default)]
struct Entries {
    by_key: HashMap<String, Entry>,
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    known: Known,
    used: u64,
}

impl Counts {
    /// What is known of this count.
    pub(crate) fn get(&self, key: &str) -> Option<Known> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.uses += 1;
        let now = entries.uses;
        let entry = entries.by_key.get_mut(key)?;
        entry.used = now;
        Some(entry.known)
    }

    /// Keeps a count, unless a later one is there.
    pub(crate) fn keep(&self, key: String, known: Known) {
        if known.count < WORTH_KEEPING {
            return;
        }
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.uses += 1;
        let used = entries.uses;
        match entries.by_key.get_mut(&key) {
            Some(entry) if entry.known.position > known.position => entry.used = used,
            Some(entry) => *entry = Entry { known, used },
            None => {
                entries.by_key.insert(key, Entry { known, used });
                entries.shrink();
            }
        }
    }
}

impl Counts {
    /// Notes that a count was used.
    pub(crate) fn note_reuse(&self) {
        self.reused.fetch_add(1, Ordering::Relaxed);
    }

    /// How often a count was used.
    pub(crate) fn reused(&self) -> u64 {
        self.reused.load(Ordering::Relaxed)
    }
}

impl Entries {
    /// Drops the half that was not used for longest, once there are too many.
    fn shrink(&mut self) {
        if self.by_key.len() <= KEPT {
            return;
        }
        let mut uses: Vec<u64> = self.by_key.values().map(|entry| entry.used).collect();
        let (_, median, _) = uses.select_nth_unstable(KEPT / 2);
        let median = *median;
        self.by_key.retain(|_, entry| entry.used > median);
    }
}

/// What a total counts, as text: the same for queries that differ in order or page alone.
pub(crate) fn key(query: &Query, readable: &Predicate) -> String {
    let mut key = query.collection.name.to_string();
    key.push('\n');
    key.push_str(&query.predicate.canonical_key());
    if *readable != Predicate::TRUE {
        key.push('\n');
        key.push_str(&readable.canonical_key());
    }
    key
}

/// The fields that predicates look at, each once.
pub(crate) fn looked_at(collection: &Collection, predicates: &[&Predicate]) -> Vec<FieldRef> {
    let mut seen = vec![false; collection.fields.len()];
    for predicate in predicates {
        mark(predicate, &mut seen);
    }
    let indexes = seen.iter().enumerate().filter(|(_, seen)| **seen);
    indexes.map(|(index, _)| FieldRef::at(collection, index)).collect()
}

fn mark(predicate: &Predicate, seen: &mut [bool]) {
    match predicate {
        Predicate::Constant(_) => {}
        Predicate::Compare { field, .. }
        | Predicate::In { field, .. }
        | Predicate::Like { field, .. }
        | Predicate::ContainsText { field, .. }
        | Predicate::ContainsItem { field, .. }
        | Predicate::IsNull(field) => seen[field.index] = true,
        Predicate::And(parts) | Predicate::Or(parts) => parts.iter().for_each(|part| mark(part, seen)),
        Predicate::Not(inner) => mark(inner, seen),
        Predicate::CompareFields { left, right, .. } => {
            seen[left.field.index] = true;
            seen[right.field.index] = true;
        }
        Predicate::Scan(scan) => scan.operands.iter().for_each(|operand| seen[operand.field.index] = true),
        // Only predicates that look at nothing else are brought forward.
        Predicate::Related { .. } | Predicate::Exists { .. } | Predicate::Outer { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_gives_way_only_to_a_later_one() {
        let counts = Counts::default();
        counts.keep("k".to_owned(), Known { count: 100, position: 5 });
        counts.keep("k".to_owned(), Known { count: 90, position: 4 });
        assert_eq!(counts.get("k"), Some(Known { count: 100, position: 5 }));
        counts.keep("k".to_owned(), Known { count: 110, position: 6 });
        assert_eq!(counts.get("k"), Some(Known { count: 110, position: 6 }));
    }

    #[test]
    fn what_was_used_last_is_kept_longest() {
        let counts = Counts::default();
        for number in 0..KEPT {
            counts.keep(number.to_string(), Known { count: 100, position: 1 });
        }
        assert!(counts.get("0").is_some());
        counts.keep("one more".to_owned(), Known { count: 100, position: 1 });
        assert!(counts.get("0").is_some() && counts.get("one more").is_some());
        assert_eq!(counts.get("1"), None);
    }
}
