//! `GET /api/realtime/sse`: one live query as server-sent events, for who has no WebSocket; `curl -N` is enough. And
//! `POST /api/realtime/ticket`, since a page cannot send its token with an `EventSource`.

use std::time::Instant;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName},
    },
    web::{Data, Payload},
};
use jiff::SignedDuration;
use serde_json::json;

use super::{
    connection::Connection,
    enter, may_come_from, origin_refused,
    outlet::Format,
    subscription::{self, Sent},
    tickets,
};
use crate::{
    AppState,
    access::{Caller, RequestFacts, bearer, denied, not_valid},
    error::{ApiError, Code, Result},
    query_string,
};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// What an address asks for.
struct Asked {
    sent: Sent,
    since: Option<String>,
    token: Option<Vec<u8>>,
}

/// Answers with the events of a query.
pub(crate) async fn events(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse> {
    let Asked { sent, since, token } = asked(&request, &state)?;
    let caller = match &token {
        Some(token) => Caller::of_token(token, &state).await?,
        None => Caller::Anonymous,
    };
    if !may_come_from(request.headers(), state.options()) {
        return Err(origin_refused());
    }
    let facts = RequestFacts::of(&request, &state.options().trusted_proxies, state.clock().now(), true);
    // What is wrong with the question is told by the status, before anything is open.
    subscription::question(&state.served(), (&caller, facts.clone()), &sent)?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_TYPE, "text/event-stream")).insert_header((CACHE_CONTROL, "no-store"));
    if request.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    let place = enter(&state)?;
    let (connection, body) = Connection::new(state, Format::Events, (caller, token), facts);
    actix_web::rt::spawn(connection.run_events(sent, since, place));
    Ok(answer.body(body))
}

fn asked(request: &HttpRequest, state: &AppState) -> Result<Asked> {
    let mut parameters = query_string::parameters(request)?;
    let mut own = |name: &str| {
        let place = parameters.iter().position(|(given, _)| given == name)?;
        Some(parameters.remove(place).1)
    };
    let (collection, since, ticket) = (own("collection"), own("since"), own("ticket"));
    let collection =
        collection.ok_or_else(|| ApiError::new(Code::InvalidQuery, "the parameter collection is missing"))?;
    let last = request.headers().get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
    let header = bearer(request.headers())?.map(<[u8]>::to_vec);
    let token = match ticket {
        Some(_) if header.is_some() => return Err(not_valid()),
        Some(ticket) => Some(state.tickets().take(&ticket, Instant::now()).ok_or_else(not_valid)?),
        None => header,
    };
    // A browser that reconnects repeats the address, and says in the header how far it came.
    Ok(Asked { sent: Sent::Parameters { collection, parameters }, since: last.or(since), token })
}

/// Answers with a ticket for the token of the request.
pub(crate) async fn ticket(
    request: HttpRequest,
    state: Data<AppState>,
    caller: Caller,
    _: Payload,
) -> Result<HttpResponse> {
    query_string::no_parameters(&request)?;
    let Some(token) = bearer(request.headers())? else { return Err(denied(&caller)) };
    let given = state.tickets().give(token.to_vec(), Instant::now())?;
    let ticket = given.ok_or_else(|| ApiError::new(Code::Busy, "too many tickets are out"))?;
    let life = SignedDuration::try_from(tickets::LIFE).unwrap_or_default();
    let expires_at = state.clock().now().saturating_add(life).unwrap_or_default();
    Ok(HttpResponse::Created()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({"ticket": ticket, "expires_at": expires_at.to_string()})))
}
