//! Functions: calls of them, and what administrators see of both.

use serde_json::{Map, Value as Json, json};

use super::{object, reference, responses::errors};
use crate::routes::Route;

const ANSWER: &str = "alyx.FunctionAnswer";
const FAILURE: &str = "alyx.FunctionFailure";
const FUNCTIONS: &str = "alyx.Functions";
const EXECUTIONS: &str = "alyx.Executions";

/// Every path with its calls.
pub(super) fn paths() -> Map<String, Json> {
    object(json!({
        Route::Function.pattern(): {
            "parameters": [{
                "name": "name",
                "in": "path",
                "required": true,
                "description": "The function.",
                "schema": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,63}$"},
            }],
            "post": invoke(),
        },
        Route::AdminFunctions.pattern(): {"get": look("functions.list", "Functions with their workers", FUNCTIONS, &[])},
        Route::AdminExecutions.pattern(): {
            "get": look("functions.executions", "Calls of functions, newest first", EXECUTIONS, &executions_query()),
        },
    }))
}

/// What they answer.
pub(super) fn schemas() -> Map<String, Json> {
    let text = json!({"type": "string"});
    let log = json!({
        "type": "object",
        "properties": {
            "level": {"enum": ["debug", "info", "warn", "error"]},
            "message": text,
            "data": {},
            "time": {"type": "string", "format": "date-time"},
        },
        "required": ["level", "message"],
    });
    object(json!({
        ANSWER: {
            "type": "object",
            "properties": {
                "request_id": text,
                "success": {"const": true},
                "output": {"description": "What the function returned."},
                "duration_ms": {"type": "number"},
                "logs": {"type": "array", "items": log, "description": "For administrators alone."},
            },
            "required": ["request_id", "success", "output", "duration_ms"],
        },
        FAILURE: {
            "type": "object",
            "description": "The one error shape; code, text and details are the function's own where it says them.",
            "properties": {
                "error": text,
                "code": text,
                "details": {},
                "request_id": text,
                "timestamp": {"type": "string", "format": "date-time"},
            },
            "required": ["error", "code", "request_id", "timestamp"],
        },
        FUNCTIONS: {
            "type": "object",
            "properties": {
                "mode": {"enum": ["process", "container", "off"]},
                "reason": {"type": ["string", "null"], "description": "Why functions are not run, where they are not."},
                "functions": {"type": "array", "items": {
                    "type": "object",
                    "properties": {"name": text, "state": {"enum": ["ready", "building", "broken"]}},
                    "required": ["name", "state"],
                }},
            },
            "required": ["mode", "reason", "functions"],
        },
        EXECUTIONS: {
            "type": "object",
            "properties": {
                "executions": {"type": "array", "items": {"type": "object"}},
                "limit": {"type": "integer"},
                "next_before": {"type": ["integer", "null"], "description": "What `before` is for the next page."},
            },
            "required": ["executions", "limit", "next_before"],
        },
    }))
}

fn invoke() -> Json {
    let answer = |description: &str, schema: &str| {
        json!({
            "description": description,
            "headers": {"X-Request-ID": {"schema": {"type": "string"}}},
            "content": {"application/json": {"schema": reference(schema)}},
        })
    };
    json!({
        "operationId": "functions.invoke",
        "summary": "Call a function",
        "description": "The body is the input itself. The function's rule `invoke` says who may call it; without one only administrators.",
        "tags": ["functions"],
        "security": [{}, {"bearer": []}],
        "requestBody": {"content": {"application/json": {"schema": {}}}},
        "responses": {
            "200": answer("What it returned.", ANSWER),
            "4XX": answer("It does not take the input, or refuses.", FAILURE),
            "500": answer("It failed, or cannot be loaded.", FAILURE),
            "502": answer("Its worker ended in the middle of the call.", FAILURE),
            "503": answer("No worker is free.", FAILURE),
            "504": answer("It took too long.", FAILURE),
            "5XX": answer("It failed with a status of its own.", FAILURE),
        },
    })
}

fn look(id: &str, summary: &str, schema: &str, parameters: &[Json]) -> Json {
    let mut responses = errors(&[400, 401, 403, 408, 431, 500, 503]);
    let found = json!({
        "description": "What was asked for.",
        "headers": {"X-Request-ID": {"schema": {"type": "string"}}},
        "content": {"application/json": {"schema": reference(schema)}},
    });
    responses.insert("200".to_owned(), found);
    json!({
        "operationId": id,
        "summary": summary,
        "tags": ["administration"],
        "security": [{"bearer": []}],
        "parameters": parameters,
        "responses": responses,
    })
}

fn executions_query() -> Vec<Json> {
    let parameter = |name: &str, description: &str, schema: Json| json!({"name": name, "in": "query", "description": description, "schema": schema});
    vec![
        parameter("function", "Only calls of this function.", json!({"type": "string"})),
        parameter("failed", "Only those that failed, or only those that did not.", json!({"type": "boolean"})),
        parameter("before", "Only those before this `id`.", json!({"type": "integer", "minimum": 1})),
        parameter("after", "Only those after this `id`.", json!({"type": "integer", "minimum": 0})),
        parameter("limit", "So many.", json!({"type": "integer", "minimum": 1, "maximum": 1000, "default": 100})),
    ]
}
