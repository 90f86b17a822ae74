//! How a client shows at the token endpoint that it is the client (RFC 6749 section 2.3.1, and Apple's way).

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;
use url::form_urlencoded;

use super::{CLIENT_ID, CLIENT_SECRET, Desk, redeem::Refusal};
use crate::Request;

/// A client that signs its secret itself, as Apple wants it: a JWT with ES256.
#[derive(Clone, Debug)]
pub(crate) struct SignedSecret {
    pub(crate) team: String,
    pub(crate) key_id: String,
    /// The point of the client's public key.
    pub(crate) public_key: Vec<u8>,
    /// What the JWT must be meant for.
    pub(crate) audience: String,
}

/// Whether the request comes from the client; what is wrong becomes a complaint.
pub(crate) fn authenticate(desk: &Desk, request: &Request, signed: Option<&SignedSecret>) -> Result<(), Refusal> {
    check(desk, request, signed).map_err(|words| {
        desk.complain(format!("{}: {words}", request.path()));
        "invalid_client"
    })
}

fn check(desk: &Desk, request: &Request, signed: Option<&SignedSecret>) -> Result<(), String> {
    let (id, secret) = credentials(request)?;
    if id != CLIENT_ID {
        return Err("the client is not known".to_owned());
    }
    match signed {
        Some(signed) => check_signed(desk.now(), &secret, signed),
        None if secret == CLIENT_SECRET => Ok(()),
        None => Err("the client's secret is wrong".to_owned()),
    }
}

/// Id and secret, from the header or from the form, but not from both.
fn credentials(request: &Request) -> Result<(String, String), String> {
    let posted = request.field("client_id").zip(request.field("client_secret"));
    let basic = request.header("authorization").and_then(|value| value.strip_prefix("Basic "));
    match (posted, basic) {
        (Some(posted), None) => Ok(posted),
        (None, Some(basic)) => from_basic(basic).ok_or_else(|| "the header is no id and secret".to_owned()),
        (Some(_), Some(_)) => Err("the secret stands in the header and in the form".to_owned()),
        (None, None) => Err("the secret is missing".to_owned()),
    }
}

/// Both parts are encoded as in a form before they are put together.
fn from_basic(encoded: &str) -> Option<(String, String)> {
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

fn check_signed(now: i64, token: &str, signed: &SignedSecret) -> Result<(), String> {
    const HALF_A_YEAR: i64 = 15_777_000;
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { return Err("the secret is no JWT".to_owned()) };
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &signed.public_key);
    let message = format!("{header}.{claims}");
    if key.verify(message.as_bytes(), &decoded(signature)).is_err() {
        return Err("the secret's signature does not hold".to_owned());
    }
    let (header, claims) = (object(header), object(claims));
    let expiry = claims["exp"].as_i64().unwrap_or_default();
    let checks = [
        (header["alg"] == "ES256", "alg"),
        (header["kid"] == signed.key_id.as_str(), "kid"),
        (claims["iss"] == signed.team.as_str(), "iss"),
        (claims["sub"] == CLIENT_ID, "sub"),
        (claims["aud"] == signed.audience.as_str(), "aud"),
        (claims["iat"].as_i64().is_some_and(|issued| issued <= now), "iat"),
        (now < expiry && expiry <= now + HALF_A_YEAR, "exp"),
    ];
    match checks.iter().find(|(holds, _)| !holds) {
        Some((_, name)) => Err(format!("the secret's {name} is wrong")),
        None => Ok(()),
    }
}

fn decoded(part: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(part).unwrap_or_default()
}

fn object(part: &str) -> Value {
    serde_json::from_slice(&decoded(part)).unwrap_or_default()
}
