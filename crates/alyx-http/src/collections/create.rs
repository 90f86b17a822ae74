//! `POST /api/collections/{collection}`

use std::sync::Arc;

use actix_web::{HttpResponse, http::header::ContentType, web::Payload};
use alyx_auth::Client;
use alyx_query::Projection;
use alyx_rules::Operation;
use alyx_schema::{Collection, FieldFault, Writer};
use serde_json::{Map, Value as Json};

use super::{Call, invalid_document, operation::Scope};
use crate::{
    access::{self, Guard, denied},
    body,
    error::{ApiError, Code, Result},
    query_string,
};

/// Stores a new document.
pub(super) async fn create(call: &Call, payload: Payload) -> Result<HttpResponse> {
    let collection = call.collection()?;
    match collection.is_auth {
        true => call.caller.require_admin()?,
        false => call.access().may(Operation::Create, collection)?,
    }
    query_string::no_parameters(&call.request)?;
    let body = body::json_object(&call.request, payload, call.state.options()).await?;
    let json = match collection.is_auth {
        true => create_account(&call.scope(), collection, body, access::client(&call.request, &call.state)).await?,
        false => create_document(&call.scope(), collection, body).await?,
    };
    Ok(HttpResponse::Created().content_type(ContentType::json()).body(json))
}

/// Stores a new document and gives it back, or its primary key alone where the caller may not read it.
pub(crate) async fn create_document(
    scope: &Scope<'_>,
    collection: &Arc<Collection>,
    body: Map<String, Json>,
) -> Result<Vec<u8>> {
    if collection.is_auth {
        let message = format!("documents of {} are made with their accounts, not here", collection.name);
        return Err(ApiError::new(Code::OperationNotSupported, message));
    }
    let access = scope.writing(Operation::Create, body);
    access.may(Operation::Create, collection)?;
    let draft = collection.draft(access.body(), Writer::Client, scope.state.clock(), scope.state.ids());
    // Who may create nothing at all is not told what would be valid.
    let draft = draft.map_err(|faults| match access.is_shut(Operation::Create, collection) {
        true => denied(scope.caller),
        false => invalid_document(faults),
    })?;
    let guard = access.create_guard(collection, &draft);
    guard.check(scope.caller)?;
    match scope.store.create(collection, draft, &guard.whole(), &access).await? {
        Some(written) => Ok(written.json),
        None => Err(refused(scope, collection, &guard).await?),
    }
}

/// Makes an account and its profile, which is for administrators; everybody else registers.
pub(crate) async fn create_account(
    scope: &Scope<'_>,
    collection: &Arc<Collection>,
    body: Map<String, Json>,
    client: Client,
) -> Result<Vec<u8>> {
    scope.caller.require_admin()?;
    if scope.store.is_in_transaction() {
        return Err(ApiError::new(Code::OperationNotSupported, "accounts are not made inside of a transaction"));
    }
    let auth = scope.state.auth();
    let drafted = auth.draft_account(scope.served.schema(), &body).map_err(ApiError::from);
    let draft = drafted.and_then(|draft| match body.contains_key("password") {
        true => Ok(draft),
        false => Err(invalid_document(vec![FieldFault {
            field: "password".to_owned(),
            code: "REQUIRED",
            message: "is required".to_owned(),
        }])),
    })?;
    let id = draft.profile().map(|(_, document)| document.values[collection.primary].clone());
    auth.create_account(scope.store, draft, &scope.caller.authority(&client)?).await?;
    let id = id.ok_or_else(|| ApiError::internal("an account of the profile collection has a profile"))?;
    let made = scope.store.get(collection, &id, &Projection::default(), &scope.access()).await?;
    made.ok_or_else(|| ApiError::internal("the profile is gone already"))
}

/// Which part of the guard did not let the document through.
async fn refused(scope: &Scope<'_>, collection: &Arc<Collection>, guard: &Guard) -> Result<ApiError> {
    let holds = scope.store.judge_alone(collection, &guard.parts()).await?;
    let mut fields = holds.iter().skip(1);
    let fault = match holds.first() {
        Some(true) => guard.refuse(scope.caller, |_| fields.next() == Some(&false)).err(),
        _ => None,
    };
    Ok(fault.unwrap_or_else(|| denied(scope.caller)))
}
