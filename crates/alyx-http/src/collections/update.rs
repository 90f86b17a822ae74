//! `PATCH /api/collections/{collection}/{id}`

use actix_web::{HttpResponse, http::header::ContentType, web::Payload};
use alyx_query::{FieldRef, Predicate};
use alyx_schema::Writer;

use super::{Call, invalid_document, no_document};
use crate::{access::Operation, body, error::Result, query_string};

/// Sets some fields of a document.
pub(super) async fn update(call: &Call, payload: Payload) -> Result<HttpResponse> {
    let store = call.state.store();
    let schema = store.schema();
    let collection = call.collection(&schema)?;
    call.caller.require(Operation::Update, collection)?;
    query_string::no_parameters(&call.request)?;
    let id = call.id(collection)?;
    let body = body::json_object(&call.request, payload, call.state.options()).await?;
    let changes = collection.changes(&body, Writer::Client, call.state.clock()).map_err(invalid_document)?;
    let changes = changes.into_iter().map(|(index, value)| (FieldRef::at(collection, index), value)).collect();
    let written =
        store.update(collection, &id, changes, &Predicate::TRUE, &call.caller).await?.ok_or_else(no_document)?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(written.json))
}
