//! Each fault of a token by itself. How providers lie is tested with a whole sign-in.

use std::sync::LazyLock;

use jsonwebtoken::EncodingKey;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::json;

use super::*;
use crate::{jwt_crypto::install_crypto, oauth::key_set::KeySet};

const NOW: i64 = 1_800_000_000;
const ES256: &[Algorithm] = &[Algorithm::ES256];

static PKCS8: LazyLock<Vec<u8>> = LazyLock::new(|| {
    EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap().as_ref().to_vec()
});

fn keys(more: &Json) -> KeySet {
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &PKCS8, &SystemRandom::new()).unwrap();
    let point = pair.public_key().as_ref();
    let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    let mut key =
        json!({"kty": "EC", "crv": "P-256", "kid": "one", "x": encode(&point[1..33]), "y": encode(&point[33..])});
    key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    KeySet::read(&json!({ "keys": [key] })).unwrap()
}

fn signed(header: &str, claims: &str) -> String {
    install_crypto();
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = crypto::sign(message.as_bytes(), &EncodingKey::from_ec_der(&PKCS8), Algorithm::ES256).unwrap();
    format!("{message}.{signature}")
}

fn honest() -> Json {
    json!({
        "iss": "https://id.example.com", "aud": "alyx", "sub": "1001", "nonce": "a-nonce", "iat": NOW, "exp": NOW + 600,
    })
}

fn verified(token: &str, issuer: &Issuer, keys: &KeySet) -> Result<Claims, Fault> {
    let token = IdToken::read(token, ES256)?;
    let key = keys.find(token.key_id.as_deref(), token.algorithm)?;
    let now = Timestamp::from_second(NOW).unwrap();
    token.verify(key, &Expected { issuer, client: "alyx", nonce: "a-nonce", access_token: "at", now })
}

fn check_token(token: &str, expected: Option<&str>) {
    let issuer = Issuer::Exact("https://id.example.com".to_owned());
    let said = verified(token, &issuer, &keys(&json!({}))).err().map(|fault| fault.to_string());
    let fits = match (&said, expected) {
        (Some(said), Some(expected)) => said.starts_with(expected),
        (said, expected) => said.is_none() && expected.is_none(),
    };
    assert!(fits, "{token}: {said:?}, not {expected:?}");
}

