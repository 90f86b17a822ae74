//! The id token: its claims and its signature, honest or not.

use serde_json::{Map, Value, json};

use super::{
    key::{Algorithm, Key, base64url, hs256},
    key_set::KeySet,
};
use crate::{
    Lie,
    provider::{CLIENT_ID, CLIENT_SECRET},
};

const AN_HOUR: i64 = 3600;

/// Writes the token for honest claims, as the lie has it; nothing where there is none at all.
pub(super) fn write(
    mut claims: Map<String, Value>,
    keys: &KeySet,
    algorithm: Algorithm,
    lie: Option<Lie>,
    now: i64,
) -> Option<String> {
    if let Some(lie) = lie {
        bend_claims(&mut claims, lie, now);
    }
    let claims = Value::Object(claims);
    match lie {
        Some(Lie::MissingIdToken) => None,
        Some(Lie::GarbledIdToken) => Some("no.token.at-all".to_owned()),
        Some(lie) => Some(sign_falsely(&claims, keys, algorithm, lie)),
        None => Some(sign(&claims, keys.published(algorithm))),
    }
}

fn bend_claims(claims: &mut Map<String, Value>, lie: Lie, now: i64) {
    let issuer = claims["iss"].as_str().unwrap_or_default().to_owned();
    let mut set = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    match lie {
        Lie::WrongIssuer => set("iss", json!("https://accounts.example.com")),
        Lie::SimilarIssuer => set("iss", json!(format!("{issuer}/"))),
        Lie::IssuerOfAnotherTenant => set("iss", json!(of_another_tenant(&issuer))),
        Lie::WrongAudience => set("aud", json!("another-client")),
        Lie::SeveralAudiencesWithoutParty => set("aud", json!([CLIENT_ID, "another-client"])),
        Lie::SeveralAudiencesWithWrongParty => {
            set("aud", json!([CLIENT_ID, "another-client"]));
            set("azp", json!("another-client"));
        }
        Lie::WrongParty => set("azp", json!("another-client")),
        Lie::WrongNonce => set("nonce", json!("a-nonce-of-another-sign-in")),
        Lie::Expired => {
            set("iat", json!(now - 2 * AN_HOUR));
            set("exp", json!(now - AN_HOUR));
        }
        Lie::IssuedInTheFuture => {
            set("iat", json!(now + AN_HOUR));
            set("exp", json!(now + 2 * AN_HOUR));
        }
        Lie::NotYetValid => {
            set("nbf", json!(now + AN_HOUR));
            set("exp", json!(now + 2 * AN_HOUR));
        }
        Lie::EmptySubject => set("sub", json!("")),
        Lie::WrongAccessTokenHash => set("at_hash", json!(base64url(&[0; 16]))),
        _ => claims.retain(|name, _| Some(name.as_str()) != missing_claim(lie)),
    }
}

fn of_another_tenant(issuer: &str) -> String {
    let origin: Vec<&str> = issuer.splitn(4, '/').take(3).collect();
    format!("{}/another-tenant/v2.0", origin.join("/"))
}

fn missing_claim(lie: Lie) -> Option<&'static str> {
    match lie {
        Lie::MissingNonce => Some("nonce"),
        Lie::MissingExpiry => Some("exp"),
        Lie::MissingIssueTime => Some("iat"),
        Lie::MissingSubject => Some("sub"),
        _ => None,
    }
}

fn sign(claims: &Value, key: &Key) -> String {
    with_signature(&header(key), claims, |message| key.sign(message))
}

fn sign_falsely(claims: &Value, keys: &KeySet, algorithm: Algorithm, lie: Lie) -> String {
    let (key, other) = (keys.published(algorithm), keys.withheld(algorithm));
    let honest = header(key);
    let hmac = json!({"typ": "JWT", "alg": "HS256", "kid": key.id});
    match lie {
        Lie::AlgorithmNone => with_signature(&with(honest, "alg", json!("none")), claims, |_| Vec::new()),
        Lie::HmacWithPublicKey => with_signature(&hmac, claims, |message| hs256(key.public_bytes(), message)),
        Lie::HmacWithPublicPem => with_signature(&hmac, claims, |message| hs256(key.public_pem().as_bytes(), message)),
        Lie::HmacWithClientSecret => with_signature(&hmac, claims, |message| hs256(CLIENT_SECRET.as_bytes(), message)),
        Lie::SymmetricKeyPublished => with_signature(&with(hmac, "kid", json!(KeySet::SHARED_ID)), claims, |message| {
            hs256(keys.shared_secret.as_bytes(), message)
        }),
        Lie::UnknownKeyId => with_signature(&with(honest, "kid", json!("unknown")), claims, |text| key.sign(text)),
        Lie::KeyNotPublished => with_signature(&honest, claims, |message| other.sign(message)),
        Lie::EmbeddedKey => {
            let header = with(header(other), "jwk", other.jwk());
            with_signature(&header, claims, |message| other.sign(message))
        }
        Lie::UnknownCriticalHeader => {
            let header = with(with(honest, "crit", json!(["unheard-of"])), "unheard-of", json!(true));
            with_signature(&header, claims, |message| key.sign(message))
        }
        Lie::TamperedPayload => tampered(&sign(claims, key), claims),
        Lie::MissingSignature => with_signature(&honest, claims, |_| Vec::new()),
        _ => sign(claims, key),
    }
}

fn tampered(token: &str, claims: &Value) -> String {
    let other = with(claims.clone(), "sub", json!("somebody-else"));
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[1] = base64url(other.to_string().as_bytes());
    parts.join(".")
}

fn header(key: &Key) -> Value {
    json!({"typ": "JWT", "alg": key.algorithm().name(), "kid": key.id})
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn with_signature(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.to_string().as_bytes()));
    let signature = sign(message.as_bytes());
    format!("{message}.{}", base64url(&signature))
}
