//! The id token (OpenID Connect Core, section 3.1.3.7): what it says counts only once all of this holds, in this order.
//! The signature is checked by `jsonwebtoken`, everything else here (rows 03 and 04 of the attacks).

use alyx_schema::strict_json;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, crypto};
use ring::digest::{self, SHA256, SHA384, SHA512};
use serde_json::{Map, Value as Json};

use super::{Fault, issuer::Issuer, key_set::PublicKey};
use crate::token;

/// Longest token that is looked at.
const LONGEST: usize = 16 << 10;

/// How far the provider's clock may be from ours, in seconds.
const LEEWAY: i64 = 60;

/// Longest name of a person that is kept.
const LONGEST_SUBJECT: usize = 255;

/// A token taken apart, of which nothing is believed yet.
pub(super) struct IdToken<'t> {
    pub(super) algorithm: Algorithm,
    /// The id of its key. Keys that a header brings along are not looked at.
    pub(super) key_id: Option<String>,
    message: &'t str,
    claims: &'t str,
    signature: &'t str,
}

/// What it must say.
pub(super) struct Expected<'e> {
    pub(super) issuer: &'e Issuer,
    pub(super) client: &'e str,
    pub(super) nonce: &'e str,
    pub(super) access_token: &'e str,
    pub(super) now: Timestamp,
}

/// What a token says that was checked.
pub(super) type Claims = Map<String, Json>;

impl<'t> IdToken<'t> {
    /// Takes it apart; it must be signed in one of these ways.
    pub(super) fn read(token: &'t str, allowed: &[Algorithm]) -> Result<Self, Fault> {
        if token.len() > LONGEST {
            return Err(Fault::because("the id token is too long"));
        }
        let parts = token.rsplit_once('.').and_then(|(message, signature)| {
            let (header, claims) = message.split_once('.')?;
            (!claims.contains('.')).then_some((header, claims, message, signature))
        });
        let (header, claims, message, signature) = parts.ok_or_else(|| Fault::because("the id token is none"))?;
        let header = object(header)?;
        if header.contains_key("crit") {
            return Err(Fault::because("crit: the id token wants something that is not known"));
        }
        let algorithm = header.get("alg").and_then(|name| name.as_str()?.parse().ok());
        let algorithm = algorithm.filter(|algorithm| allowed.contains(algorithm));
        let algorithm = algorithm.ok_or_else(|| Fault::because("alg: the id token is not signed as it must be"))?;
        let key_id = match header.get("kid") {
            None => None,
            Some(Json::String(id)) => Some(id.clone()),
            Some(_) => return Err(Fault::because("kid: the id token names its key in another way than by text")),
        };
        Ok(Self { algorithm, key_id, message, claims, signature })
    }

    /// Checks everything; what it says may be believed then.
    pub(super) fn verify(&self, key: &PublicKey, expected: &Expected<'_>) -> Result<Claims, Fault> {
        let signature = crypto::verify(self.signature, self.message.as_bytes(), &key.decoding, self.algorithm);
        if !signature.unwrap_or(false) {
            return Err(Fault::because("the signature of the id token does not hold"));
        }
        let claims = object(self.claims)?;
        check_issuer(&claims, key, expected.issuer)?;
        check_audience(&claims, expected.client)?;
        check_times(&claims, expected.now.as_second())?;
        if !claim(&claims, "nonce").is_some_and(|nonce| token::is_same(nonce.as_bytes(), expected.nonce.as_bytes())) {
            return Err(Fault::because("nonce: the id token is not of this sign-in"));
        }
        subject(&claims)?;
        self.check_hash(&claims, expected.access_token)?;
        Ok(claims)
    }

    /// Whether the access token is the one that the id token was given with.
    fn check_hash(&self, claims: &Claims, access_token: &str) -> Result<(), Fault> {
        let Some(told) = claims.get("at_hash") else { return Ok(()) };
        let algorithm = match self.algorithm {
            Algorithm::ES384 | Algorithm::RS384 | Algorithm::PS384 => &SHA384,
            Algorithm::RS512 | Algorithm::PS512 | Algorithm::EdDSA => &SHA512,
            _ => &SHA256,
        };
        let hash = digest::digest(algorithm, access_token.as_bytes());
        let half = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2]);
        if told.as_str() == Some(half.as_str()) {
            Ok(())
        } else {
            Err(Fault::because("at_hash: the access token is another"))
        }
    }
}

/// Whom the token, or whatever else speaks of somebody, is about.
pub(super) fn subject(claims: &Claims) -> Result<&str, Fault> {
    let subject = claim(claims, "sub").filter(|subject| (1..=LONGEST_SUBJECT).contains(&subject.len()));
    subject.ok_or_else(|| Fault::because("sub: nobody is named"))
}

fn claim<'c>(claims: &'c Claims, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Json::as_str)
}

fn check_issuer(claims: &Claims, key: &PublicKey, expected: &Issuer) -> Result<(), Fault> {
    let tenant = claim(claims, "tid");
    match claim(claims, "iss") {
        Some(issuer) if expected.is(issuer, tenant) && Issuer::has_key(&key.issuer, issuer, tenant) => Ok(()),
        _ => Err(Fault::because("iss: the id token is another issuer's")),
    }
}

/// The token must be for us and for nobody else.
fn check_audience(claims: &Claims, client: &str) -> Result<(), Fault> {
    let is_ours = match claims.get("aud") {
        Some(Json::String(audience)) => audience == client,
        Some(Json::Array(audiences)) => !audiences.is_empty() && audiences.iter().all(|audience| audience == client),
        _ => false,
    };
    if !is_ours {
        return Err(Fault::because("aud: the id token is not for this application alone"));
    }
    match claims.get("azp") {
        Some(party) if party != client => Err(Fault::because("azp: the id token was given to another")),
        _ => Ok(()),
    }
}

fn check_times(claims: &Claims, now: i64) -> Result<(), Fault> {
    match seconds(claims, "exp")? {
        Some(expiry) if expiry > now - LEEWAY => {}
        _ => return Err(Fault::because("exp: the id token has expired")),
    }
    match seconds(claims, "iat")? {
        Some(issued) if issued <= now + LEEWAY => {}
        _ => return Err(Fault::because("iat: the id token was not made yet")),
    }
    match seconds(claims, "nbf")? {
        Some(start) if start > now + LEEWAY => Err(Fault::because("nbf: the id token is not good yet")),
        _ => Ok(()),
    }
}

/// A time, which may have a fraction.
fn seconds(claims: &Claims, name: &str) -> Result<Option<i64>, Fault> {
    let Some(told) = claims.get(name) else { return Ok(None) };
    let whole = told.as_i64().or_else(|| told.as_f64().map(|seconds| seconds.floor() as i64));
    whole.map(Some).ok_or_else(|| Fault::because(format!("{name}: the id token tells no time")))
}

/// A part that must be an object, with no name twice.
fn object(part: &str) -> Result<Map<String, Json>, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Fault::because("the id token is none"))?;
    match strict_json::parse(&bytes) {
        Ok(Json::Object(object)) => Ok(object),
        _ => Err(Fault::because("the id token is none")),
    }
}

#[cfg(test)]
mod tests;
