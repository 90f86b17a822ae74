//! Which live queries a change can matter to: those that ask for a value which the document has or had, and those that
//! ask for none.

use std::collections::{BTreeSet, HashMap};

use alyx_query::{FieldRef, Predicate};
use alyx_schema::{Collection, CollectionName, Document, Value};
use alyx_store::DocumentHistory;

/// Most values that one query is filed under.
const MOST_VALUES: usize = 16;

/// The number of a live query.
pub(crate) type Number = u64;

/// Live queries by what they ask.
#[derive(Default)]
pub(crate) struct Index(HashMap<CollectionName, Shelf>);

#[derive(Default)]
struct Shelf {
    /// By the field's place, then by the value.
    by_value: HashMap<usize, HashMap<Filed, BTreeSet<Number>>>,
    /// Those that ask for no value.
    rest: BTreeSet<Number>,
}

/// A value that a query can be filed under: one that is equal only to itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Filed {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
}

impl Filed {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(Self::Null),
            Value::Bool(flag) => Some(Self::Bool(*flag)),
            Value::Int(number) => Some(Self::Int(*number)),
            Value::Text(text) => Some(Self::Text(text.clone())),
            _ => None,
        }
    }
}

/// The field and the values that a query is filed under: the first with few of them, but no flag if there is another,
/// since half of all documents have it.
fn place(predicate: &Predicate) -> Option<(&FieldRef, Vec<Filed>)> {
    let equalities = predicate.equalities();
    let filed =
        equalities.into_iter().filter(|(_, values)| values.len() <= MOST_VALUES).filter_map(|(field, values)| {
            let values: Option<Vec<Filed>> = values.iter().map(Filed::of).collect();
            Some((field, values?))
        });
    filed.min_by_key(|(_, values)| values.iter().any(|value| matches!(value, Filed::Bool(_) | Filed::Null)))
}

impl Index {
    pub(crate) fn insert(&mut self, number: Number, collection: &Collection, predicate: &Predicate) {
        let shelf = self.0.entry(collection.name.clone()).or_default();
        match place(predicate) {
            Some((field, values)) => {
                let by_value = shelf.by_value.entry(field.index).or_default();
                for value in values {
                    by_value.entry(value).or_default().insert(number);
                }
            }
            None => {
                shelf.rest.insert(number);
            }
        }
    }

    pub(crate) fn remove(&mut self, number: Number, collection: &Collection, predicate: &Predicate) {
        let Some(shelf) = self.0.get_mut(&collection.name) else { return };
        shelf.rest.remove(&number);
        if let Some((field, values)) = place(predicate)
            && let Some(by_value) = shelf.by_value.get_mut(&field.index)
        {
            for value in values {
                if by_value.get_mut(&value).is_some_and(|numbers| numbers.remove(&number) && numbers.is_empty()) {
                    by_value.remove(&value);
                }
            }
            if by_value.is_empty() {
                shelf.by_value.remove(&field.index);
            }
        }
        if shelf.rest.is_empty() && shelf.by_value.is_empty() {
            self.0.remove(&collection.name);
        }
    }

    /// Whether anybody asks for documents of the collection.
    pub(crate) fn watches(&self, collection: &CollectionName) -> bool {
        self.0.contains_key(collection)
    }

    /// Queries to which these documents can matter, as they are or were.
    pub(crate) fn candidates(&self, collection: &CollectionName, histories: &[DocumentHistory]) -> BTreeSet<Number> {
        let Some(shelf) = self.0.get(collection) else { return BTreeSet::new() };
        let mut found = shelf.rest.clone();
        for history in histories {
            let states = history.states.iter().filter_map(|(_, state)| state.as_ref()).chain(history.before.as_ref());
            states.for_each(|document| shelf.add(document, &mut found));
        }
        found
    }

    /// One of the queries of the collection.
    pub(crate) fn any(&self, collection: &CollectionName) -> Option<Number> {
        let shelf = self.0.get(collection)?;
        let filed = shelf.by_value.values().flat_map(HashMap::values).flatten();
        shelf.rest.iter().chain(filed).next().copied()
    }

    /// The collections of which anything is asked.
    pub(crate) fn collections(&self) -> impl Iterator<Item = &CollectionName> {
        self.0.keys()
    }

    /// Every query of the collection.
    pub(crate) fn all(&self, collection: &CollectionName) -> BTreeSet<Number> {
        let Some(shelf) = self.0.get(collection) else { return BTreeSet::new() };
        let filed = shelf.by_value.values().flat_map(HashMap::values).flatten();
        filed.chain(&shelf.rest).copied().collect()
    }
}

impl Shelf {
    fn add(&self, document: &Document, found: &mut BTreeSet<Number>) {
        for (field, by_value) in &self.by_value {
            let numbers = Filed::of(&document.values[*field]).and_then(|value| by_value.get(&value));
            found.extend(numbers.into_iter().flatten());
        }
    }
}
