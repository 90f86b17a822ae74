//! What a function is told of who calls it and how.

use actix_web::HttpRequest;
use alyx_rules::Request;
use alyx_schema::clock::IdGenerator;
use serde_json::{Map, Value as Json, json};

use super::invocation::Invocation;
use crate::access::Caller;

/// Who calls, as JSON; `null` for nobody. The administrator's token belongs to no account.
pub(super) fn auth(caller: &Caller) -> String {
    let auth = match (caller.identity(), caller) {
        (Some(identity), _) => json!({
            "id": identity.id,
            "email": identity.email,
            "role": identity.role,
            "verified": identity.verified,
            "metadata": identity.metadata,
        }),
        (None, Caller::AdminToken) => {
            json!({"id": null, "email": null, "role": alyx_auth::ADMINISTRATOR, "verified": true, "metadata": {}})
        }
        (None, _) => Json::Null,
    };
    auth.to_string()
}

/// The request, as JSON. Headers that prove who somebody is are not among it.
pub(super) fn request(invocation: &Invocation) -> String {
    let facts = &invocation.facts;
    let headers: Map<String, Json> = facts.headers().into_iter().map(|(name, value)| (name, value.into())).collect();
    let request = json!({
        "id": invocation.request_id,
        "trace_id": invocation.trace_id,
        "method": facts.method(),
        "ip": facts.ip(),
        "headers": headers,
    });
    request.to_string()
}

/// The id of the trace that a request belongs to, if it names one (W3C Trace Context, section 3.2), else a new one.
pub(super) fn trace_id(request: &HttpRequest, ids: &dyn IdGenerator) -> String {
    let header = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let named = header.and_then(|text| text.split('-').nth(1)).filter(|id| {
        id.len() == 32
            && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            && id.bytes().any(|b| b != b'0')
    });
    named.map_or_else(|| ids.uuid().replace('-', ""), str::to_owned)
}
