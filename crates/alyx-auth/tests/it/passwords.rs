//! Changing and resetting passwords: old sessions die, links are good once.

use alyx_auth::{Error, PasswordFault};
use serde_json::json;

use crate::desk::{Desk, PASSWORD, USERS, client};

const NEW: &str = "battery staple";

#[tokio::test]
async fn ac08_a_change_ends_every_session_but_the_new_one() {
    let desk = Desk::new().await;
    let (ada, other) = (desk.register("ada@example.com").await, desk.login("ada@example.com", PASSWORD).await.unwrap());
    let caller = desk.authenticate(&ada.tokens.access_token).await.unwrap();
    let change = async |current, new| {
        desk.auth.change_password(&desk.store, &caller, (current, new), &client("192.0.2.1")).await
    };
    assert!(matches!(change("wrong horse", NEW).await, Err(Error::InvalidCredentials)));
    assert!(
        matches!(change(PASSWORD, "short").await, Err(Error::WeakPassword { faults }) if faults == [PasswordFault::Short(8)])
    );
    desk.mails().await;
    let fresh = change(PASSWORD, NEW).await.unwrap();
    assert!(desk.is_out(&ada).await && desk.is_out(&other).await);
    assert!(desk.authenticate(&fresh.tokens.access_token).await.is_ok());
    assert!(desk.login("ada@example.com", PASSWORD).await.is_err() && desk.login("ada@example.com", NEW).await.is_ok());
    let mails = desk.mails().await;
    assert_eq!((mails.len(), mails[0].kind), (1, "password-changed"));
    assert_eq!(desk.audit().await, ["account.password_changed account"]);
}

#[tokio::test]
async fn without_a_password_none_is_right() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    let caller = desk.authenticate(&ada.tokens.access_token).await.unwrap();
    desk.sql("UPDATE _alyx_users SET password_hash = NULL").await;
    let changed = desk.auth.change_password(&desk.store, &caller, ("", NEW), &client("192.0.2.1")).await;
    assert!(matches!(changed, Err(Error::InvalidCredentials)), "a stolen token does not set one");
}

#[tokio::test]
async fn a_reset_sets_the_password_and_shows_whose_address_it_is() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    desk.mails().await;
    desk.auth.request_password_reset(&desk.store, "Ada@example.com", &client("192.0.2.1")).unwrap();
    let mails = desk.mails().await;
    assert!(
        mails[0].text.contains("1 hour")
            && mails[0].link.as_ref().unwrap().starts_with("http://127.0.0.1:8090/_auth/reset-password#token=")
    );
    let token = Desk::token_in(&mails, "reset-password", "ada@example.com");
    let confirm = async |token: &str, password| {
        desk.auth.confirm_password_reset(&desk.store, (token, password), &client("192.0.2.1")).await
    };
    assert!(matches!(confirm(&token, "short").await, Err(Error::WeakPassword { .. })));
    confirm(&token, NEW).await.expect("a password that is too weak uses nothing up");
    assert!(desk.is_out(&ada).await);
    let signed_in = desk.login("ada@example.com", NEW).await.unwrap();
    assert!(signed_in.account.verified, "the mail was received");
    assert_eq!(desk.profile(signed_in.account.id.as_str()).await.unwrap()["verified"], true);
    assert!(matches!(confirm(&token, "another staple").await, Err(Error::InvalidToken { .. })), "ac07");
    assert_eq!(desk.mails().await[0].kind, "password-changed");
    assert_eq!(desk.audit().await, ["account.password_reset account"]);
}

