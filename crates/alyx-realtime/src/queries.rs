//! All live queries of a store: by their question, by what they watch, and by what they ask for.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use alyx_schema::CollectionName;

use crate::{
    index::{Index, Number},
    listener::Listener,
    live::LiveQuery,
};

/// The live queries, all of them at the same place in the feed or later.
#[derive(Default)]
pub(crate) struct Queries {
    pub(crate) live: HashMap<Number, LiveQuery>,
    by_key: HashMap<Arc<str>, Number>,
    pub(crate) index: Index,
    /// Those to which documents of a collection matter that they do not ask for.
    by_other: HashMap<CollectionName, BTreeSet<Number>>,
    /// How far the feed was read; 0 before the first query.
    pub(crate) seen: i64,
    next: Number,
    /// How long the last step took.
    pub(crate) step: Duration,
    /// How long steps to commits that others have overtaken may take together.
    pub(crate) budget: Duration,
}

impl Queries {
    pub(crate) fn with_budget(budget: Duration) -> Self {
        Self { budget, ..Self::default() }
    }

    pub(crate) fn find(&self, key: &str) -> Option<Number> {
        self.by_key.get(key).copied()
    }

    pub(crate) fn add(&mut self, query: LiveQuery) -> Number {
        self.next += 1;
        let number = self.next;
        self.by_key.insert(query.question.key().into(), number);
        self.index.insert(number, &query.question.query().collection, &query.predicate);
        for other in &query.others {
            self.by_other.entry(other.clone()).or_default().insert(number);
        }
        self.live.insert(number, query);
        number
    }

    fn remove(&mut self, number: Number) {
        let Some(query) = self.live.remove(&number) else { return };
        self.by_key.remove(query.question.key());
        self.index.remove(number, &query.question.query().collection, &query.predicate);
        for other in &query.others {
            if self.by_other.get_mut(other).is_some_and(|numbers| numbers.remove(&number) && numbers.is_empty()) {
                self.by_other.remove(other);
            }
        }
    }

    /// Takes a listener away; a query to which nobody listens ends.
    pub(crate) fn leave(&mut self, key: &str, listener: &Listener) {
        let Some(number) = self.find(key) else { return };
        if let Some(query) = self.live.get_mut(&number) {
            query.listeners.retain(|other| !other.is(listener));
        }
        self.sweep([number]);
    }

    /// Ends those of these queries to which nobody listens.
    pub(crate) fn sweep(&mut self, numbers: impl IntoIterator<Item = Number>) {
        for number in numbers {
            if let Some(query) = self.live.get_mut(&number) {
                query.listeners.retain(|listener| !listener.is_gone());
                if query.listeners.is_empty() {
                    self.remove(number);
                }
            }
        }
    }

    /// Whether anything is asked of the collection, or depends on it.
    pub(crate) fn watches(&self, collection: &CollectionName) -> bool {
        self.index.watches(collection) || self.by_other.contains_key(collection)
    }

    /// All collections that matter to any query.
    pub(crate) fn watched(&self) -> BTreeSet<CollectionName> {
        self.index.collections().chain(self.by_other.keys()).cloned().collect()
    }

    /// Queries to which a change of the collection matters though they ask for another.
    pub(crate) fn dependent_on(&self, collection: &CollectionName) -> BTreeSet<Number> {
        self.by_other.get(collection).cloned().unwrap_or_default()
    }
}
