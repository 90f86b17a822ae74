//! What the server says of itself: information, health and figures.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_TYPE, ContentType},
    web::Data,
};
use alyx_auth::Permission;
use serde_json::json;

use crate::{
    AppState,
    access::Caller,
    error::{ApiError, Code, Result},
    query_string,
};

/// The version of this build.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `GET /`: what this is and where to go on.
pub(crate) async fn info(state: Data<AppState>) -> HttpResponse {
    let mut links = json!({"health": "/health", "metrics": "/metrics", "collections": "/api/collections/{collection}"});
    if state.options().docs {
        links["docs"] = "/api/docs".into();
        links["openapi"] = "/api/openapi.json".into();
    }
    HttpResponse::Ok().json(json!({"name": "alyx", "version": VERSION, "links": links}))
}

/// `GET /health` and `/health/ready`: whether requests can be served now.
pub(crate) async fn health(state: Data<AppState>) -> Result<HttpResponse> {
    state.store().ping().await.map_err(|cause| ApiError {
        cause: Some(cause.into()),
        ..ApiError::new(Code::Unavailable, "the database does not answer")
    })?;
    Ok(HttpResponse::Ok().json(json!({"status": "ok", "version": VERSION, "checks": {"database": "ok"}})))
}

/// `GET /health/live`: whether the process answers at all.
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(r#"{"status":"ok"}"#)
}

/// `GET /health/stats`: figures for administrators.
pub(crate) async fn stats(request: HttpRequest, state: Data<AppState>, caller: Caller) -> Result<HttpResponse> {
    caller.require(Permission::ReadStats)?;
    query_string::no_parameters(&request)?;
    let store = state.store();
    let figures = store.stats();
    Ok(HttpResponse::Ok().json(json!({
        "version": VERSION,
        "uptime_seconds": state.uptime().as_secs(),
        "requests_in_flight": state.metrics().in_flight(),
        "realtime_connections": state.sockets().open(),
        "realtime_channels": state.channels().figures().0,
        "collections": store.schema().collections.len(),
        "store": {
            "queue_depth": figures.queue_depth,
            "commits": figures.commits,
            "writes": figures.writes,
            "feed_position": figures.feed_position,
            "feed_lag": figures.feed_lag,
        },
    })))
}

/// `GET /metrics`: everything for Prometheus.
pub(crate) async fn metrics(state: Data<AppState>) -> Result<HttpResponse> {
    let text = state.metrics().encode(state.store().stats()).map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, OPEN_METRICS)).body(text))
}