#[tokio::test]
async fn only_the_newest_link_is_good_and_only_for_an_hour() {
    let desk = Desk::new().await;
    desk.register("ada@example.com").await;
    desk.mails().await;
    let mut tokens = Vec::new();
    for _ in 0..2 {
        desk.auth.request_password_reset(&desk.store, "ada@example.com", &client("192.0.2.1")).unwrap();
        tokens.push(Desk::token_in(&desk.mails().await, "reset-password", "ada@example.com"));
    }
    let confirm =
        async |token: &str| desk.auth.confirm_password_reset(&desk.store, (token, NEW), &client("192.0.2.1")).await;
    assert!(confirm(&tokens[0]).await.is_err());
    desk.pass(3600);
    assert!(confirm(&tokens[1]).await.is_err());
    assert!(desk.login("ada@example.com", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn ac16_a_request_tells_nothing_and_reaches_nobody_else() {
    let desk = Desk::new().await;
    let banned = desk.make(json!({"email": "banned@example.com"})).await.unwrap();
    let changes = alyx_auth::AccountChanges { banned: Some(true), ..Default::default() };
    desk.auth.update_account(&desk.store, banned.id.as_str(), changes, &alyx_auth::Authority::cli()).await.unwrap();
    for email in ["nobody@example.com", "no address", "", "banned@example.com"] {
        desk.auth.request_password_reset(&desk.store, email, &client("192.0.2.1")).unwrap();
        desk.auth.request_verification(&desk.store, email, &client("192.0.2.1")).unwrap();
    }
    assert!(desk.mails().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ac06_fifty_at_once_and_one_sets_the_password() {
    let desk = Desk::new().await;
    desk.register("ada@example.com").await;
    desk.mails().await;
    desk.auth.request_password_reset(&desk.store, "ada@example.com", &client("192.0.2.1")).unwrap();
    let token = Desk::token_in(&desk.mails().await, "reset-password", "ada@example.com");
    let tries = (0..50).map(|number| {
        let (auth, store, token) = (desk.auth.clone(), desk.store.clone(), token.clone());
        let password = format!("{NEW} {number}");
        tokio::spawn(async move {
            let confirmed = auth.confirm_password_reset(&store, (&token, &password), &client("192.0.2.1")).await;
            confirmed.is_ok().then_some(password)
        })
    });
    let won: Vec<String> = futures_util::future::join_all(tries).await.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(won.len(), 1);
    assert!(desk.login("ada@example.com", &won[0]).await.is_ok());
}

#[tokio::test]
async fn ac01_a_reset_of_an_unconfirmed_account_undoes_its_links() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    let id = ada.account.id.clone();
    let link = || {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let new = alyx_store::account::OAuthAccount {
            id: "o1".to_owned(),
            account: id.clone(),
            provider: "github".to_owned(),
            issuer: "https://github.com".to_owned(),
            provider_user_id: "7".to_owned(),
            email: None,
            created_at: at,
        };
        desk.store.write_with(move |transaction| Box::pin(async move { transaction.insert_oauth_account(&new).await }))
    };
    let reset = async |password: &str| {
        desk.auth.request_password_reset(&desk.store, "ada@example.com", &client("192.0.2.1")).unwrap();
        let token = Desk::token_in(&desk.mails().await, "reset-password", "ada@example.com");
        desk.auth.confirm_password_reset(&desk.store, (&token, password), &client("192.0.2.1")).await.unwrap();
        desk.mails().await;
    };
    link().await.unwrap();
    desk.mails().await;
    reset(NEW).await;
    assert!(desk.store.oauth_accounts(&id).await.unwrap().is_empty(), "it may have been another's");
    link().await.unwrap();
    reset(PASSWORD).await;
    assert_eq!(desk.store.oauth_accounts(&id).await.unwrap().len(), 1, "now it is the owner's");
}

#[tokio::test]
async fn the_rules_of_the_project_hold_everywhere() {
    let desk = Desk::with(
        "auth: {password: {min_length: 10, require_number: true, require_uppercase: true, require_special: true}}",
        USERS,
    )
    .await;
    let wrong = desk.try_register(json!({"email": "ada@example.com", "password": "short"})).await.unwrap_err();
    assert_eq!(
        crate::desk::faults(&wrong),
        ["password MIN_LENGTH", "password NO_UPPERCASE", "password NO_NUMBER", "password NO_SPECIAL"]
    );
    assert!(desk.try_register(json!({"email": "ada@example.com", "password": "Long enough 1!"})).await.is_ok());
    assert_eq!(desk.auth.password_faults("Long enough 1!"), []);
}

#[tokio::test]
async fn deleting_ones_account_needs_the_password() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    let caller = desk.authenticate(&ada.tokens.access_token).await.unwrap();
    let delete =
        async |password| desk.auth.delete_own_account(&desk.store, &caller, password, &client("192.0.2.1")).await;
    assert!(matches!(delete(None).await, Err(Error::InvalidCredentials)));
    assert!(matches!(delete(Some("wrong horse")).await, Err(Error::InvalidCredentials)));
    delete(Some(PASSWORD)).await.unwrap();
    assert!(desk.is_out(&ada).await && desk.profile(caller.account.id.as_str()).await.is_none());
    assert!(desk.login("ada@example.com", PASSWORD).await.is_err());
    assert_eq!(desk.audit().await, ["account.deleted account"]);
}

#[tokio::test]
async fn an_account_without_a_password_is_deleted_by_its_session_until_it_has_one() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    desk.sql("UPDATE _alyx_users SET password_hash = NULL").await;
    let caller = desk.authenticate(&ada.tokens.access_token).await.unwrap();
    let changes = alyx_auth::AccountChanges { password: Some(alyx_config::Secret::new(NEW)), ..Default::default() };
    desk.auth
        .update_account(&desk.store, caller.account.id.as_str(), changes, &alyx_auth::Authority::cli())
        .await
        .unwrap();
    let delete =
        async |password| desk.auth.delete_own_account(&desk.store, &caller, password, &client("192.0.2.1")).await;
    assert!(matches!(delete(None).await, Err(Error::InvalidCredentials)), "what was remembered of it is no excuse");
    desk.sql("UPDATE _alyx_users SET password_hash = NULL").await;
    delete(None).await.unwrap();
}
