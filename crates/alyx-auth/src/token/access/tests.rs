//! What is an access token and what is none, however well it is signed.

use std::sync::Arc;

use alyx_config::{Config, Secret, section::Algorithm};
use alyx_schema::clock::Clock;
use jsonwebtoken::EncodingKey;
use serde_json::{Value as Json, json};

use super::*;
use crate::{SystemRandom, jwt_crypto::install_crypto};

const NOW: i64 = 1_800_000_000;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }
}

struct Desk {
    tokens: AccessTokens,
    keyring: Keyring,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn new(adjust: impl FnOnce(&mut Jwt)) -> Self {
        install_crypto();
        let mut jwt = Config::default().auth.jwt;
        adjust(&mut jwt);
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(Fixed);
        let keyring = Keyring::open(&jwt, folder.path(), (&clock, &SystemRandom::default())).unwrap();
        Self { tokens: AccessTokens::new(&jwt), keyring, _folder: folder }
    }

    fn issue(&self) -> String {
        let (account, session) = (AccountId::new("ada"), SessionId::new("s1"));
        let signing = self.keyring.signing();
        self.tokens.issue(&signing, (&account, &session), Fixed.now(), &SystemRandom::default()).unwrap().0
    }

    fn verify(&self, token: &str) -> Result<Verified> {
        self.tokens.verify(&self.keyring, token, Fixed.now())
    }
}

fn claims() -> Json {
    json!({"iss": "alyx", "aud": "alyx", "sub": "ada", "sid": "s1", "jti": "1", "iat": NOW, "exp": NOW + 60})
}

fn forged(header: &Json, claims: &Json, key: &Key) -> String {
    let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key.encoding(), key.algorithm()).unwrap();
    format!("{message}.{signature}")
}

#[test]
fn what_is_issued_is_good_and_says_no_more_than_it_must() {
    for algorithm in [Algorithm::Hs256, Algorithm::EdDsa] {
        let desk = Desk::new(|jwt| jwt.algorithm = algorithm);
        let token = desk.issue();
        let verified = desk.verify(&token).unwrap();
        assert_eq!((verified.account.as_str(), verified.session.as_str()), ("ada", "s1"));
        assert_eq!(verified.expires_at.as_second(), NOW + 900);
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: serde_json::Map<String, Json> = serde_json::from_slice(&claims).unwrap();
        let mut names: Vec<_> = claims.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "sid", "sub"]);
        assert_ne!(token, desk.issue(), "each has an id of its own");
    }
}

#[test]
fn it_is_good_until_its_last_second_and_not_in_it() {
    let desk = Desk::new(|_| ());
    let token = desk.issue();
    let at = |seconds| desk.tokens.verify(&desk.keyring, &token, Timestamp::from_second(NOW + seconds).unwrap());
    assert!(at(899).is_ok());
    assert!(matches!(at(900), Err(Error::TokenExpired)));
}

#[test]
fn every_other_token_with_a_good_signature_is_refused() {
    let desk = Desk::new(|_| ());
    let key = desk.keyring.signing();
    let header = json!({"typ": "at+jwt", "alg": "HS256", "kid": key.id()});
    assert!(desk.verify(&forged(&header, &claims(), &key)).is_ok(), "the test itself is right");
    let refused = |header: &Json, claims: &Json| {
        assert!(desk.verify(&forged(header, claims, &key)).is_err(), "{header} {claims}");
    };
    for (name, value) in [
        ("typ", json!("JWT")),
        ("typ", json!(null)),
        ("kid", json!("other")),
        ("kid", json!(null)),
        ("alg", json!("none")),
        ("alg", json!("HS512")),
        ("alg", json!("EdDSA")),
        ("alg", json!("RS256")),
        ("alg", json!(7)),
    ] {
        let mut other = header.clone();
        other[name] = value;
        refused(&other, &claims());
    }
    for (name, value) in [
        ("iss", json!("other")),
        ("iss", json!(null)),
        ("aud", json!("other")),
        ("aud", json!(["other"])),
        ("aud", json!(null)),
        ("sub", json!(null)),
        ("sid", json!(null)),
        ("exp", json!(null)),
        ("exp", json!("never")),
        ("exp", json!(1e300)),
        ("exp", json!(NOW)),
    ] {
        let mut other = claims();
        other[name] = value.clone();
        refused(&header, &other);
        other.as_object_mut().unwrap().remove(name);
        refused(&header, &other);
    }
    let token = desk.issue();
    for other in ["", ".", "..", "...", "a.b.c", &token[..token.len() - 2], &format!("{token}.x"), &"x".repeat(5000)] {
        assert!(desk.verify(other).is_err(), "{other}");
    }
    let unsigned = token.rsplit_once('.').unwrap().0;
    assert!(desk.verify(&format!("{unsigned}.")).is_err());
}

#[test]
fn a_public_key_signs_nothing() {
    let desk = Desk::new(|jwt| jwt.algorithm = Algorithm::EdDsa);
    let key = desk.keyring.signing();
    let x = desk.keyring.public()["keys"][0]["x"].as_str().unwrap().to_owned();
    let public = URL_SAFE_NO_PAD.decode(x).unwrap();
    let header = json!({"typ": "at+jwt", "alg": "HS256", "kid": key.id()});
    let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
    let message = format!("{}.{}", part(&header), part(&claims()));
    let secret = EncodingKey::from_secret(&public);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &secret, jsonwebtoken::Algorithm::HS256).unwrap();
    assert!(desk.verify(&format!("{message}.{signature}")).is_err());
}

#[test]
fn a_token_of_another_server_is_none_here() {
    let secret = |text: &str| Some(Secret::new(format!("{text}rG7vKp2xWq9LmZ4tNc8YbHd3FsJ6uTe1")));
    let ours = Desk::new(|jwt| jwt.secret = secret("a"));
    let twin = Desk::new(|jwt| jwt.secret = secret("a"));
    let other = Desk::new(|jwt| jwt.secret = secret("b"));
    let elsewhere = Desk::new(|jwt| (jwt.secret, jwt.audience) = (secret("a"), "another app".to_owned()));
    let token = ours.issue();
    assert!(twin.verify(&token).is_ok());
    assert!(other.verify(&token).is_err() && elsewhere.verify(&token).is_err());
}
