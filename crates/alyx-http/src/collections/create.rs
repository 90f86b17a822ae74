//! `POST /api/collections/{collection}`

use actix_web::{HttpResponse, http::header::ContentType, web::Payload};
use alyx_schema::Writer;

use super::{Call, invalid_document};
use crate::{access::Operation, body, error::Result, query_string};

/// Stores a new document.
pub(super) async fn create(call: &Call, payload: Payload) -> Result<HttpResponse> {
    let store = call.state.store();
    let schema = store.schema();
    let collection = call.collection(&schema)?;
    call.caller.require(Operation::Create, collection)?;
    query_string::no_parameters(&call.request)?;
    let body = body::json_object(&call.request, payload, call.state.options()).await?;
    let draft =
        collection.draft(&body, Writer::Client, call.state.clock(), call.state.ids()).map_err(invalid_document)?;
    let written = store.create(collection, draft, &call.caller).await?;
    Ok(HttpResponse::Created().content_type(ContentType::json()).body(written.json))
}
