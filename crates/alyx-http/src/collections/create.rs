//! `POST /api/collections/{collection}`

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::ContentType,
    web::{Data, Payload},
};
use alyx_schema::Writer;

use super::{invalid_document, named};
use crate::{
    AppState,
    access::{Caller, Operation},
    body,
    error::Result,
    query_string,
};

/// Stores a new document.
pub(crate) async fn create(
    request: HttpRequest,
    state: Data<AppState>,
    caller: Caller,
    payload: Payload,
) -> Result<HttpResponse> {
    let store = state.store();
    let schema = store.schema();
    let collection = named(&schema, &request)?;
    caller.require(Operation::Create, collection)?;
    query_string::no_parameters(&request)?;
    let body = body::json_object(&request, payload, state.options()).await?;
    let draft = collection.draft(&body, Writer::Client, state.clock(), state.ids()).map_err(invalid_document)?;
    let written = store.create(collection, draft, &caller).await?;
    Ok(HttpResponse::Created().content_type(ContentType::json()).body(written.json))
}
