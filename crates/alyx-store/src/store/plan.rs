//! What is the same for every request to a collection and so is written once.

use std::{collections::HashMap, sync::Arc};

use alyx_query::{Everything, Predicate};
use alyx_schema::{Collection, CollectionName, Document, Schema, Value};

use crate::sql::{self, DocumentView};

/// Texts of one collection.
pub(super) struct Plan {
    /// Reads one document, whole, for callers who may read everything; takes its primary key.
    pub(super) get: Arc<str>,
    /// Stores one document; takes its values.
    pub(super) insert: Arc<str>,
    /// Whether what is read must pass `render::unmark`.
    pub(super) marked: bool,
}

/// Plans by collection.
pub(super) struct Plans(HashMap<CollectionName, Plan>);

impl Plans {
    pub(super) fn new(schema: &Schema) -> Self {
        Self(schema.collections.iter().map(|(name, collection)| (name.clone(), Plan::new(collection))).collect())
    }

    /// The plan of a collection of this schema.
    pub(super) fn of(&self, collection: &Collection) -> Option<&Plan> {
        self.0.get(&collection.name)
    }
}

impl Plan {
    fn new(collection: &Collection) -> Self {
        let view = DocumentView::whole(&Everything);
        let empty = Document { values: vec![Value::Null; collection.fields.len()] };
        Self {
            get: sql::get(collection, &Value::Null, &view, &Predicate::TRUE).text.into(),
            insert: sql::insert(collection, empty).text.into(),
            marked: sql::has_markers(collection, &view),
        }
    }
}
