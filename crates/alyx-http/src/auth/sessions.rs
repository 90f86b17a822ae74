//! `GET` and `DELETE /api/auth/sessions`, `DELETE /api/auth/sessions/{id}`

use actix_web::HttpResponse;
use alyx_schema::clock::format_timestamp;
use alyx_store::account::Session;
use serde_json::{Value as Json, json};

use super::{AuthCall, done};
use crate::{error::Result, query_string};

/// One's sessions, newest first.
pub(super) async fn list(call: &AuthCall) -> Result<HttpResponse> {
    query_string::no_parameters(&call.request)?;
    let sessions = call.state.auth().sessions(call.served.store(), call.caller.account()?).await?;
    let sessions: Vec<Json> = sessions.iter().map(|(session, current)| session_json(session, *current)).collect();
    Ok(HttpResponse::Ok().json(json!({ "sessions": sessions })))
}

/// Ends all one's sessions.
pub(super) async fn end_all(call: &AuthCall) -> Result<HttpResponse> {
    query_string::no_parameters(&call.request)?;
    call.state.auth().end_sessions(call.served.store(), call.caller.account()?).await?;
    Ok(done())
}

/// Ends one of one's sessions.
pub(super) async fn end(call: &AuthCall) -> Result<HttpResponse> {
    query_string::no_parameters(&call.request)?;
    let account = call.caller.account()?;
    let id = query_string::last_segment(&call.request)?;
    call.state.auth().end_session(call.served.store(), account, &id).await?;
    Ok(done())
}

fn session_json(session: &Session, current: bool) -> Json {
    json!({
        "id": session.id.as_str(),
        "created_at": format_timestamp(session.created_at),
        "last_used_at": format_timestamp(session.last_used_at),
        "expires_at": format_timestamp(session.expires_at),
        "user_agent": session.user_agent,
        "ip_address": session.ip_address,
        "current": current,
    })
}
