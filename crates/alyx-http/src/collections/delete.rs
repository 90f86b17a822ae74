//! `DELETE /api/collections/{collection}/{id}`

use actix_web::HttpResponse;
use alyx_query::Predicate;

use super::{Call, no_document};
use crate::{access::Operation, error::Result, query_string};

/// Deletes a document.
pub(super) async fn delete(call: &Call) -> Result<HttpResponse> {
    let store = call.state.store();
    let schema = store.schema();
    let collection = call.collection(&schema)?;
    call.caller.require(Operation::Delete, collection)?;
    query_string::no_parameters(&call.request)?;
    let deleted = store.delete(collection, &call.id(collection)?, &Predicate::TRUE).await?;
    if deleted { Ok(HttpResponse::NoContent().finish()) } else { Err(no_document()) }
}
