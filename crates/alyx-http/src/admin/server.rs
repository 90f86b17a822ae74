//! `GET /api/admin/schema`, `migrations`, `stats` and `config`

use actix_web::HttpResponse;
use alyx_auth::Permission;
use serde_json::{Value as Json, json};

use crate::{auth::AuthCall, error::Result, query_string, system::VERSION};

/// The data model that is served, as it was written.
pub(super) async fn schema(call: &AuthCall) -> Result<HttpResponse> {
    call.caller.require(Permission::ReadSchema)?;
    query_string::no_parameters(&call.request)?;
    let (text, hash) = call.served.store().schema_text().await?.unwrap_or_default();
    Ok(HttpResponse::Ok().json(json!({"schema": text, "hash": hash})))
}

/// What was done to the data model, oldest first.
pub(super) async fn migrations(call: &AuthCall) -> Result<HttpResponse> {
    call.caller.require(Permission::ReadSchema)?;
    query_string::no_parameters(&call.request)?;
    let history = call.served.store().history().await?;
    Ok(HttpResponse::Ok().json(json!({ "migrations": history })))
}

/// Figures of the server and its data.
pub(super) async fn stats(call: &AuthCall) -> Result<HttpResponse> {
    call.caller.require(Permission::ReadStats)?;
    query_string::no_parameters(&call.request)?;
    let contents = call.served.store().contents().await?;
    let figures = call.served.store().stats();
    let collections: Vec<Json> = contents
        .collections
        .iter()
        .map(|(name, documents)| json!({"name": name.as_str(), "documents": documents}))
        .collect();
    Ok(HttpResponse::Ok().json(json!({
        "version": VERSION,
        "uptime_seconds": call.state.uptime().as_secs(),
        "requests_in_flight": call.state.metrics().in_flight(),
        "collections": collections,
        "users": contents.accounts,
        "sessions": contents.sessions,
        "store": {
            "queue_depth": figures.queue_depth,
            "commits": figures.commits,
            "writes": figures.writes,
            "feed_position": figures.feed_position,
            "feed_lag": figures.feed_lag,
        },
    })))
}

/// The settings in force, without secrets.
pub(super) fn config(call: &AuthCall) -> Result<HttpResponse> {
    call.caller.require(Permission::ReadConfig)?;
    query_string::no_parameters(&call.request)?;
    Ok(HttpResponse::Ok().json(&call.state.options().settings))
}
