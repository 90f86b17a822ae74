//! The documents of a collection: one operation a file.

mod create;
mod delete;
mod get;
mod list;
mod update;

use std::sync::Arc;

use actix_web::HttpRequest;
use alyx_query::QueryError;
use alyx_schema::{Collection, FieldFault, Schema, Value};

use crate::{
    error::{ApiError, Code, Result},
    query_string,
};

pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use update::update;

/// The collection that the path names.
fn named<'a>(schema: &'a Schema, request: &HttpRequest) -> Result<&'a Arc<Collection>> {
    let name = request.match_info().get("collection").unwrap_or_default();
    schema.collection(name).ok_or_else(|| ApiError::new(Code::NotFound, format!("there is no collection {name:?}")))
}

/// The primary key that the path names; text that can be no key names no document.
fn id(collection: &Collection, request: &HttpRequest) -> Result<Value> {
    let text = query_string::last_segment(request)?;
    Value::from_text(collection.primary_field(), &text).map_err(|_| no_document())
}

fn no_document() -> ApiError {
    ApiError::new(Code::NotFound, "there is no such document")
}

/// All faults of a query as one error.
fn invalid_query(faults: Vec<QueryError>) -> ApiError {
    let message = match faults.as_slice() {
        [only] => only.to_string(),
        several => format!("the query has {} faults", several.len()),
    };
    ApiError::new(Code::InvalidQuery, message).with_details(faults.into_iter().map(Into::into).collect())
}

/// All faults of a body as one error.
fn invalid_document(faults: Vec<FieldFault>) -> ApiError {
    let message = match faults.as_slice() {
        [only] => only.to_string(),
        several => format!("{} fields are not valid", several.len()),
    };
    ApiError::new(Code::ValidationError, message).with_details(faults.into_iter().map(Into::into).collect())
}
