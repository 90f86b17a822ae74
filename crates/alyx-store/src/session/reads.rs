//! What a transaction has read, and so relies upon: collections, or single documents of them.

use std::collections::{BTreeMap, BTreeSet};

use alyx_query::{Expand, Predicate, Visible};
use alyx_schema::{Collection, CollectionName, Value};

use crate::sql::Sql;

/// More documents of one collection than this count as all of it.
const SINGLE_DOCUMENTS: usize = 1_000;

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// By collection; `None` is all of it.
    documents: BTreeMap<CollectionName, Option<BTreeSet<String>>>,
    /// Whether it is not known what else.
    everything: bool,
}

impl Reads {
    pub(crate) fn is_empty(&self) -> bool {
        self.documents.is_empty() && !self.everything
    }

    /// Whether every change matters.
    pub(crate) fn is_everything(&self) -> bool {
        self.everything
    }

    /// Who knows what was looked at.
    pub(crate) fn add_everything(&mut self) {
        self.everything = true;
    }

    /// One document was looked for.
    pub(crate) fn add_document(&mut self, collection: &Collection, id: &Value) {
        let key = match id {
            Value::Text(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            // The feed writes these in ways of its own.
            _ => return self.add_collection(&collection.name),
        };
        let documents = self.documents.entry(collection.name.clone()).or_insert_with(|| Some(BTreeSet::new()));
        if let Some(keys) = documents {
            keys.insert(key);
            if keys.len() > SINGLE_DOCUMENTS {
                *documents = None;
            }
        }
    }

    /// Documents of a collection were searched.
    pub(crate) fn add_collection(&mut self, name: &CollectionName) {
        self.documents.insert(name.clone(), None);
    }

    /// Whatever a predicate looks at besides the document itself.
    pub(crate) fn add_predicate(&mut self, predicate: &Predicate) {
        predicate.others().into_iter().for_each(|name| self.add_collection(name));
    }

    /// Whatever decides how much of a document is shown, and what is embedded in it.
    pub(crate) fn add_view(&mut self, collection: &Collection, expand: &[Expand], visible: &dyn Visible) {
        self.add_predicate(&visible.readable(collection));
        for (index, _) in collection.fields.iter().enumerate().filter(|(_, field)| field.rules.read.is_some()) {
            self.add_predicate(&visible.shown(collection, index));
        }
        for each in expand {
            self.add_collection(&each.target.name);
            self.add_view(&each.target, &each.nested, visible);
        }
    }

    /// Asks whether any of it was changed after a position. Columns: the feed's first position, 1 or 0.
    pub(crate) fn changed_since(&self, position: i64) -> Sql {
        let mut sql = Sql::new();
        sql.push(r#"SELECT (SELECT min("id") FROM "_alyx_changes"),"#);
        sql.push(r#"EXISTS (SELECT 1 FROM "_alyx_changes" WHERE "id" > "#).bind(position).push(" AND (0");
        for (collection, documents) in &self.documents {
            sql.push(r#" OR "collection" = "#).bind(collection.as_str());
            if let Some(keys) = documents {
                let keys = serde_json::Value::from_iter(keys.iter().cloned()).to_string();
                sql.push(r#" AND "doc_id" IN (SELECT "value" FROM json_each("#).bind(keys.as_str()).push("))");
            }
        }
        sql.push("))");
        sql
    }
}
