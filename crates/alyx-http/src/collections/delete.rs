//! `DELETE /api/collections/{collection}/{id}`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use alyx_query::Predicate;

use super::{id, named, no_document};
use crate::{
    AppState,
    access::{Caller, Operation},
    error::Result,
    query_string,
};

/// Deletes a document.
pub(crate) async fn delete(request: HttpRequest, state: Data<AppState>, caller: Caller) -> Result<HttpResponse> {
    let store = state.store();
    let schema = store.schema();
    let collection = named(&schema, &request)?;
    caller.require(Operation::Delete, collection)?;
    query_string::no_parameters(&request)?;
    let deleted = store.delete(collection, &id(collection, &request)?, &Predicate::TRUE).await?;
    if deleted { Ok(HttpResponse::NoContent().finish()) } else { Err(no_document()) }
}
