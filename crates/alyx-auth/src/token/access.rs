//! Access tokens: short-lived JWTs that name a session and nothing else, so that who their bearer is and may do is
//! looked up and never out of date.

use alyx_config::section::Jwt;
use alyx_store::account::{AccountId, SessionId};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    keyring::{Key, Keyring},
    random::{self, Random},
};

/// What the header calls it (RFC 9068): no other JWT is an access token.
const KIND: &str = "at+jwt";

/// Longest token that is looked at.
const LONGEST: usize = 4096;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    jti: String,
    iat: i64,
    exp: i64,
}

/// What a token that is good says.
#[derive(Clone, Debug)]
pub(crate) struct Verified {
    pub(crate) account: AccountId,
    pub(crate) session: SessionId,
    pub(crate) expires_at: Timestamp,
}

/// Makes and checks access tokens.
pub(crate) struct AccessTokens {
    settings: Jwt,
}

impl AccessTokens {
    pub(crate) fn new(settings: &Jwt) -> Self {
        Self { settings: settings.clone() }
    }

    /// A token of the session, and when it expires.
    pub(crate) fn issue(
        &self,
        key: &Key,
        (account, session): (&AccountId, &SessionId),
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<(String, Timestamp)> {
        // Claims have whole seconds; what is told is what is checked.
        let lifetime = i64::try_from(self.settings.access_ttl.as_secs()).unwrap_or(i64::MAX / 2);
        let exp = now.as_second().saturating_add(lifetime.max(1));
        let claims = Claims {
            iss: self.settings.issuer.clone(),
            aud: self.settings.audience.clone(),
            sub: account.as_str().to_owned(),
            sid: session.as_str().to_owned(),
            jti: URL_SAFE_NO_PAD.encode(random::bytes::<16>(random)?),
            iat: now.as_second(),
            exp,
        };
        let mut header = Header::new(key.algorithm());
        (header.typ, header.kid) = (Some(KIND.to_owned()), Some(key.id().to_owned()));
        let token = encode(&header, &claims, key.encoding()).map_err(|_| invalid("it cannot be signed"))?;
        Ok((token, Timestamp::from_second(exp).unwrap_or(Timestamp::MAX)))
    }

    /// What the token says, if it is one of ours and good now.
    pub(crate) fn verify(&self, keyring: &Keyring, token: &str, now: Timestamp) -> Result<Verified> {
        if token.len() > LONGEST {
            return Err(invalid("it is too long"));
        }
        let header = decode_header(token).map_err(|_| invalid("it is no access token"))?;
        if header.typ.as_deref() != Some(KIND) {
            return Err(invalid("it is no access token"));
        }
        let key = header.kid.as_deref().and_then(|id| keyring.find(id));
        let key = key.ok_or_else(|| invalid("its key is not known"))?;
        let claims = decode::<Claims>(token, key.decoding(), &self.validation(&key));
        let claims = claims.map_err(|_| invalid("its signature, issuer or audience is wrong"))?.claims;
        if claims.exp <= now.as_second() {
            return Err(Error::TokenExpired);
        }
        Ok(Verified {
            account: AccountId::new(&claims.sub),
            session: SessionId::new(&claims.sid),
            expires_at: Timestamp::from_second(claims.exp).unwrap_or(Timestamp::MAX),
        })
    }

    /// Everything but the time, which is told by our clock.
    fn validation(&self, key: &Key) -> Validation {
        let mut validation = Validation::new(key.algorithm());
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_exp = false;
        validation
    }
}

fn invalid(why: &'static str) -> Error {
    Error::InvalidToken { why }
}

#[cfg(test)]
mod tests;
