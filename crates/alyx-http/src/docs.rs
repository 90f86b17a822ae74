//! The description of the API: as JSON, and as a page that needs no other host.

use std::sync::LazyLock;

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, HeaderValue, REFERRER_POLICY},
    web::Data,
};

use crate::{AppState, pages, routes};

const STYLE: &str = include_str!("docs/page.css");
const SCRIPT: &str = include_str!("docs/page.js");

/// The page with its style and script in it.
static PAGE: LazyLock<String> =
    LazyLock::new(|| include_str!("docs/page.html").replace("/*style*/", STYLE).replace("/*script*/", SCRIPT));

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| pages::policy(STYLE, SCRIPT));

/// `GET /api/openapi.json`
pub(crate) async fn openapi(state: Data<AppState>) -> HttpResponse {
    if !state.options().docs {
        return routes::unknown_path().await;
    }
    let schema = state.store().schema();
    let bytes = state.openapi().bytes(&schema, state.options().public_url.as_deref());
    HttpResponse::Ok().content_type(ContentType::json()).body(bytes)
}

/// `GET /api/docs`
pub(crate) async fn page(state: Data<AppState>) -> HttpResponse {
    if !state.options().docs {
        return routes::unknown_path().await;
    }
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, POLICY.clone()))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(PAGE.as_str())
}
