//! `POST /api/batch`: several writes, all of them or none.

use std::time::{Duration, Instant};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::ContentType,
    web::{Data, Payload},
};
use alyx_store::session::Session;

use super::{
    Inside,
    operations::{self, Operation, named},
};
use crate::{
    AppState,
    access::{Caller, RequestFacts},
    body,
    collections::operation::Scope,
    error::{ApiError, Code, Result},
    query_string,
};

/// Most bytes of all that a batch answers with.
const LARGEST_ANSWER: usize = 64 << 20;

/// How long a batch may keep others from writing where no request has a limit.
const LONGEST: Duration = Duration::from_secs(30);

/// Does the operations of the body.
pub(crate) async fn batch(
    request: HttpRequest,
    state: Data<AppState>,
    caller: Caller,
    payload: Payload,
) -> Result<HttpResponse> {
    let came = Instant::now();
    let inside = Inside::of(&request, &state, &caller).await?;
    query_string::no_parameters(&request)?;
    let body = body::json_object(&request, payload, state.options()).await?;
    let served = inside.as_ref().map_or_else(|| state.served(), |inside| inside.served().clone());
    let facts =
        RequestFacts::of(&request, &state.options().trusted_proxies, state.clock().now(), served.looks_at_headers());
    let scope = |store| Scope { state: &state, served: &served, store, caller: &caller, facts };
    let most = state.options().transactions.max_operations;
    let done = match operations::read(&served, body, most) {
        Err(error) => Err(error),
        Ok(operations) => match &inside {
            Some(inside) => run_within(inside.session(), &scope(inside.store()), operations).await,
            None => {
                let lease = state.options().request_timeout.unwrap_or(LONGEST);
                let session = served.store().begin_writing(lease).await?;
                let store = served.store().within(&session);
                let done = run_within(&session, &scope(&store), operations).await;
                if done.is_ok() {
                    session.commit().await?;
                }
                done
            }
        },
    };
    // It may be that there is none, or that this caller must not know of it.
    if !caller.is_admin() && done.as_ref().is_err_and(|error| error.code == Code::NotFound) {
        state.auth().pace(came).await;
    }
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(done?))
}

/// Does the operations as one part of a transaction: nothing of them is kept where one fails.
pub(crate) async fn run_within(session: &Session, scope: &Scope<'_>, operations: Vec<Operation>) -> Result<Vec<u8>> {
    let part = session.begin_part().await?;
    let mut answer = b"{\"results\":[".to_vec();
    for (index, operation) in operations.into_iter().enumerate() {
        let result = operation.run(scope).await.map_err(|error| named(index, error))?;
        if index > 0 {
            answer.push(b',');
        }
        answer.extend_from_slice(&result);
        if answer.len() > LARGEST_ANSWER {
            let message = "the answer would be larger than 64 MiB: send fewer operations at a time";
            return Err(ApiError::new(Code::AnswerTooLarge, message));
        }
    }
    part.keep().await?;
    answer.extend_from_slice(b"]}");
    Ok(answer)
}
