//! `DELETE /api/collections/{collection}/{id}`

use actix_web::HttpResponse;
use alyx_rules::Operation;

use super::{Call, refused};
use crate::{error::Result, query_string};

/// Deletes a document.
pub(super) async fn delete(call: &Call) -> Result<HttpResponse> {
    let collection = call.collection()?;
    let access = call.access();
    access.may(Operation::Delete, collection)?;
    query_string::no_parameters(&call.request)?;
    let id = call.id(collection)?;
    let guard = access.guard(Operation::Delete, collection);
    match call.served.store().delete(collection, &id, &guard.whole()).await? {
        true => Ok(HttpResponse::NoContent().finish()),
        false => Err(refused(call, (collection, &id), &guard, &access).await?),
    }
}
