//! `/api/functions`: whoever calls a function, from outside or from another function, and what it answers.

mod call;
mod facts;
mod internal;
mod invocation;
mod record;

use std::{sync::Arc, time::Instant};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::{StatusCode, header::ContentType},
    rt,
    web::{Data, Payload},
};
use alyx_functions::{Deployed, Entry, Execution, Failure, FailureKind, Functions};
use serde_json::{Map, Value as Json};

pub(crate) use internal::dispatch as internal;
pub(crate) use invocation::Invocations;
pub(crate) use record::{Records, flush};

use self::invocation::Invocation;
use crate::{
    AppState,
    access::{Caller, RequestFacts},
    body,
    error::{ApiError, Code, OwnError, Result},
    layer::RequestId,
    query_string,
};

/// `POST /api/functions/{name}`
pub(crate) async fn invoke(
    request: HttpRequest,
    state: Data<AppState>,
    caller: Result<Caller>,
    payload: Payload,
) -> Result<HttpResponse> {
    let caller = caller?;
    let (functions, deployed) = find(&state, request.match_info().get("name").unwrap_or_default()).await?;
    query_string::no_parameters(&request)?;
    call::may_call(&caller, &deployed)?;
    let (input, parsed) = body::json_text(&request, payload, state.options()).await?;
    let served = state.served();
    let facts = RequestFacts::of(&request, &state.options().trusted_proxies, state.clock().now(), true);
    let facts = facts.with_body(object(parsed));
    call::check(&served, &deployed, (&caller, &facts)).await?;
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let trace_id = facts::trace_id(&request, state.ids());
    let is_admin = caller.is_admin();
    let invocation = Invocation::outermost(caller, facts, (request_id.clone(), trace_id));
    let peer = request.peer_addr();
    // It ends what it began, whether its caller still listens or not.
    let running = rt::spawn(async move {
        let _patience = peer.map(|peer| state.invocations().patience(peer));
        call::run(&state, &functions, &deployed, (invocation, input)).await
    });
    let execution = running.await.map_err(ApiError::internal)?;
    answer(execution, &request_id, is_admin)
}

/// The function of this name, if it can be called.
async fn find(state: &AppState, name: &str) -> Result<(Functions, Arc<Deployed>)> {
    let missing = || {
        let shown: String = name.chars().take(64).collect();
        ApiError::new(Code::NotFound, format!("there is no function {shown:?}"))
    };
    let functions = state.functions().ok_or_else(missing)?;
    match functions.settled(name).await {
        Some(Entry::Ready(deployed)) => Ok((functions.clone(), deployed)),
        Some(Entry::Broken(faults)) => Err(failed(Failure::broken(name, &faults))),
        Some(Entry::Building) => Err(failed(Failure::building(name))),
        None => Err(missing()),
    }
}

fn answer(execution: Execution, request_id: &str, is_admin: bool) -> Result<HttpResponse> {
    let output = execution.result.map_err(failed)?;
    let milliseconds = execution.duration.as_secs_f64() * 1000.0;
    let id = serde_json::Value::from(request_id);
    let output = output.get();
    let mut text = String::with_capacity(output.len() + 128);
    text.push_str(&format!(r#"{{"request_id":{id},"success":true,"output":{output},"duration_ms":{milliseconds:.3}"#));
    if is_admin {
        let logs = serde_json::to_string(&execution.logs).map_err(ApiError::internal)?;
        text.push_str(&format!(r#","logs":{logs}"#));
    }
    text.push('}');
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(text))
}

/// A failed call in the one error shape.
fn failed(failure: Failure) -> ApiError {
    let status = StatusCode::from_u16(failure.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let code = match failure.kind {
        FailureKind::NotFound => Code::NotFound,
        FailureKind::Busy | FailureKind::Unavailable => Code::Unavailable,
        _ => Code::Internal,
    };
    let own = OwnError { status, code: failure.code, details: failure.details };
    let cause = failure.stack.filter(|_| status.is_server_error()).map(Into::into);
    let retry_after = matches!(failure.kind, FailureKind::Busy).then_some(1);
    ApiError { own: Some(Box::new(own)), cause, retry_after, ..ApiError::new(code, failure.message) }
}

/// What rules see of an input: an object's fields.
fn object(input: Json) -> Map<String, Json> {
    match input {
        Json::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// How long a call may still take that came at this moment with so much time.
fn left(until: Option<Instant>) -> Option<std::time::Duration> {
    until.map(|until| until.saturating_duration_since(Instant::now()))
}
