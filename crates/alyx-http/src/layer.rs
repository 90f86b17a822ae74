//! The one layer around every route: request id, panics, error bodies, headers, figures and the log.

mod access_log;
mod compression;
mod cors;
mod error_answer;
mod request_id;

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method, StatusCode,
        header::{HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS},
    },
    middleware::Next,
};
use futures_util::FutureExt;

use crate::{AppState, routes::Route};

pub(crate) use error_answer::protocol_error;
pub(crate) use request_id::RequestIds;

/// The header that names a request.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, for those inside who write it down.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) String);

/// A body that comes too slowly is noticed where it is read; only then is the rest given up.
const GRACE: Duration = Duration::from_secs(1);

/// What is known of a request when its answer is made.
struct Exchange {
    started: Instant,
    method: Method,
    route: Route,
    request_id: HeaderValue,
}

/// Answers a request, whatever the routes inside do.
pub(crate) async fn around<B: MessageBody + 'static>(
    state: AppState,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let exchange = Exchange {
        started: Instant::now(),
        method: request.method().clone(),
        route: Route::of(request.path()),
        request_id: state.request_ids().of(&request),
    };
    if !matches!(exchange.route, Route::Collection | Route::Document)
        && let Ok(id) = exchange.request_id.to_str()
    {
        request.extensions_mut().insert(RequestId(id.to_owned()));
    }
    let _in_flight = state.metrics().request_starts();
    if let Some(answer) = cors::preflight(&state.options().cors, &request) {
        return Ok(finish(&state, &exchange, request.into_response(answer)));
    }
    let answering = AssertUnwindSafe(async { next.call(request).await }).catch_unwind();
    // How long a function takes is its own setting.
    let is_function = matches!(exchange.route, Route::Function | Route::InternalFunction);
    let outcome = match state.options().request_timeout.filter(|_| !is_function) {
        Some(limit) => tokio::time::timeout(limit + GRACE, answering).await,
        None => Ok(answering.await),
    };
    match outcome {
        Ok(Ok(Ok(response))) => Ok(finish(&state, &exchange, response.map_into_boxed_body())),
        Ok(Ok(Err(error))) => Err(refused(&state, &exchange, error)),
        Ok(Err(panic)) => Err(panicked(&state, &exchange, &*panic)),
        Err(_) => Err(gave_up(&state, &exchange)),
    }
}

fn finish(state: &AppState, exchange: &Exchange, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let mut response = error_answer::shape(state, &exchange.request_id, response);
    cors::allow(&state.options().cors, &mut response);
    let headers = response.headers_mut();
    headers.insert(X_REQUEST_ID, exchange.request_id.clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    record(state, exchange, response.status());
    if state.options().access_log {
        access_log::write(exchange, &response, &state.options().trusted_proxies);
    }
    if state.options().compression { compression::compress(response) } else { response }
}

/// A middleware inside gave up before there was a response.
fn refused(state: &AppState, exchange: &Exchange, error: Error) -> Error {
    let status = error.as_response_error().status_code();
    let answer = error_answer::standalone(state, &exchange.request_id, status);
    close(state, exchange, error, answer)
}

/// A handler panicked: its request is lost, the process is not.
fn panicked(state: &AppState, exchange: &Exchange, panic: &(dyn std::any::Any + Send)) -> Error {
    let message = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let message = message.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    let request_id = exchange.request_id.to_str().unwrap_or_default();
    tracing::error!(request_id, panic = message, "a handler panicked");
    let answer = error_answer::standalone(state, &exchange.request_id, StatusCode::INTERNAL_SERVER_ERROR);
    close(state, exchange, "a handler panicked", answer)
}

/// The answer took longer than a request may.
fn gave_up(state: &AppState, exchange: &Exchange) -> Error {
    let request_id = exchange.request_id.to_str().unwrap_or_default();
    tracing::error!(request_id, "a request took too long");
    let answer = error_answer::standalone(state, &exchange.request_id, StatusCode::SERVICE_UNAVAILABLE);
    close(state, exchange, "a request took too long", answer)
}

fn close<E>(state: &AppState, exchange: &Exchange, cause: E, mut answer: HttpResponse) -> Error
where
    E: std::fmt::Debug + std::fmt::Display + 'static,
{
    answer.headers_mut().insert(X_REQUEST_ID, exchange.request_id.clone());
    record(state, exchange, answer.status());
    InternalError::from_response(cause, answer).into()
}

fn record(state: &AppState, exchange: &Exchange, status: StatusCode) {
    state.metrics().request_ends(&exchange.method, exchange.route, status, exchange.started.elapsed());
}
