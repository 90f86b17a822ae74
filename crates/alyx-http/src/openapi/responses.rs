//! The answers that calls share: one error shape, and who gives it when.

use serde_json::{Map, Value as Json, json};

use super::{object, reference};
use crate::error::Code;

/// Name of the error shape among the schemas; no collection can be called so.
const ERROR: &str = "alyx.Error";

/// The shared schemas.
pub(super) fn schemas() -> Map<String, Json> {
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    object(json!({
        ERROR: {
            "type": "object",
            "description": "The body of every answer that is not a success.",
            "properties": {
                "error": {"type": "string", "description": "What went wrong, for people."},
                "code": {"type": "string", "enum": codes, "description": "What went wrong, for programs."},
                "details": {"type": "array", "items": reference("alyx.ErrorDetail")},
                "request_id": {"type": "string", "description": "The same as the header X-Request-ID."},
                "timestamp": {"type": "string", "format": "date-time"},
            },
            "required": ["error", "code", "request_id", "timestamp"],
            "additionalProperties": false,
        },
        "alyx.ErrorDetail": {
            "type": "object",
            "description": "The fault of one field or parameter.",
            "properties": {
                "field": {"type": "string"},
                "code": {"type": "string"},
                "message": {"type": "string"},
            },
            "required": ["field", "code", "message"],
            "additionalProperties": false,
        },
    }))
}

/// The shared answers, by name.
pub(super) fn responses() -> Json {
    let mut all = Map::new();
    for (status, name, description) in ERRORS {
        let mut response = json!({
            "description": description,
            "headers": {"X-Request-ID": {"schema": {"type": "string"}}},
            "content": {"application/json": {"schema": reference(ERROR)}},
        });
        match status {
            401 => response["headers"]["WWW-Authenticate"] = json!({"schema": {"type": "string"}}),
            429 | 503 => response["headers"]["Retry-After"] = json!({"schema": {"type": "string"}}),
            _ => {}
        }
        all.insert(name.to_owned(), response);
    }
    Json::Object(all)
}

/// References to the answers with these statuses.
pub(super) fn errors(statuses: &[u16]) -> Map<String, Json> {
    let wanted = ERRORS.iter().filter(|(status, ..)| statuses.contains(status));
    wanted
        .map(|(status, name, _)| (status.to_string(), json!({"$ref": format!("#/components/responses/{name}")})))
        .collect()
}

const ERRORS: [(u16, &str, &str); 12] = [
    (400, "BadRequest", "The request is malformed, or a field or parameter is not valid; `details` lists all faults."),
    (401, "Unauthorized", "A token is needed, or the one sent is not valid."),
    (403, "Forbidden", "The caller is known and may not do this."),
    (404, "NotFound", "There is no such document, or none that the caller may read."),
    (405, "MethodNotAllowed", "The path does not take this method; `Allow` lists those it takes."),
    (408, "RequestTimeout", "The request did not arrive in time."),
    (
        409,
        "Conflict",
        "A unique value is taken, a reference points at nothing or is still pointed at, or a transaction met another or has ended.",
    ),
    (413, "PayloadTooLarge", "The body is larger than the server takes."),
    (429, "RateLimited", "Too many attempts, or transactions; `Retry-After` says when to try again."),
    (431, "HeadersTooLarge", "The request line and headers are larger than the server takes."),
    (500, "Internal", "A fault of the server; its log has the cause under the request id."),
    (503, "Unavailable", "The server is busy or stopping; `Retry-After` says when to try again."),
];
