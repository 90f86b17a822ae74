//! `POST /api/collections/{collection}`

use std::sync::Arc;

use actix_web::{HttpResponse, http::header::ContentType, web::Payload};
use alyx_query::Projection;
use alyx_rules::Operation;
use alyx_schema::{Collection, FieldFault, Writer};

use super::{Call, invalid_document};
use crate::{
    access::{self, Guard, denied},
    body,
    error::{ApiError, Result},
    query_string,
};

/// Stores a new document.
pub(super) async fn create(call: &Call, payload: Payload) -> Result<HttpResponse> {
    let collection = call.collection()?;
    let access = call.access();
    if collection.is_auth {
        return create_account(call, collection, payload).await;
    }
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

/// Makes an account and its profile, which is for administrators; everybody else registers.
async fn create_account(call: &Call, collection: &Arc<Collection>, payload: Payload) -> Result<HttpResponse> {
    call.caller.require_admin()?;
    query_string::no_parameters(&call.request)?;
    let body = body::json_object(&call.request, payload, call.state.options()).await?;
    let (auth, store) = (call.state.auth(), call.served.store());
    let drafted = auth.draft_account(call.served.schema(), &body).map_err(ApiError::from);
    let draft = drafted.and_then(|draft| match body.contains_key("password") {
        true => Ok(draft),
        false => Err(invalid_document(vec![FieldFault {
            field: "password".to_owned(),
            code: "REQUIRED",
            message: "is required".to_owned(),
        }])),
    })?;
    let id = draft.profile().map(|(_, document)| document.values[collection.primary].clone());
    let client = access::client(&call.request, &call.state);
    auth.create_account(store, draft, &call.caller.authority(&client)?).await?;
    let id = id.ok_or_else(|| ApiError::internal("an account of the profile collection has a profile"))?;
    let made = store.get(collection, &id, &Projection::default(), &call.access()).await?;
    let json = made.ok_or_else(|| ApiError::internal("the profile is gone already"))?;
    Ok(HttpResponse::Created().content_type(ContentType::json()).body(json))
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
