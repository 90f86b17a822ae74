//! The description of the API: as JSON, and as a page that needs no other host.

use std::sync::LazyLock;

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, HeaderValue, REFERRER_POLICY},
    web::Data,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::{AppState, routes};

const STYLE: &str = include_str!("docs/page.css");
const SCRIPT: &str = include_str!("docs/page.js");

/// The page with its style and script in it.
static PAGE: LazyLock<String> =
    LazyLock::new(|| include_str!("docs/page.html").replace("/*style*/", STYLE).replace("/*script*/", SCRIPT));

/// This style, this script, calls to this server, and nothing else.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let text = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        source_hash(STYLE),
        source_hash(SCRIPT)
    );
    HeaderValue::try_from(text).expect("base64 is valid in a header")
});

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

fn source_hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
