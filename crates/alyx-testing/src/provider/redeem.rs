//! A code becomes a grant: the checks that every token endpoint makes (RFC 6749 section 4.1.3, RFC 7636).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};

use super::{Desk, Grant, Lie};
use crate::Request;

/// Why there is no token: the code of RFC 6749, section 5.2.
pub(crate) type Refusal = &'static str;

/// The grant behind the code of a token request; what the client did wrong becomes a complaint.
pub(crate) fn redeem(desk: &Desk, request: &Request) -> Result<Grant, Refusal> {
    let refuse = |refusal: Refusal, words: &str| {
        desk.complain(format!("{}: {words}", request.path()));
        refusal
    };
    let field = |name: &str| request.field(name).unwrap_or_default();
    if request.method != "POST" || request.fields().is_empty() {
        return Err(refuse("invalid_request", "a form must be posted"));
    }
    if request.target.contains('?') {
        return Err(refuse("invalid_request", "parameters stand in the address"));
    }
    if field("grant_type") != "authorization_code" {
        return Err(refuse("unsupported_grant_type", "grant_type must be authorization_code"));
    }
    let grant = desk.present_code(&field("code")).ok_or_else(|| refuse("invalid_grant", "the code is not known"))?;
    if grant.uses > 1 && !desk.tells(Lie::CodeAnsweredTwice) {
        return Err(refuse("invalid_grant", "the code was used before"));
    }
    if grant.redirect != field("redirect_uri") {
        return Err(refuse("invalid_grant", "redirect_uri is another than before"));
    }
    if grant.challenge != challenge(&field("code_verifier")) {
        return Err(refuse("invalid_grant", "code_verifier does not match"));
    }
    Ok(grant)
}

/// The grant behind the bearer token of a request.
pub(crate) fn bearer(desk: &Desk, request: &Request) -> Option<Grant> {
    let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let grant = token.and_then(|token| desk.grant_of_token(token));
    if grant.is_none() {
        desk.complain(format!("{}: the access token is missing or unknown", request.path()));
    }
    grant
}

fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}
