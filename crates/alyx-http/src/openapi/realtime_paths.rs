//! Live queries: the WebSocket, server-sent events, and tickets for pages.

use alyx_query::limits::{DEFAULT_LIMIT, MAX_CONDITIONS, MAX_EXPAND_PATHS, MAX_LIMIT, MAX_SORT_KEYS};
use alyx_schema::Schema;
use serde_json::{Map, Value as Json, json};

use super::{
    object,
    parameters::{list, query},
    reference,
    responses::errors,
};
use crate::routes::Route;

const TICKET: &str = "alyx.RealtimeTicket";

/// Statuses that both ways to listen have besides their success.
const LISTEN: [u16; 7] = [400, 401, 403, 408, 431, 500, 503];

/// Every path with its calls.
pub(super) fn paths(schema: &Schema) -> Map<String, Json> {
    object(json!({
        Route::Realtime.pattern(): {"get": socket()},
        Route::RealtimeEvents.pattern(): {"get": events(schema)},
        Route::RealtimeTicket.pattern(): {"post": ticket()},
    }))
}

/// What they answer.
pub(super) fn schemas() -> Map<String, Json> {
    object(json!({
        TICKET: {
            "type": "object",
            "properties": {
                "ticket": {"type": "string", "description": "What goes into `ticket` of the address, once."},
                "expires_at": {"type": "string", "format": "date-time"},
            },
            "required": ["ticket", "expires_at"],
        },
    }))
}

fn socket() -> Json {
    let protocols = "`alyx`, and `bearer.TOKEN` where no `Authorization` can be sent, as in browsers.";
    let switched = json!({
        "description": "It is a WebSocket (RFC 6455) now. Both sides send JSON texts with a `type`; the first is `connected`.",
        "headers": {"Sec-WebSocket-Protocol": {"schema": {"const": "alyx"}, "description": "If it was offered."}},
    });
    json!({
        "operationId": "realtime.connect",
        "summary": "Open a WebSocket for live queries",
        "description": "Messages of the client: `subscribe`, `unsubscribe`, `auth`, `ping`. Of the server: `connected`, `snapshot`, `delta`, `resync`, `unsubscribed`, `authenticated`, `error`, `pong`.",
        "tags": ["realtime"],
        "security": [{}, {"bearer": []}],
        "parameters": [header("Sec-WebSocket-Protocol", protocols)],
        "responses": answers("101", switched, &LISTEN),
    })
}

fn events(schema: &Schema) -> Json {
    let stream = json!({
        "description": "Server-sent events without end. The name of each is the `type` of its message: `snapshot`, `delta`, `resync` or `error`; its id, the cursor.",
        "content": {"text/event-stream": {
            "schema": {"type": "string"},
            "example": "event: delta\nid: CURSOR\ndata: {\"type\":\"delta\",\"payload\":{\"subscription_id\":\"sub_1\",\"changes\":{\"inserts\":[],\"updates\":[],\"deletes\":[\"a\"]},\"total\":3,\"cursor\":\"CURSOR\"}}\n\n",
        }},
    });
    json!({
        "operationId": "realtime.events",
        "summary": "Follow one live query as server-sent events",
        "tags": ["realtime"],
        "security": [{}, {"bearer": []}],
        "parameters": query_parameters(schema),
        "responses": answers("200", stream, &LISTEN),
    })
}

fn query_parameters(schema: &Schema) -> Vec<Json> {
    let names: Vec<_> = schema.collections.keys().map(|name| name.as_str()).collect();
    let collection = if names.is_empty() { json!({"type": "string"}) } else { json!({"enum": names}) };
    let texts = |most: usize| json!({"type": "array", "minItems": 1, "maxItems": most, "items": {"type": "string"}});
    let limit = json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT});
    let mut named = query("collection", "The collection to follow.", collection);
    named["required"] = true.into();
    let condition = json!({
        "name": "where",
        "in": "query",
        "description": "A condition as JSON, as lists of the collection take it.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    });
    let filters = json!({"type": "array", "items": {"type": "string"}, "maxItems": MAX_CONDITIONS});
    vec![
        named,
        query("filter", "A condition, `field:operator:value`; repeated, all must hold.", filters),
        condition,
        list("sort", "Fields to order by; `-` before one is descending.", texts(MAX_SORT_KEYS)),
        query("limit", "Most documents to follow, the first in this order.", limit),
        list(
            "fields",
            "Only these fields, and the primary key.",
            json!({"type": "array", "minItems": 1, "items": {"type": "string"}}),
        ),
        list("expand", "Relations to bring along; dots go further.", texts(MAX_EXPAND_PATHS)),
        query("since", "The `cursor` of an earlier message, to go on from there.", json!({"type": "string"})),
        query("ticket", "What stands for a token, in place of `Authorization`.", json!({"type": "string"})),
        header("Last-Event-ID", "The id of the last event, which goes before `since`; browsers send it themselves."),
    ]
}

fn ticket() -> Json {
    let made = json!({
        "description": "A ticket for the token of this request, good once and for a minute.",
        "content": {"application/json": {"schema": reference(TICKET)}},
    });
    json!({
        "operationId": "realtime.ticket",
        "summary": "Get what a page puts into an address in place of its token",
        "tags": ["realtime"],
        "security": [{"bearer": []}],
        "responses": answers("201", made, &[400, 401, 403, 408, 413, 431, 500, 503]),
    })
}

fn answers(status: &str, success: Json, others: &[u16]) -> Json {
    let mut all = errors(others);
    all.insert(status.to_owned(), success);
    Json::Object(all)
}

fn header(name: &str, description: &str) -> Json {
    json!({"name": name, "in": "header", "description": description, "schema": {"type": "string"}})
}
