//! A query from the payload of a subscription: `{collection, filter, sort, limit, expand, fields}`.

use std::sync::Arc;

use alyx_schema::{Collection, Schema};
use serde_json::{Map, Value as Json};

use super::{Faults, bad_limit, comma_list, is_limit, projected, unknown};
use crate::{
    ErrorCode, Query, QueryError, condition::Conditions, error::quoted, expand, limits::DEFAULT_LIMIT, sort, where_json,
};

const KEYS: [&str; 6] = ["collection", "filter", "sort", "limit", "expand", "fields"];

impl Query {
    /// Reads the JSON form of a query: `filter` is a JSON filter, lists are arrays of names or one
    /// text with commas. Neither total nor offset.
    pub fn from_json(schema: &Schema, json: &Json) -> Result<Self, Vec<QueryError>> {
        let Json::Object(entries) = json else {
            return Err(vec![QueryError::new("query", ErrorCode::InvalidValue, "", "a query must be an object")]);
        };
        let collection = collection(schema, entries).map_err(|error| vec![error])?;
        let mut faults = Faults::default();
        for key in entries.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            faults.push(unknown(key, KEYS.into_iter()));
        }
        let mut conditions = Conditions::new(&collection, "filter");
        let predicate = match entries.get("filter") {
            Some(filter) => where_json::read(&mut conditions, filter),
            None => crate::Predicate::TRUE,
        };
        let predicate = faults.take(conditions.finish(predicate));
        let sort = faults.list(entries, "sort", |keys| sort::parse(&collection, keys));
        let expand = faults.list(entries, "expand", |paths| expand::parse(schema, &collection, paths));
        let fields = faults.list(entries, "fields", |names| projected(&collection, names));
        let limit = entries.get("limit").map_or(Ok(DEFAULT_LIMIT), read_limit);
        let limit = faults.take_one(limit);
        let whole = predicate.zip(limit).map(|(predicate, limit)| Self {
            sort: sort.unwrap_or_else(|| sort::default(&collection)),
            expand: expand.unwrap_or_default(),
            collection,
            predicate,
            limit,
            offset: 0,
            cursor: None,
            fields,
            total: false,
        });
        faults.finish(whole)
    }
}

fn collection(schema: &Schema, entries: &Map<String, Json>) -> Result<Arc<Collection>, QueryError> {
    let refused = |name: &str, message| QueryError::new("collection", ErrorCode::UnknownCollection, name, message);
    match entries.get("collection") {
        Some(Json::String(name)) => schema
            .collection(name)
            .cloned()
            .ok_or_else(|| refused(name, format!("there is no collection {}", quoted(name)))),
        _ => Err(refused("", "a query names its collection".to_owned())),
    }
}

fn read_limit(json: &Json) -> Result<u32, QueryError> {
    let limit = json.as_u64().and_then(|limit| u32::try_from(limit).ok()).filter(is_limit);
    limit.ok_or_else(|| bad_limit(&json.to_string()))
}

impl Faults {
    /// What `read` makes of the names under `key`; `None` where there are none, or a fault.
    fn list<T>(
        &mut self,
        entries: &Map<String, Json>,
        key: &'static str,
        read: impl FnOnce(&[&str]) -> Result<T, Vec<QueryError>>,
    ) -> Option<T> {
        let names = match entries.get(key)? {
            Json::String(text) => Some(comma_list(text)),
            Json::Array(names) => names.iter().map(Json::as_str).collect(),
            _ => None,
        };
        match names {
            Some(names) => self.take(read(&names)),
            None => {
                let message = format!("{key} must be a list of names");
                self.push(QueryError::new(key, ErrorCode::InvalidValue, key, message));
                None
            }
        }
    }
}
