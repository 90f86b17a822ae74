//! Gives every answer that is not a success the error shape, and its cause to the log.

use std::error::Error;

use actix_web::{
    HttpResponse,
    body::BoxBody,
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};

use crate::{
    AppState,
    error::{ApiError, Code, ErrorBody},
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The response itself where it is a success, else the same status and headers with the error body.
pub(super) fn shape(
    state: &AppState,
    request_id: &HeaderValue,
    response: ServiceResponse<BoxBody>,
) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let unknown;
    let error = match response.response().error().and_then(|error| error.as_error::<ApiError>()) {
        Some(error) => error,
        None => {
            let code = Code::of_status(status);
            unknown = ApiError::new(code, code.default_message());
            &unknown
        }
    };
    let id = request_id.to_str().unwrap_or_default();
    log_cause(error, id);
    let bytes = ErrorBody::of(error, id, state.clock().now()).to_bytes();
    let (code, retry_after) = (error.code, error.retry_after);
    let mut shaped = response.map_body(|_, _| BoxBody::new(bytes));
    add_headers(code, shaped.headers_mut());
    if let Some(seconds) = retry_after {
        shaped.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    shaped
}

/// An error answer that stands without a request.
pub(super) fn standalone(state: &AppState, request_id: &HeaderValue, status: StatusCode) -> HttpResponse {
    let code = Code::of_status(status);
    let id = request_id.to_str().unwrap_or_default();
    let bytes = ErrorBody::new(code, code.default_message(), id, state.clock().now()).to_bytes();
    let mut answer = HttpResponse::new(status).set_body(BoxBody::new(bytes));
    add_headers(code, answer.headers_mut());
    answer
}

/// Id and body for a request that was never understood.
pub(crate) fn protocol_error(state: &AppState, status: StatusCode) -> (HeaderValue, Vec<u8>) {
    let code = Code::of_status(status);
    let request_id = state.request_ids().make();
    let id = request_id.to_str().unwrap_or_default();
    let body = ErrorBody::new(code, code.default_message(), id, state.clock().now()).to_bytes();
    (request_id, body)
}

fn add_headers(code: Code, headers: &mut HeaderMap) {
    headers.insert(CONTENT_TYPE, JSON);
    match code {
        Code::Unauthorized | Code::InvalidCredentials => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"alyx\""));
        }
        Code::InvalidToken | Code::TokenExpired => {
            let value = HeaderValue::from_static("Bearer realm=\"alyx\", error=\"invalid_token\"");
            headers.insert(WWW_AUTHENTICATE, value);
        }
        Code::Busy | Code::Unavailable | Code::RateLimited => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
}

fn log_cause(error: &ApiError, request_id: &str) {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    if !causes.is_empty() {
        tracing::error!(request_id, code = error.code.as_str(), cause = causes.join(": "), "a request failed");
    }
}
