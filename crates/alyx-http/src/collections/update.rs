//! `PATCH /api/collections/{collection}/{id}`

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::ContentType,
    web::{Data, Payload},
};
use alyx_query::{FieldRef, Predicate};
use alyx_schema::Writer;

use super::{id, invalid_document, named, no_document};
use crate::{
    AppState,
    access::{Caller, Operation},
    body,
    error::Result,
    query_string,
};

/// Sets some fields of a document.
pub(crate) async fn update(
    request: HttpRequest,
    state: Data<AppState>,
    caller: Caller,
    payload: Payload,
) -> Result<HttpResponse> {
    let store = state.store();
    let schema = store.schema();
    let collection = named(&schema, &request)?;
    caller.require(Operation::Update, collection)?;
    query_string::no_parameters(&request)?;
    let id = id(collection, &request)?;
    let body = body::json_object(&request, payload, state.options()).await?;
    let changes = collection.changes(&body, Writer::Client, state.clock()).map_err(invalid_document)?;
    let changes = changes.into_iter().map(|(index, value)| (FieldRef::at(collection, index), value)).collect();
    let written = store.update(collection, &id, changes, &Predicate::TRUE, &caller).await?.ok_or_else(no_document)?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(written.json))
}
