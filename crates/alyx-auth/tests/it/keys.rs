//! Keys change, and nobody notices.

use alyx_auth::{SystemRandom, rotate_keys};
use alyx_config::Secret;

use crate::desk::{Desk, PASSWORD, USERS, client, open};

#[tokio::test]
async fn a_rotated_key_signs_nobody_out() {
    for settings in ["{}", "auth: {jwt: {algorithm: EdDSA}}"] {
        let desk = Desk::with(settings, USERS).await;
        let ada = desk.register("ada@example.com").await;
        let data = desk.config.data_folder(desk.folder.path());
        rotate_keys(&desk.config.auth.jwt, &data, &*desk.clock, &SystemRandom::default()).unwrap();
        desk.pass(2);
        assert!(desk.authenticate(&ada.tokens.access_token).await.is_ok());
        let next = desk.refresh(&ada.tokens.refresh_token).await.unwrap();
        let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        assert_ne!(kid(&next.tokens.access_token), kid(&ada.tokens.access_token));
        assert_eq!(
            desk.refresh(&ada.tokens.refresh_token).await.unwrap().tokens.refresh_token,
            next.tokens.refresh_token
        );
        desk.pass(6 * 86_400);
        let last = desk.refresh(&next.tokens.refresh_token).await.unwrap();
        assert!(desk.authenticate(&last.tokens.access_token).await.is_ok());
    }
}

#[tokio::test]
async fn a_grace_that_a_rotation_falls_into_holds() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    let next = desk.refresh(&ada.tokens.refresh_token).await.unwrap();
    let data = desk.config.data_folder(desk.folder.path());
    rotate_keys(&desk.config.auth.jwt, &data, &*desk.clock, &SystemRandom::default()).unwrap();
    desk.pass(5);
    let again = desk.refresh(&ada.tokens.refresh_token).await.unwrap();
    assert_eq!(again.tokens.refresh_token, next.tokens.refresh_token);
}

#[tokio::test]
async fn a_configured_secret_can_be_exchanged() {
    let secret = "rG7vKp2xWq9LmZ4tNc8YbHd3FsJ6uTe1";
    let mut desk = Desk::with(&format!("auth: {{jwt: {{secret: {secret}}}}}"), USERS).await;
    let ada = desk.register("ada@example.com").await;
    desk.config.auth.jwt.secret = Some(Secret::new(format!("{secret}x")));
    let forgetful = open(&desk.config, desk.folder.path(), &desk.clock, None).unwrap();
    assert!(forgetful.authenticate(&desk.store, &ada.tokens.access_token).await.is_err());
    assert!(forgetful.refresh(&desk.store, &ada.tokens.refresh_token, &client("192.0.2.1")).await.is_err());
    desk.config.auth.jwt.previous_secrets = vec![Secret::new(secret)];
    let careful = open(&desk.config, desk.folder.path(), &desk.clock, None).unwrap();
    assert!(careful.authenticate(&desk.store, &ada.tokens.access_token).await.is_ok());
    let next = careful.refresh(&desk.store, &ada.tokens.refresh_token, &client("192.0.2.1")).await.unwrap();
    desk.config.auth.jwt.previous_secrets.clear();
    let later = open(&desk.config, desk.folder.path(), &desk.clock, None).unwrap();
    assert!(
        later.authenticate(&desk.store, &next.tokens.access_token).await.is_ok(),
        "a refresh moves to the new secret"
    );
}

#[tokio::test]
async fn another_algorithm_signs_nobody_out_and_shows_its_public_half() {
    let mut desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    assert_eq!(desk.auth.public_keys()["keys"].as_array().unwrap().len(), 0);
    desk.config.auth.jwt.algorithm = alyx_config::section::Algorithm::EdDsa;
    let auth = open(&desk.config, desk.folder.path(), &desk.clock, None).unwrap();
    assert!(auth.authenticate(&desk.store, &ada.tokens.access_token).await.is_ok());
    let next = auth.refresh(&desk.store, &ada.tokens.refresh_token, &client("192.0.2.1")).await.unwrap();
    let jwks = auth.public_keys();
    let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(jwks["keys"][0].clone()).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    validation.set_audience(&["alyx"]);
    validation.validate_exp = false;
    let claims =
        jsonwebtoken::decode::<serde_json::Value>(&next.tokens.access_token, &key, &validation).unwrap().claims;
    assert_eq!(claims["sub"], ada.account.id.as_str(), "others can check a token by it");
    assert!(auth.login(&desk.store, "ada@example.com", PASSWORD, &client("192.0.2.1")).await.is_ok());
}
