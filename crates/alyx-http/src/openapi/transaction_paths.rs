//! Batches, and transactions over several calls.

use alyx_schema::{Collection, Schema};
use serde_json::{Map, Value as Json, json};

use super::{object, parameters, reference, responses::errors};
use crate::routes::Route;

const OPERATION: &str = "alyx.Operation";
const BATCH: &str = "alyx.Batch";
const TRANSACTION: &str = "alyx.Transaction";

/// Statuses of any of these calls besides its success.
const COMMON: [u16; 7] = [400, 401, 403, 408, 431, 500, 503];

/// Every path with its calls.
pub(super) fn paths() -> Map<String, Json> {
    object(json!({
        Route::Batch.pattern(): {"post": batch()},
        Route::Transactions.pattern(): {"post": begin()},
        Route::TransactionCommit.pattern(): {
            "parameters": [id()],
            "post": end("commit", "Keep what a transaction has written", "committed"),
        },
        Route::TransactionRollback.pattern(): {
            "parameters": [id()],
            "post": end("rollback", "Undo what a transaction has written", "rolled_back"),
        },
    }))
}

/// What they take and answer.
pub(super) fn schemas(schema: &Schema) -> Map<String, Json> {
    let operations: Vec<Json> = schema.collections.values().flat_map(|collection| operations(collection)).collect();
    let operation = if operations.is_empty() { json!({"not": {}}) } else { json!({"oneOf": operations}) };
    object(json!({
        OPERATION: operation,
        BATCH: {
            "type": "object",
            "properties": {"operations": {
                "type": "array",
                "items": reference(OPERATION),
                "description": "Done in this order; at most as many as `database.transactions.max_operations`.",
            }},
            "required": ["operations"],
            "additionalProperties": false,
        },
        TRANSACTION: {
            "type": "object",
            "properties": {
                "transaction_id": {"type": "string", "description": "What goes into the header `X-Alyx-Transaction`."},
                "expires_at": {
                    "type": "string",
                    "format": "date-time",
                    "description": "When it is rolled back if no call is made until then; each call puts it off.",
                },
            },
            "required": ["transaction_id", "expires_at"],
        },
    }))
}

/// The operations of one collection.
fn operations(collection: &Collection) -> Vec<Json> {
    let name = collection.name.as_str();
    let id = parameters::id(collection)["schema"].clone();
    let data = |verb: &str| reference(&format!("{name}.{verb}"));
    let mut all = vec![
        operation(name, "update", &[("id", id.clone()), ("data", data("update"))]),
        operation(name, "delete", &[("id", id)]),
    ];
    // Those of the profiles of accounts are made with these.
    if !collection.is_auth {
        all.push(operation(name, "create", &[("data", data("create"))]));
        all.push(operation(name, "upsert", &[("data", data("create"))]));
    }
    all
}

fn operation(collection: &str, verb: &str, parts: &[(&str, Json)]) -> Json {
    let mut properties = object(json!({"op": {"const": verb}, "collection": {"const": collection}}));
    properties.extend(parts.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())));
    let required: Vec<&String> = properties.keys().collect();
    json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
}

fn batch() -> Json {
    let done = json!({
        "description": "What each operation gave, in their order: a document, or its primary key where the caller may not read it, and null for a delete.",
        "content": {"application/json": {"schema": {
            "type": "object",
            "properties": {"results": {"type": "array", "items": {"type": ["object", "null"]}}},
            "required": ["results"],
        }}},
    });
    json!({
        "operationId": "transactions.batch",
        "summary": "Do several writes, all of them or none",
        "description": "The rules judge each operation as the call of its own that it could be. Where one fails nothing is kept: the answer has its status and code, and `details` names it (`operations[3]`).",
        "tags": ["transactions"],
        "security": [{}, {"bearer": []}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": reference(BATCH)}}},
        "responses": answers("200", done, &[404, 409, 413]),
    })
}

fn begin() -> Json {
    let made = json!({
        "description": "It is open.",
        "content": {"application/json": {"schema": reference(TRANSACTION)}},
    });
    json!({
        "operationId": "transactions.begin",
        "summary": "Begin a transaction",
        "description": "With its id in the header `X-Alyx-Transaction`, any call of a collection, and a batch, is a part of it: it reads what was there when it began and what it wrote itself. Only who began it can use it.",
        "tags": ["transactions"],
        "security": [{}, {"bearer": []}],
        "responses": answers("201", made, &[413, 429]),
    })
}

fn end(verb: &str, summary: &str, status: &str) -> Json {
    let done = json!({
        "description": "It has ended.",
        "content": {"application/json": {"schema": {
            "type": "object",
            "properties": {"status": {"const": status}},
            "required": ["status"],
        }}},
    });
    json!({
        "operationId": format!("transactions.{verb}"),
        "summary": summary,
        "tags": ["transactions"],
        "security": [{}, {"bearer": []}],
        "responses": answers("200", done, &[404, 409, 413]),
    })
}

fn id() -> Json {
    json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}})
}

fn answers(status: &str, success: Json, further: &[u16]) -> Json {
    let mut all = errors(&[&COMMON, further].concat());
    all.insert(status.to_owned(), success);
    Json::Object(all)
}
