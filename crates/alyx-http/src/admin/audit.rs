//! `GET /api/admin/audit`

use actix_web::HttpResponse;
use alyx_auth::Permission;
use alyx_schema::clock::format_timestamp;
use alyx_store::account::{AuditEntry, AuditQuery};
use serde_json::{Value as Json, json};

use super::Parameters;
use crate::{auth::AuthCall, error::Result};

/// Administrative acts, newest first.
pub(super) async fn list(call: &AuthCall) -> Result<HttpResponse> {
    call.caller.require(Permission::ReadAudit)?;
    let mut parameters = Parameters::of(call)?;
    let query = AuditQuery {
        before: parameters.number("before", (1, i64::MAX)),
        action: parameters.text("action"),
        target: parameters.text("target"),
        limit: parameters.limit(),
        offset: parameters.offset(),
    };
    parameters.finish()?;
    let found = call.state.auth().audit(call.served.store(), &query).await?;
    let is_full = found.len() >= usize::try_from(query.limit).unwrap_or(usize::MAX);
    let next_before = found.last().filter(|_| is_full).map(|entry| entry.id);
    let entries: Vec<Json> = found.iter().map(entry_json).collect();
    Ok(HttpResponse::Ok().json(json!({"entries": entries, "limit": query.limit, "next_before": next_before})))
}

fn entry_json(entry: &AuditEntry) -> Json {
    json!({
        "id": entry.id,
        "at": format_timestamp(entry.at),
        "actor": {"kind": entry.actor.kind.as_str(), "id": entry.actor.id, "name": entry.actor.name},
        "action": entry.action,
        "target": entry.target,
        "details": entry.details,
        "ip": entry.ip,
        "request_id": entry.request_id,
    })
}
