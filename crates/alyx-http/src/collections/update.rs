//! `PATCH /api/collections/{collection}/{id}`

use std::sync::Arc;

use actix_web::{HttpResponse, http::header::ContentType, web::Payload};
use alyx_query::FieldRef;
use alyx_rules::Operation;
use alyx_schema::{Collection, Value, Writer};
use serde_json::{Map, Value as Json};

use super::{Call, invalid_document, operation::Scope};
use crate::{body, error::Result, query_string};

/// Sets some fields of a document.
pub(super) async fn update(call: &Call, payload: Payload) -> Result<HttpResponse> {
    let collection = call.collection()?;
    call.access().may(Operation::Update, collection)?;
    query_string::no_parameters(&call.request)?;
    let id = call.id(collection)?;
    let body = body::json_object(&call.request, payload, call.state.options()).await?;
    let json = update_document(&call.scope(), (collection, &id), body).await?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(json))
}

/// Sets some fields of a document and gives it back, or its primary key alone where the caller may not read it.
pub(crate) async fn update_document(
    scope: &Scope<'_>,
    (collection, id): (&Arc<Collection>, &Value),
    body: Map<String, Json>,
) -> Result<Vec<u8>> {
    let access = scope.writing(Operation::Update, body);
    access.may(Operation::Update, collection)?;
    let guard = access.guard(Operation::Update, collection);
    if guard.check(scope.caller).is_err() {
        // Refused whatever the body says; what is not readable is not there.
        return Err(scope.refused((collection, id), &guard, &access).await?);
    }
    let changes = collection.changes(access.body(), Writer::Client, scope.state.clock()).map_err(invalid_document)?;
    let guard = access.with_operators(guard, collection, &changes);
    let changes = changes.into_iter().map(|(index, change)| (FieldRef::at(collection, index), change)).collect();
    match scope.store.change(collection, id, changes, &guard.whole(), &access).await? {
        Some(written) => Ok(written.json),
        None => Err(scope.refused((collection, id), &guard, &access).await?),
    }
}
