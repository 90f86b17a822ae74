//! `GET /api/realtime`: live queries over a WebSocket (RFC 6455); what is below it, without one, is in `events`.

mod channels;
mod connection;
pub(crate) mod events;
mod inlet;
mod message;
mod outlet;
mod sight;
mod sockets;
mod subscription;
mod tickets;

use actix_web::{
    HttpRequest, HttpResponse,
    body::MessageBody,
    http::header::{HOST, HeaderMap, HeaderValue, ORIGIN, SEC_WEBSOCKET_PROTOCOL},
    web::{Data, Payload},
};

use crate::{
    AppState, Options,
    access::{Caller, RequestFacts, bearer, not_valid},
    error::{ApiError, Code, Result},
};

use connection::Connection;
use outlet::Format;
use sockets::Place;
pub(crate) use sockets::Sockets;
pub(crate) use tickets::Tickets;

/// The protocol that the server chooses.
const PROTOCOL: &str = "alyx";

/// What a browser puts before its token, among the protocols: it can set no other header.
const BEARER: &str = "bearer.";

/// Begins a connection.
pub(crate) async fn connect(request: HttpRequest, state: Data<AppState>, payload: Payload) -> Result<HttpResponse> {
    let token = token(request.headers())?;
    let caller = match &token {
        Some(token) => Caller::of_token(token, &state).await?,
        None => Caller::Anonymous,
    };
    let options = state.options();
    if !may_come_from(request.headers(), options) {
        return Err(origin_refused());
    }
    let place = enter(&state)?;
    // Rules that look at headers may come with a later schema.
    let facts = RequestFacts::of(&request, &options.trusted_proxies, state.clock().now(), true);
    let longest = options.realtime.message_limit.unwrap_or(u64::MAX);
    let payload = inlet::limited(&request, payload, longest).await.map_err(|_| not_a_websocket())?;
    let handshake = actix_ws::handle_with_protocols(&request, payload, &[PROTOCOL]);
    let (answer, _, messages) = handshake.map_err(|_| not_a_websocket())?;
    let limit = usize::try_from(longest).unwrap_or(usize::MAX);
    let messages = messages.max_frame_size(limit).aggregate_continuations().max_continuation_size(limit);
    let (connection, body) = Connection::new(state.clone(), Format::Socket, (caller, token), facts);
    actix_web::rt::spawn(connection.run(messages, place));
    Ok(answer.map_body(|_, replaced| body.instead_of(replaced).boxed()))
}

/// A place among the connections.
fn enter(state: &AppState) -> Result<Place> {
    let full = || ApiError::new(Code::Unavailable, "there are as many realtime connections as the server may have");
    state.sockets().enter(state.options().realtime.max_connections).ok_or_else(full)
}

fn not_a_websocket() -> ApiError {
    ApiError::new(Code::MalformedRequest, "this address is for WebSocket: send GET with Upgrade: websocket")
}

fn origin_refused() -> ApiError {
    ApiError::new(Code::Forbidden, "pages of this origin may not connect; see server.cors.origins")
}

/// The token of the header, or of the protocols; never of both.
fn token(headers: &HeaderMap) -> Result<Option<Vec<u8>>> {
    let header = bearer(headers)?.map(<[u8]>::to_vec);
    let lists = headers.get_all(SEC_WEBSOCKET_PROTOCOL).filter_map(|list| list.to_str().ok());
    let mut offered = lists.flat_map(|list| list.split(',')).filter_map(|name| name.trim().strip_prefix(BEARER));
    let protocol = offered.next().map(|token| token.as_bytes().to_vec());
    if offered.next().is_some() || header.is_some() && protocol.is_some() {
        return Err(not_valid());
    }
    Ok(header.or(protocol))
}

/// Whether a page may connect: one of the server's own, or of an origin that may call it anyway. What is no browser
/// sends no origin.
fn may_come_from(headers: &HeaderMap, options: &Options) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let listed = |known: &String| known == "*" || known.as_bytes() == origin.as_bytes();
    options.cors.origins.iter().any(listed) || is_own(origin, headers, options)
}

fn is_own(origin: &HeaderValue, headers: &HeaderMap, options: &Options) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    if options.public_url.as_deref().is_some_and(|url| url == origin) {
        return true;
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let own = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    own.is_some() && own == host
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::AUTHORIZATION;

    use super::*;

    fn headers(entries: &[(actix_web::http::header::HeaderName, &str)]) -> HeaderMap {
        entries.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn a_token_comes_in_one_place() {
        let found = |entries| token(&headers(entries)).ok();
        assert_eq!(found(&[]), Some(None));
        assert_eq!(found(&[(SEC_WEBSOCKET_PROTOCOL, "alyx")]), Some(None));
        assert_eq!(found(&[(SEC_WEBSOCKET_PROTOCOL, "alyx, bearer.abc")]), Some(Some(b"abc".to_vec())));
        assert_eq!(found(&[(AUTHORIZATION, "Bearer abc")]), Some(Some(b"abc".to_vec())));
        assert_eq!(found(&[(AUTHORIZATION, "Bearer a"), (SEC_WEBSOCKET_PROTOCOL, "bearer.a")]), None);
        assert_eq!(found(&[(SEC_WEBSOCKET_PROTOCOL, "bearer.a, bearer.b")]), None);
    }

    #[test]
    fn ac44_pages_of_other_origins_do_not_connect() {
        let mut options = Options { public_url: Some("https://api.example.com".to_owned()), ..Options::default() };
        let may =
            |options: &Options, origin| may_come_from(&headers(&[(HOST, "127.0.0.1:8090"), (ORIGIN, origin)]), options);
        assert!(may_come_from(&headers(&[(HOST, "x")]), &options));
        assert!(may(&options, "http://127.0.0.1:8090") && may(&options, "https://api.example.com"));
        for other in ["null", "http://127.0.0.1:8091", "https://api.example.com.evil.test", "file://127.0.0.1:8090", ""]
        {
            assert!(!may(&options, other), "{other}");
        }
        options.cors.origins = vec!["https://app.example.com".to_owned()];
        assert!(may(&options, "https://app.example.com") && !may(&options, "https://evil.example.com"));
    }
}
