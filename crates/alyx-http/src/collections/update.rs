//! `PATCH /api/collections/{collection}/{id}`

use actix_web::{HttpResponse, http::header::ContentType, web::Payload};
use alyx_query::FieldRef;
use alyx_rules::Operation;
use alyx_schema::Writer;

use super::{Call, invalid_document, refused};
use crate::{body, error::Result, query_string};

/// Sets some fields of a document.
pub(super) async fn update(call: &Call, payload: Payload) -> Result<HttpResponse> {
    let collection = call.collection()?;
    let access = call.access();
    access.may(Operation::Update, collection)?;
    query_string::no_parameters(&call.request)?;
    let id = call.id(collection)?;
    let body = body::json_object(&call.request, payload, call.state.options()).await?;
    let access = access.with_body(body);
    let guard = access.guard(Operation::Update, collection);
    if guard.check(&call.caller).is_err() {
        // Refused whatever the body says; what is not readable is not there.
        return Err(refused(call, (collection, &id), &guard, &access).await?);
    }
    let changes = collection.changes(access.body(), Writer::Client, call.state.clock()).map_err(invalid_document)?;
    let changes = changes.into_iter().map(|(index, value)| (FieldRef::at(collection, index), value)).collect();
    match call.served.store().update(collection, &id, changes, &guard.whole(), &access).await? {
        Some(written) => Ok(HttpResponse::Ok().content_type(ContentType::json()).body(written.json)),
        None => Err(refused(call, (collection, &id), &guard, &access).await?),
    }
}
