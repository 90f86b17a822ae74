//! Cross-origin access for browsers, as the settings allow it; by default none.

use actix_web::{
    HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{
            ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
            ACCESS_CONTROL_REQUEST_METHOD, HeaderValue, ORIGIN, VARY,
        },
    },
};

use crate::options::CorsOptions;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PATCH, DELETE, OPTIONS");
const HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, x-alyx-transaction, x-request-id");
const EXPOSED: HeaderValue = HeaderValue::from_static("x-request-id, retry-after");
const ANY: HeaderValue = HeaderValue::from_static("*");

/// The answer to a browser's question whether it may send a request; `None` for any other request.
pub(super) fn preflight(options: &CorsOptions, request: &ServiceRequest) -> Option<HttpResponse> {
    let headers = request.headers();
    let asks = request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !asks {
        return None;
    }
    let mut answer = HttpResponse::NoContent();
    if headers.get(ORIGIN).is_some_and(|origin| allowed(options, origin).is_some()) {
        answer.insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS));
        answer.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, HEADERS));
        answer.insert_header((ACCESS_CONTROL_MAX_AGE, options.max_age.as_secs()));
    }
    Some(answer.finish())
}

/// Tells the browser whether the page that asked may see this answer.
pub(super) fn allow(options: &CorsOptions, response: &mut ServiceResponse<BoxBody>) {
    if options.origins.is_empty() {
        return;
    }
    let origin = response.request().headers().get(ORIGIN).and_then(|origin| allowed(options, origin));
    let headers = response.headers_mut();
    if !is_any(options) {
        headers.append(VARY, HeaderValue::from_static("origin"));
    }
    let Some(origin) = origin else { return };
    if options.credentials && origin != ANY {
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// What `Access-Control-Allow-Origin` says to this origin, if it may call at all.
fn allowed(options: &CorsOptions, origin: &HeaderValue) -> Option<HeaderValue> {
    if is_any(options) {
        return Some(ANY);
    }
    options.origins.iter().any(|known| known.as_bytes() == origin.as_bytes()).then(|| origin.clone())
}

fn is_any(options: &CorsOptions) -> bool {
    options.origins.iter().any(|origin| origin == "*")
}
