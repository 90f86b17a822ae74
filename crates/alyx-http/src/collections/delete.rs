//! `DELETE /api/collections/{collection}/{id}`

use std::sync::Arc;

use actix_web::HttpResponse;
use alyx_rules::Operation;
use alyx_schema::{Collection, Value};
use serde_json::Map;

use super::{Call, operation::Scope};
use crate::{error::Result, query_string};

/// Deletes a document.
pub(super) async fn delete(call: &Call) -> Result<HttpResponse> {
    let collection = call.collection()?;
    call.access().may(Operation::Delete, collection)?;
    query_string::no_parameters(&call.request)?;
    let id = call.id(collection)?;
    delete_document(&call.scope(), collection, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Deletes a document.
pub(crate) async fn delete_document(scope: &Scope<'_>, collection: &Arc<Collection>, id: &Value) -> Result<()> {
    let access = scope.writing(Operation::Delete, Map::new());
    access.may(Operation::Delete, collection)?;
    let guard = access.guard(Operation::Delete, collection);
    match scope.store.delete(collection, id, &guard.whole()).await? {
        true => Ok(()),
        false => Err(scope.refused((collection, id), &guard, &access).await?),
    }
}
