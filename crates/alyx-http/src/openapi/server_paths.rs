//! The calls that are there whatever the schema says.

use serde_json::{Map, Value as Json, json};

use super::{object, responses::errors};
use crate::routes::Route;

/// Information, health and figures.
pub(super) fn paths() -> Map<String, Json> {
    let text = json!({"type": "string"});
    let status = json!({"type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]});
    let any = json!({"type": "object"});
    let calls = [
        (Route::Info, "info", "What this is and where to go on", "application/json", &any, &[][..]),
        (Route::Health, "health", "Whether the server can serve", "application/json", &status, &[503]),
        (Route::Live, "live", "Whether the process answers", "application/json", &status, &[]),
        (Route::Ready, "ready", "Whether the server can serve", "application/json", &status, &[503]),
        (Route::Metrics, "metrics", "Figures for Prometheus", "application/openmetrics-text", &text, &[]),
        (Route::OpenApi, "openapi", "This description", "application/json", &any, &[]),
        (Route::Docs, "docs", "This description as a page", "text/html", &text, &[]),
    ];
    let mut paths: Map<String, Json> = calls
        .into_iter()
        .map(|(route, name, summary, media_type, schema, further)| {
            let call = call(name, summary, &answers(media_type, schema, further));
            (route.pattern().to_owned(), json!({"get": call}))
        })
        .collect();
    let mut stats = call("stats", "Figures for administrators", &answers("application/json", &any, &[400, 401]));
    stats["security"] = json!([{"bearer": []}]);
    paths.insert(Route::Stats.pattern().to_owned(), json!({"get": stats}));
    paths
}

fn call(name: &str, summary: &str, responses: &Json) -> Json {
    json!({
        "operationId": format!("server.{name}"),
        "summary": summary,
        "tags": ["server"],
        "security": [],
        "responses": responses,
    })
}

fn answers(media_type: &str, schema: &Json, further: &[u16]) -> Json {
    let mut all = errors(&[&[400, 408, 431, 500], further].concat());
    let success = json!({"200": {"description": "Success.", "content": {media_type: {"schema": schema}}}});
    all.extend(object(success));
    Json::Object(all)
}
