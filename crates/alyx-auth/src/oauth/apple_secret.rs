//! Apple's client secret, which we sign ourselves each time:
//! <https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret>

use alyx_config::Secret;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header, crypto, encode};
use serde_json::json;

use super::Fault;

/// How long a secret is good for, in seconds: it is used at once.
const LIFETIME: i64 = 300;

/// The key that signs the secret, and for whom.
pub(super) struct AppleSecret {
    client: String,
    team: String,
    key_id: String,
    key: EncodingKey,
    audience: String,
}

impl AppleSecret {
    /// The key is PKCS #8 in PEM; `\n` may stand for line ends.
    pub(super) fn new(
        (client, team, key_id): (&str, &str, &str),
        private_key: &Secret,
        audience: &str,
    ) -> Result<Self, Fault> {
        let no_key = || Fault::because("private_key is no key for ES256 in PEM");
        let key = EncodingKey::from_ec_der(&der(private_key.expose()).ok_or_else(no_key)?);
        crypto::sign(b"", &key, Algorithm::ES256).map_err(|_| no_key())?;
        let [client, team, key_id, audience] = [client, team, key_id, audience].map(str::to_owned);
        Ok(Self { client, team, key_id, key, audience })
    }

    /// A secret for one call.
    pub(super) fn sign(&self, now: Timestamp) -> Result<Secret, Fault> {
        let now = now.as_second();
        let header = Header { kid: Some(self.key_id.clone()), ..Header::new(Algorithm::ES256) };
        let claims =
            json!({"iss": self.team, "sub": self.client, "aud": self.audience, "iat": now, "exp": now + LIFETIME});
        let signed =
            encode(&header, &claims, &self.key).map_err(|_| Fault::because("the client secret cannot be signed"))?;
        Ok(Secret::new(signed))
    }
}

fn der(pem: &str) -> Option<Vec<u8>> {
    let pem = pem.replace("\\n", "\n");
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----")?;
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    STANDARD.decode(body.split_whitespace().collect::<String>()).ok()
}
