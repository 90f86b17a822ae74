//! What a query showed at an earlier moment: the feed's changes are taken back.

use std::collections::{BTreeSet, HashMap};

use alyx_query::{Query, Visible};
use alyx_schema::{Collection, CollectionName, FieldType, Storage};
use serde_json::{Map, Value as Json, json};

use super::{Snapshot, Window};
use crate::{
    Result,
    feed::{Change, Operation},
    render,
    sql::{Past, Sql, Touched},
};

/// More changes than this are not taken back: what is there now is sooner told anew.
const MOST_CHANGES: u32 = 5_000;

/// What a document was: the old values of fields that changed; `None` where it was not there.
type Old = Option<Map<String, Json>>;

impl Snapshot {
    /// The collections as they were at a position. `None` where the feed does not tell, or tells too much.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn past(&mut self, position: i64, collections: &BTreeSet<CollectionName>) -> Result<Option<Past>> {
        let mut sql = Sql::new();
        sql.push(r#"SELECT "id","collection","operation","doc_id","before" FROM "_alyx_changes" WHERE "id" > "#);
        sql.bind(position).push(r#" AND "collection" IN ("#);
        for (index, collection) in collections.iter().enumerate() {
            sql.push(if index == 0 { "" } else { "," }).literal(collection.as_str());
        }
        sql.push(&format!(r#") ORDER BY "id" LIMIT {}"#, MOST_CHANGES + 1));
        let rows = self.held.all(sql).await?;
        if rows.len() > MOST_CHANGES as usize {
            return Ok(None);
        }
        let changes = rows.iter().map(Change::from_row).collect::<Result<Vec<_>>>()?;
        Ok(Past::of(&self.store.schema(), changes))
    }

    /// What a query showed then, and with `count` how many matched. Collections that the past does not have are as they are now.
    ///
    /// # Errors
    /// The database does not answer, or not in time.
    pub async fn window_of(
        &mut self,
        past: &Past,
        query: &Query,
        visible: &dyn Visible,
        count: bool,
    ) -> Result<Window> {
        self.read_window(query, visible, (count, Some(past))).await
    }
}

impl Past {
    /// Folds the changes, the oldest first.
    fn of(schema: &alyx_schema::Schema, changes: Vec<Change>) -> Option<Self> {
        let mut by_collection: HashMap<CollectionName, HashMap<String, Old>> = HashMap::new();
        for Change { collection, operation, document_id, before, .. } in changes {
            let documents = by_collection.entry(collection).or_default();
            let old = documents.entry(document_id).or_insert_with(|| (operation != Operation::Insert).then(Map::new));
            if let Some(old) = old {
                // What it was before the first change of a field is what it was then.
                before.into_iter().for_each(|(name, value)| {
                    old.entry(name).or_insert(value);
                });
            }
        }
        let mut past = Self { touched: Vec::new(), reals: Vec::new() };
        for (name, documents) in by_collection {
            let collection = schema.collection(name.as_str())?;
            let touched = past.touch(collection, documents)?;
            past.touched.push((collection.clone(), touched));
        }
        Some(past)
    }

    fn touch(&mut self, collection: &Collection, documents: HashMap<String, Old>) -> Option<Touched> {
        if collection.primary_field().value_type.storage() == Storage::Real {
            // The feed has such keys with too few digits.
            return None;
        }
        let keys: Vec<&String> = documents.keys().collect();
        let keys = json!(keys).to_string();
        let mut rows = Vec::with_capacity(documents.len());
        for (key, old) in documents {
            let Some(old) = old else { continue };
            let mut row = Map::from_iter([("k".to_owned(), Json::from(key))]);
            for (name, stored) in old {
                let index = collection.field_index(&name)?;
                let value = match collection.fields[index].value_type {
                    FieldType::Float => self.keep_real(stored)?,
                    _ => stored,
                };
                row.insert(format!("f{index}"), value);
            }
            rows.push(Json::from(row));
        }
        Some(Touched { keys, rows: Json::from(rows).to_string() })
    }

    /// The place of a float among those that travel by themselves.
    fn keep_real(&mut self, stored: Json) -> Option<Json> {
        let Json::String(text) = stored else { return Some(stored) };
        self.reals.push(render::read_float(&text)?);
        Some(Json::from(self.reals.len() - 1))
    }
}
