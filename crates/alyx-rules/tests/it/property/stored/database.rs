//! A sample in a database of its own.

use std::sync::Arc;

use alyx_query::{Everything, FieldRef, Predicate};
use alyx_schema::{Collection, Document, Schema, Value};
use alyx_store::{Database, Store, StoreOptions, Synchronous};

use crate::property::documents::Sample;

/// An open store whose file goes away with it.
pub(super) struct StoredSample {
    pub(super) store: Store,
    pub(super) schema: Arc<Schema>,
    _folder: tempfile::TempDir,
}

impl StoredSample {
    pub(super) async fn new(sample: &Sample) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let mut options = StoreOptions::new(folder.path().join("alyx.db"));
        (options.readers, options.synchronous) = (1, Synchronous::Off);
        let schema = Arc::new(sample.schema.clone());
        let mut database = Database::open(&options).await.expect("the file can be made");
        database.create_collections(&schema).await.expect("the tables can be made");
        let store = database.into_store(Arc::clone(&schema)).await.expect("it opens");
        let stored = Self { store, schema, _folder: folder };
        stored.fill(sample).await;
        stored
    }

    pub(super) fn collection(&self, name: &str) -> &Arc<Collection> {
        self.schema.collection(name).expect("it is there")
    }

    /// Documents point at each other in circles: they come without, and then with what they point at.
    async fn fill(&self, sample: &Sample) {
        let names = ["users", "teams", "memberships", "posts"];
        for name in names {
            let collection = self.collection(name);
            for document in sample.documents(name) {
                let mut alone = document.clone();
                for (value, field) in alone.values.iter_mut().zip(&collection.fields) {
                    if field.references.is_some() && field.nullable {
                        *value = Value::Null;
                    }
                }
                let made = self.store.create(collection, alone, &Predicate::TRUE, &Everything).await;
                made.expect("it fits").expect("nothing guards it");
            }
        }
        for name in names {
            for document in sample.documents(name) {
                self.replace(self.collection(name), document).await;
            }
        }
    }

    /// Sets every field of the document with this primary key.
    pub(super) async fn replace(&self, collection: &Arc<Collection>, document: &Document) {
        let values = document.values.iter().enumerate().filter(|(index, _)| *index != collection.primary);
        let changes = values.map(|(index, value)| (FieldRef::at(collection, index), value.clone())).collect();
        let id = &document.values[collection.primary];
        let made = self.store.update(collection, id, changes, &Predicate::TRUE, &Everything).await;
        made.expect("it fits").expect("it is there");
    }

    pub(super) async fn close(self) {
        self.store.close().await;
    }
}
