//! Endpoints that do not answer as they should.

use serde_json::json;

use super::{Desk, Endpoint, Lie};
use crate::{Request, loopback::Reply};

/// Where everything is in order, for clients that follow redirects.
pub(super) const ELSEWHERE: &str = "/elsewhere";

/// The answer in place of the endpoint's own, where the provider lies about that endpoint.
pub(super) fn answer(desk: &Desk, request: &Request, endpoint: Endpoint) -> Option<Reply> {
    let lie = desk.lie().filter(|lie| lie.endpoint() == Some(endpoint))?;
    let location = desk.url(&format!("{ELSEWHERE}{}", request.target));
    Some(match lie {
        Lie::Refuses(Endpoint::Token) => Reply::json(400, &json!({"error": "invalid_grant"})),
        Lie::Refuses(_) => Reply::json(500, &json!({"error": "server_error"})),
        Lie::Redirects(_) => Reply::redirect(302, &location),
        Lie::RedirectsTheSecret => Reply::redirect(307, &location),
        Lie::Endless(_) => Reply::Endless,
        Lie::Hangs(_) => Reply::Hang,
        Lie::Trickles(_) => Reply::Trickle,
        Lie::NotJson(_) => Reply::text(200, "application/json", "{\"access_token\": \"half".to_owned()),
        _ => Reply::html(502, "<html><h1>Bad gateway</h1><script>alert(1)</script></html>"),
    })
}
