//! Signing in: the same work and the same answer for whatever is wrong.

use alyx_auth::{AccountChanges, Authority, Error};
use serde_json::json;

use crate::desk::{Desk, PASSWORD, USERS, client, open};

#[tokio::test]
async fn the_right_password_signs_in_whatever_the_case_of_the_address() {
    let desk = Desk::new().await;
    let registered = desk.register("ada@example.com").await;
    let signed_in = desk.login("ADA@example.com", PASSWORD).await.unwrap();
    assert_eq!(signed_in.account.id, registered.account.id);
    assert_ne!(signed_in.tokens.refresh_token, registered.tokens.refresh_token);
    let principal = desk.authenticate(&signed_in.tokens.access_token).await.unwrap();
    let sessions = desk.auth.sessions(&desk.store, &principal).await.unwrap();
    assert_eq!(sessions.len(), 2);
    let own: Vec<_> = sessions.iter().filter(|(_, own)| *own).map(|(session, _)| session).collect();
    assert_eq!((own.len(), &own[0].id), (1, &principal.session));
    assert_eq!((own[0].ip_address.as_deref(), own[0].user_agent.as_deref()), (Some("192.0.2.1"), Some("curl/8")));
}

#[tokio::test]
async fn ac16_whatever_is_wrong_takes_the_same_work_and_gets_the_same_answer() {
    let desk = Desk::with("auth: {require_verification: true}", USERS).await;
    desk.make(json!({"email": "ada@example.com", "password": PASSWORD, "verified": true})).await.unwrap();
    desk.make(json!({"email": "unverified@example.com", "password": PASSWORD})).await.unwrap();
    desk.make(json!({"email": "passwordless@example.com", "verified": true})).await.unwrap();
    let banned =
        desk.make(json!({"email": "banned@example.com", "password": PASSWORD, "verified": true})).await.unwrap();
    let changes = AccountChanges { banned: Some(true), ..AccountChanges::default() };
    desk.auth.update_account(&desk.store, banned.id.as_str(), changes, &Authority::cli()).await.unwrap();
    let long = "x".repeat(2000);
    for (email, password) in [
        ("nobody@example.com", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
        ("ada@example.com", "wrong horse"),
        ("ada@example.com", ""),
        ("ada@example.com", long.as_str()),
        ("passwordless@example.com", ""),
        ("passwordless@example.com", PASSWORD),
        ("banned@example.com", "wrong horse"),
        ("unverified@example.com", "wrong horse"),
        ("ada@example.com", "correct horse\0"),
    ] {
        let work = desk.auth.password_work();
        let refused = desk.login(email, password).await;
        assert!(matches!(refused, Err(Error::InvalidCredentials)), "{email}: {refused:?}");
        assert_eq!(desk.auth.password_work() - work, 16, "{email}");
    }
    assert!(matches!(desk.login("banned@example.com", PASSWORD).await, Err(Error::Banned)));
    assert!(matches!(desk.login("unverified@example.com", PASSWORD).await, Err(Error::NotVerified)));
    assert!(desk.login("ada@example.com", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_hash_that_is_too_cheap_is_made_anew() {
    let mut desk = Desk::new().await;
    desk.register("ada@example.com").await;
    desk.config.auth.password.bcrypt_cost = 6;
    let dearer = open(&desk.config, desk.folder.path(), &desk.clock, None).unwrap();
    let login = async |password| dearer.login(&desk.store, "ada@example.com", password, &client("192.0.2.1")).await;
    assert!(login("wrong horse").await.is_err());
    assert_eq!(dearer.password_work(), 64, "a guess takes the whole work already");
    login(PASSWORD).await.unwrap();
    dearer.settle().await;
    assert_eq!(dearer.password_work(), 3 * 64);
    let hash = desk.store.credentials_by_email("ada@example.com").await.unwrap().unwrap().password_hash.unwrap();
    assert!(hash.starts_with("$2b$06$"));
    login(PASSWORD).await.unwrap();
    dearer.settle().await;
    assert_eq!(dearer.password_work(), 4 * 64, "once is enough");
}

#[tokio::test]
async fn passwords_of_every_length_are_taken_whole() {
    let desk = Desk::new().await;
    for (number, password) in
        ["a".repeat(71), "a".repeat(72), "a".repeat(73), "ż".repeat(512), "nul\0inside".to_owned()].iter().enumerate()
    {
        let email = format!("u{number}@example.com");
        desk.try_register(json!({"email": email, "password": password})).await.unwrap();
        assert!(desk.login(&email, password).await.is_ok());
        let mut shorter = password.clone();
        shorter.pop();
        assert!(desk.login(&email, &shorter).await.is_err());
        assert!(desk.login(&email, &format!("{password}a")).await.is_err());
    }
}

#[tokio::test]
async fn nothing_that_is_shown_holds_a_secret() {
    let desk = Desk::new().await;
    let signed_in = desk.register("ada@example.com").await;
    let draft = desk
        .auth
        .draft_registration(
            &desk.store.schema(),
            &crate::desk::object(json!({"email": "e@example.com", "password": PASSWORD})),
        )
        .unwrap();
    let shown = format!("{signed_in:?} {draft:?} {:?}", desk.mails().await);
    let found = desk.store.credentials_by_email("ada@example.com").await.unwrap().unwrap();
    let shown = format!("{shown} {found:?}");
    for secret in [PASSWORD, "$2b$", &signed_in.tokens.access_token, &signed_in.tokens.refresh_token, "token="] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
