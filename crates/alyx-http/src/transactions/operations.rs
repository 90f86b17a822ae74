//! The operations of a batch: what a client wrote, and how each is done.

use std::{borrow::Cow, sync::Arc};

use alyx_schema::{Collection, Value};
use serde_json::{Map, Value as Json};

use crate::{
    collections::{no_collection, no_document, operation, operation::Scope},
    error::{ApiError, Code, Detail, Result},
    served::Served,
};

/// One operation of a batch, its words understood.
pub(crate) enum Operation {
    Create(Arc<Collection>, Map<String, Json>),
    Update(Arc<Collection>, Value, Map<String, Json>),
    Upsert(Arc<Collection>, Map<String, Json>),
    Delete(Arc<Collection>, Value),
}

/// Reads the operations of a body, all of whose faults come together.
pub(crate) fn read(served: &Served, mut body: Map<String, Json>, most: Option<u32>) -> Result<Vec<Operation>> {
    let Some(Json::Array(operations)) = body.remove("operations") else {
        return Err(invalid(vec![fault("operations".to_owned(), "REQUIRED", "is a list of operations")]));
    };
    if most.is_some_and(|most| operations.len() > most as usize) {
        let message = "has more operations than a batch may have (database.transactions.max_operations)";
        return Err(invalid(vec![fault("operations".to_owned(), "TOO_MANY", message)]));
    }
    let mut faults: Vec<Detail> =
        body.keys().take(20).map(|key| fault(key.clone(), "UNKNOWN_FIELD", "is no part of a batch")).collect();
    let mut first = None;
    let mut read = Vec::with_capacity(operations.len());
    for (index, operation) in operations.into_iter().enumerate() {
        match Written::read(index, operation).and_then(|written| written.understand(served)) {
            Ok(operation) => read.push(operation),
            Err(Unreadable::Faults(more)) => faults.extend(more),
            // It is one of the operation's own, as if it had been tried.
            Err(Unreadable::Error(error)) => first = first.or(Some(named(index, *error))),
        }
    }
    match first {
        _ if !faults.is_empty() => Err(invalid(faults)),
        Some(error) => Err(error),
        None => Ok(read),
    }
}

impl Operation {
    /// Does it; what it answers with is JSON.
    pub(crate) async fn run(self, scope: &Scope<'_>) -> Result<Cow<'static, [u8]>> {
        Ok(match self {
            Self::Create(collection, data) => operation::create(scope, &collection, data).await?.into(),
            Self::Update(collection, id, data) => operation::update(scope, (&collection, &id), data).await?.into(),
            Self::Upsert(collection, data) => operation::upsert(scope, &collection, data).await?.into(),
            Self::Delete(collection, id) => {
                operation::delete(scope, &collection, &id).await?;
                b"null"[..].into()
            }
        })
    }
}

/// An operation as it was written.
struct Written {
    kind: Kind,
    collection: String,
    id: Option<Json>,
    data: Option<Map<String, Json>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Create,
    Update,
    Upsert,
    Delete,
}

/// Why an operation cannot be done, before anything is tried.
enum Unreadable {
    Faults(Vec<Detail>),
    Error(Box<ApiError>),
}

impl From<ApiError> for Unreadable {
    fn from(error: ApiError) -> Self {
        Self::Error(Box::new(error))
    }
}

impl Written {
    fn read(index: usize, json: Json) -> Result<Self, Unreadable> {
        let place = format!("operations[{index}]");
        let Json::Object(mut object) = json else {
            return Err(Unreadable::Faults(vec![fault(place, "TYPE", "is an object")]));
        };
        let mut faults = Vec::new();
        let mut wrong = |key: &str, code, message| faults.push(fault(format!("{place}.{key}"), code, message));
        let kind = match object.remove("op").as_ref().and_then(Json::as_str) {
            Some("create") => Some(Kind::Create),
            Some("update") => Some(Kind::Update),
            Some("upsert") => Some(Kind::Upsert),
            Some("delete") => Some(Kind::Delete),
            _ => None,
        };
        let collection = object.remove("collection").and_then(|name| name.as_str().map(str::to_owned));
        let id = object.remove("id").filter(|id| !id.is_null());
        let data = match object.remove("data") {
            Some(Json::Object(data)) => Some(data),
            None | Some(Json::Null) => None,
            Some(_) => {
                wrong("data", "TYPE", "is an object");
                None
            }
        };
        if kind.is_none() {
            wrong("op", "NOT_ALLOWED", "is create, update, upsert or delete");
        }
        if collection.is_none() {
            wrong("collection", "REQUIRED", "is the name of a collection");
        }
        check_parts(kind, id.as_ref(), data.is_some(), &mut wrong);
        for key in object.keys().take(20) {
            wrong(key, "UNKNOWN_FIELD", "is no part of an operation");
        }
        match (kind, collection) {
            (Some(kind), Some(collection)) if faults.is_empty() => Ok(Self { kind, collection, id, data }),
            _ => Err(Unreadable::Faults(faults)),
        }
    }