/// With these claims in the place of the honest ones; null takes one away.
#[track_caller]
fn check(changes: &Json, expected: Option<&str>) {
    let mut claims = honest();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    check_token(&signed(r#"{"alg":"ES256","kid":"one"}"#, &claims.to_string()), expected);
}

#[test]
fn an_honest_token_is_believed() {
    check(&json!({}), None);
    check(&json!({"aud": ["alyx"], "azp": "alyx", "nbf": NOW}), None);
    check(&json!({"iat": NOW as f64 + 0.5, "exp": NOW as f64 + 600.25}), None);
    let hash = URL_SAFE_NO_PAD.encode(&digest::digest(&SHA256, b"at").as_ref()[..16]);
    check(&json!({ "at_hash": hash }), None);
}

#[test]
fn ac03_the_issuer_is_exact() {
    for issuer in [
        json!("https://id.example.com/"),
        json!("https://ID.example.com"),
        json!(["https://id.example.com"]),
        Json::Null,
        json!(""),
    ] {
        check(&json!({ "iss": issuer }), Some("iss"));
    }
}

#[test]
fn ac03_a_tenant_and_its_keys_sign_for_it_alone() {
    let issuer = Issuer::OfTenant { before: "https://id.example.com/".to_owned(), after: "/v2.0" };
    let mut claims = honest();
    claims["iss"] = json!("https://id.example.com/one/v2.0");
    let token = |tenant: Json| {
        let mut claims = claims.clone();
        claims["tid"] = tenant;
        signed(r#"{"alg":"ES256","kid":"one"}"#, &claims.to_string())
    };
    let of_all = keys(&json!({"issuer": "https://id.example.com/{tenantid}/v2.0"}));
    let of_two = keys(&json!({"issuer": "https://id.example.com/two/v2.0"}));
    assert!(verified(&token(json!("one")), &issuer, &of_all).is_ok());
    assert!(verified(&token(json!("one")), &issuer, &keys(&json!({}))).is_ok());
    for (tenant, keys) in
        [(json!("two"), &of_all), (Json::Null, &of_all), (json!("one"), &of_two), (json!("two"), &of_two)]
    {
        assert!(
            verified(&token(tenant.clone()), &issuer, keys).unwrap_err().to_string().starts_with("iss"),
            "{tenant}"
        );
    }
}

#[test]
fn ac04_the_audience_is_us_alone() {
    for audience in [
        json!("other"),
        json!(["alyx", "other"]),
        json!([]),
        json!(["other"]),
        Json::Null,
        json!("ALYX"),
        json!({"alyx": 1}),
        json!(["alyx", 1]),
    ] {
        check(&json!({ "aud": audience }), Some("aud"));
    }
    for party in [json!("other"), json!(["alyx"]), json!("")] {
        check(&json!({ "azp": party }), Some("azp"));
    }
}

#[test]
fn ac04_times_are_those_of_our_clock() {
    check(&json!({"exp": NOW - 59}), None);
    for expiry in [json!(NOW - 60), json!(0), json!(-1), Json::Null, json!(NOW.to_string())] {
        check(&json!({ "exp": expiry }), Some("exp"));
    }
    check(&json!({"iat": NOW + 60}), None);
    for issued in [json!(NOW + 61), Json::Null, json!("now"), json!(1e300)] {
        check(&json!({ "iat": issued }), Some("iat"));
    }
    check(&json!({"nbf": NOW + 60}), None);
    for start in [json!(NOW + 61), json!("later")] {
        check(&json!({ "nbf": start }), Some("nbf"));
    }
}

#[test]
fn ac04_nonce_subject_and_access_token_are_of_this_sign_in() {
    for nonce in [json!("another"), json!("a-nonce "), json!(""), Json::Null, json!(["a-nonce"])] {
        check(&json!({ "nonce": nonce }), Some("nonce"));
    }
    for subject in [json!(""), Json::Null, json!(1001), json!("x".repeat(256))] {
        check(&json!({ "sub": subject }), Some("sub"));
    }
    for hash in [json!(""), json!("AAAAAAAAAAAAAAAAAAAAAA"), json!(7)] {
        check(&json!({ "at_hash": hash }), Some("at_hash"));
    }
}

#[test]
fn ac04_only_the_pinned_algorithm_and_published_keys_count() {
    let claims = honest().to_string();
    for (header, expected) in [
        (r#"{"alg":"ES256"}"#, None),
        (
            r#"{"alg":"ES256","kid":"one","jwk":{"kty":"oct","k":"AAAA"},"jku":"https://evil.example","x5c":["x"]}"#,
            None,
        ),
        (r#"{"alg":"none","kid":"one"}"#, Some("alg")),
        (r#"{"alg":"None","kid":"one"}"#, Some("alg")),
        (r#"{"alg":"HS256","kid":"one"}"#, Some("alg")),
        (r#"{"alg":"RS256","kid":"one"}"#, Some("alg")),
        (r#"{"alg":["ES256"],"kid":"one"}"#, Some("alg")),
        (r#"{"kid":"one"}"#, Some("alg")),
        (r#"{"alg":"ES256","kid":"two"}"#, Some("kid")),
        (r#"{"alg":"ES256","kid":7}"#, Some("kid")),
        (r#"{"alg":"ES256","kid":"one","crit":[]}"#, Some("crit")),
        (r#"{"alg":"ES256","kid":"one","crit":["b64"],"b64":false}"#, Some("crit")),
        (r#"{"alg":"none","alg":"ES256","kid":"one"}"#, Some("the id token is none")),
        (r#"["ES256"]"#, Some("the id token is none")),
    ] {
        check_token(&signed(header, &claims), expected);
    }
}

#[test]
fn ac04_what_was_changed_or_is_no_token_is_refused() {
    let good = signed(r#"{"alg":"ES256","kid":"one"}"#, &honest().to_string());
    let parts: Vec<&str> = good.split('.').collect();
    let other = URL_SAFE_NO_PAD.encode(honest().to_string().replace("1001", "1002"));
    check_token(&format!("{}.{other}.{}", parts[0], parts[2]), Some("the signature"));
    check_token(&format!("{}.{}.", parts[0], parts[1]), Some("the signature"));
    check_token(&format!("{}.{}.{}A", parts[0], parts[1], parts[2]), Some("the signature"));
    check_token(&format!("{good}="), Some("the signature"));
    for none in [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        &format!("{good}.x"),
        &format!("{}.{}", parts[0], parts[1]),
        "no.token.at-all",
    ] {
        check_token(none, Some("the id token is none"));
    }
    check_token(&format!("{good}{}", "A".repeat(LONGEST)), Some("the id token is too long"));
    let twice = honest().to_string().replacen('{', r#"{"sub":"1002","#, 1);
    check_token(&signed(r#"{"alg":"ES256","kid":"one"}"#, &twice), Some("the id token is none"));
}
