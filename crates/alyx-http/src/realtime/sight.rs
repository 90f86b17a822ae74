//! What a caller may see, decided once for all collections: it outlives the request.

use std::{borrow::Cow, collections::HashMap};

use alyx_query::{Predicate, Visible};
use alyx_schema::{Collection, CollectionName, Schema};

/// What of each collection a caller may see.
#[derive(Default)]
pub(super) struct Sight(HashMap<CollectionName, Seen>);

struct Seen {
    readable: Predicate,
    /// By the field's place; only fields with a rule of their own.
    shown: HashMap<usize, Predicate>,
}

impl Sight {
    pub(super) fn of(schema: &Schema, visible: &dyn Visible) -> Self {
        let seen = |collection: &Collection| {
            let bound = collection.fields.iter().enumerate().filter(|(_, field)| field.rules.read.is_some());
            Seen {
                readable: visible.readable(collection).into_owned(),
                shown: bound.map(|(index, _)| (index, visible.shown(collection, index).into_owned())).collect(),
            }
        };
        Self(schema.collections.values().map(|collection| (collection.name.clone(), seen(collection))).collect())
    }

    /// The sight of who may see nothing.
    pub(super) fn nothing() -> Self {
        Self::default()
    }
}

impl Visible for Sight {
    fn readable(&self, collection: &Collection) -> Cow<'_, Predicate> {
        self.0.get(&collection.name).map_or(Cow::Owned(Predicate::FALSE), |seen| Cow::Borrowed(&seen.readable))
    }

    fn shown(&self, collection: &Collection, field: usize) -> Cow<'_, Predicate> {
        let seen = self.0.get(&collection.name).and_then(|seen| seen.shown.get(&field));
        seen.map_or(Cow::Owned(Predicate::FALSE), Cow::Borrowed)
    }
}