    fn understand(self, served: &Served) -> Result<Operation, Unreadable> {
        let Self { kind, collection, id, data } = self;
        let found = served.schema().collection(&collection);
        let collection = found.ok_or_else(|| no_collection(Code::NotFound, &collection))?.clone();
        let data = data.unwrap_or_default();
        Ok(match kind {
            Kind::Create => Operation::Create(collection, data),
            Kind::Upsert => {
                let data = operation::with_key(&collection, id, data)?;
                Operation::Upsert(collection, data)
            }
            Kind::Update | Kind::Delete => {
                let text = id.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)).unwrap_or_default();
                // Text that can be no key names no document.
                let id = Value::from_text(collection.primary_field(), &text).map_err(|_| no_document())?;
                match kind {
                    Kind::Update => Operation::Update(collection, id, data),
                    _ => Operation::Delete(collection, id),
                }
            }
        })
    }
}

fn check_parts(
    kind: Option<Kind>,
    id: Option<&Json>,
    has_data: bool,
    wrong: &mut impl FnMut(&str, &'static str, &'static str),
) {
    let Some(kind) = kind else { return };
    match id {
        Some(Json::String(_) | Json::Number(_)) if kind == Kind::Create => {
            wrong("id", "UNKNOWN_FIELD", "stands in the data of what is created");
        }
        Some(Json::String(_) | Json::Number(_)) => {}
        Some(_) => wrong("id", "TYPE", "is a primary key"),
        None if matches!(kind, Kind::Update | Kind::Delete) => wrong("id", "REQUIRED", "is required"),
        None => {}
    }
    match kind {
        Kind::Delete if has_data => wrong("data", "UNKNOWN_FIELD", "has no place where something is deleted"),
        Kind::Create | Kind::Update | Kind::Upsert if !has_data => wrong("data", "REQUIRED", "is required"),
        _ => {}
    }
}

/// The same error with the place of the operation that it is of.
pub(crate) fn named(index: usize, error: ApiError) -> ApiError {
    let place = format!("operations[{index}]");
    let own = fault(place.clone(), error.code.as_str(), &error.message);
    let details = error.details.into_iter().map(|detail| {
        let field = format!("{place}.data.{}", detail.field);
        Detail { field, ..detail }
    });
    let details = std::iter::once(own).chain(details).collect();
    ApiError { details, ..error }
}

fn fault(field: String, code: &'static str, message: &str) -> Detail {
    Detail { field, code: code.into(), message: message.to_owned() }
}

fn invalid(faults: Vec<Detail>) -> ApiError {
    let message = match faults.as_slice() {
        [only] => format!("{} {}", only.field, only.message),
        several => format!("the batch has {} faults", several.len()),
    };
    ApiError::new(Code::ValidationError, message).with_details(faults)
}
