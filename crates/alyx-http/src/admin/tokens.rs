//! `GET` and `POST /api/admin/tokens`, `DELETE /api/admin/tokens/{name}`

use actix_web::HttpResponse;
use alyx_schema::clock::format_timestamp;
use alyx_store::account::DeployToken;
use serde_json::{Value as Json, json};

use crate::{auth::AuthCall, error::Result, query_string};

/// Every deploy token, without what opens anything.
pub(super) async fn list(call: &AuthCall) -> Result<HttpResponse> {
    call.caller.require_admin()?;
    query_string::no_parameters(&call.request)?;
    let tokens = call.state.auth().deploy_tokens(call.served.store()).await?;
    let tokens: Vec<Json> = tokens.iter().map(token_json).collect();
    Ok(HttpResponse::Ok().json(json!({ "tokens": tokens })))
}

/// Makes a deploy token; the answer is the only place where it is shown.
pub(super) async fn create(mut call: AuthCall) -> Result<HttpResponse> {
    call.caller.require_admin()?;
    let mut fields = call.fields().await?;
    let (name, permissions) = (fields.text("name"), fields.texts("permissions"));
    let expires_at = fields.optional_time("expires_at");
    fields.finish()?;
    let authority = call.caller.authority(&call.client)?;
    let (auth, store) = (call.state.auth(), call.served.store());
    let made = auth.create_deploy_token(store, (&name, &permissions), expires_at, &authority).await?;
    let mut json = token_json(&made.details);
    json["token"] = made.token.into();
    Ok(HttpResponse::Created().json(json))
}

/// Makes a deploy token worthless.
pub(super) async fn revoke(call: &AuthCall) -> Result<HttpResponse> {
    call.caller.require_admin()?;
    query_string::no_parameters(&call.request)?;
    let name = query_string::last_segment(&call.request)?;
    let authority = call.caller.authority(&call.client)?;
    call.state.auth().revoke_deploy_token(call.served.store(), &name, &authority).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn token_json(token: &DeployToken) -> Json {
    json!({
        "name": token.name,
        "prefix": token.prefix,
        "permissions": token.permissions,
        "created_at": format_timestamp(token.created_at),
        "created_by": token.created_by,
        "expires_at": token.expires_at.map(format_timestamp),
        "last_used_at": token.last_used_at.map(format_timestamp),
    })
}
