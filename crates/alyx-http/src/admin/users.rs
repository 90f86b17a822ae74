//! `GET` and `POST /api/admin/users`, `GET`, `PATCH` and `DELETE /api/admin/users/{id}`

use actix_web::HttpResponse;
use alyx_auth::{AccountChanges, Permission};
use alyx_schema::clock::format_timestamp;
use alyx_store::account::{Account, AccountQuery};
use serde_json::{Value as Json, json};

use super::Parameters;
use crate::{
    auth::{AuthCall, account_json},
    error::Result,
    query_string,
};

/// Accounts, newest first.
pub(super) async fn list(call: &AuthCall) -> Result<HttpResponse> {
    call.caller.require(Permission::ReadUsers)?;
    let mut parameters = Parameters::of(call)?;
    let query = AccountQuery {
        email_contains: parameters.text("email"),
        role: parameters.text("role"),
        banned: parameters.flag("banned"),
        limit: parameters.limit(),
        offset: parameters.offset(),
    };
    parameters.finish()?;
    let found = call.state.auth().accounts(call.served.store(), &query).await?;
    let users: Vec<Json> = found.accounts.iter().map(user_json).collect();
    let page = json!({"users": users, "total": found.total, "limit": query.limit, "offset": query.offset});
    Ok(HttpResponse::Ok().json(page))
}

/// Makes an account and its profile; no rule judges it.
pub(super) async fn create(mut call: AuthCall) -> Result<HttpResponse> {
    call.caller.require_admin()?;
    let body = call.fields().await?.into_map();
    let (auth, store) = (call.state.auth(), call.served.store());
    let draft = auth.draft_account(call.served.schema(), &body)?;
    let made = auth.create_account(store, draft, &call.caller.authority(&call.client)?).await?;
    Ok(HttpResponse::Created().json(user_json(&made)))
}

/// One account.
pub(super) async fn get(call: &AuthCall) -> Result<HttpResponse> {
    call.caller.require(Permission::ReadUsers)?;
    query_string::no_parameters(&call.request)?;
    let id = query_string::last_segment(&call.request)?;
    let found = call.state.auth().account(call.served.store(), &id).await?;
    Ok(HttpResponse::Ok().json(user_json(&found)))
}

/// Sets what only administrators set.
pub(super) async fn update(mut call: AuthCall) -> Result<HttpResponse> {
    call.caller.require_admin()?;
    let mut fields = call.fields().await?;
    let changes = AccountChanges {
        role: fields.optional_text("role"),
        verified: fields.optional_flag("verified"),
        banned: fields.optional_flag("banned"),
        metadata: fields.optional_object("metadata"),
        password: None,
    };
    fields.finish()?;
    let id = query_string::last_segment(&call.request)?;
    let (auth, store) = (call.state.auth(), call.served.store());
    let changed = auth.update_account(store, &id, changes, &call.caller.authority(&call.client)?).await?;
    Ok(HttpResponse::Ok().json(user_json(&changed)))
}

/// Deletes an account and its profile.
pub(super) async fn delete(call: &AuthCall) -> Result<HttpResponse> {
    call.caller.require_admin()?;
    query_string::no_parameters(&call.request)?;
    let id = query_string::last_segment(&call.request)?;
    let authority = call.caller.authority(&call.client)?;
    call.state.auth().delete_account(call.served.store(), &id, &authority).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An account as administrators see it.
fn user_json(account: &Account) -> Json {
    let mut json = account_json(account);
    json["banned"] = account.banned.into();
    json["has_password"] = account.has_password.into();
    json["last_sign_in_at"] = account.last_sign_in_at.map(format_timestamp).into();
    json
}
