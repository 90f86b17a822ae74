//! `POST /api/collections/{collection}`

use std::sync::Arc;

use actix_web::{HttpResponse, http::header::ContentType, web::Payload};
use alyx_rules::Operation;
use alyx_schema::{Collection, Writer};

use super::{Call, invalid_document};
use crate::{
    access::{Guard, denied},
    body,
    error::{ApiError, Result},
    query_string,
};

/// Stores a new document.
pub(super) async fn create(call: &Call, payload: Payload) -> Result<HttpResponse> {
    let collection = call.collection()?;
    let access = call.access();
    access.may(Operation::Create, collection)?;
    query_string::no_parameters(&call.request)?;
    let body = body::json_object(&call.request, payload, call.state.options()).await?;
    let access = access.with_body(body);
    let draft = collection.draft(access.body(), Writer::Client, call.state.clock(), call.state.ids());
    // Who may create nothing at all is not told what would be valid.
    let draft = draft.map_err(|faults| match access.is_shut(Operation::Create, collection) {
        true => denied(&call.caller),
        false => invalid_document(faults),
    })?;
    let guard = access.create_guard(collection, &draft);
    guard.check(&call.caller)?;
    match call.served.store().create(collection, draft, &guard.whole(), &access).await? {
        Some(written) => Ok(HttpResponse::Created().content_type(ContentType::json()).body(written.json)),
        None => Err(refused(call, collection, &guard).await?),
    }
}

/// Which part of the guard did not let the document through.
async fn refused(call: &Call, collection: &Arc<Collection>, guard: &Guard) -> Result<ApiError> {
    let holds = call.served.store().judge_alone(collection, &guard.parts()).await?;
    let mut fields = holds.iter().skip(1);
    let fault = match holds.first() {
        Some(true) => guard.refuse(&call.caller, |_| fields.next() == Some(&false)).err(),
        _ => None,
    };
    Ok(fault.unwrap_or_else(|| denied(&call.caller)))
}
