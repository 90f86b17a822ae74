//! Who the bearer of a token is: from memory, and never from one that is out of date.

use std::time::Duration;

use alyx_auth::{AccountChanges, Authority, Error, Principal};
use alyx_query::Predicate;
use alyx_schema::Value;
use alyx_store::account::AccountChangeKind;
use serde_json::json;

use crate::desk::{Desk, PASSWORD, open_store};

async fn change(desk: &Desk, id: &str, changes: AccountChanges) {
    desk.auth.update_account(&desk.store, id, changes, &Authority::cli()).await.unwrap();
}

#[tokio::test]
async fn an_access_token_lasts_a_quarter_of_an_hour() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    desk.pass(899);
    assert!(desk.authenticate(&ada.tokens.access_token).await.is_ok());
    desk.pass(1);
    assert!(matches!(desk.authenticate(&ada.tokens.access_token).await, Err(Error::TokenExpired)));
    for token in ["", "x", "a.b.c", "alyx_dt_x", &ada.tokens.refresh_token] {
        assert!(matches!(desk.authenticate(token).await, Err(Error::InvalidToken { .. })), "{token}");
    }
}

#[tokio::test]
async fn what_changes_is_seen_by_the_next_request() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    let (id, token) = (ada.account.id.as_str(), &ada.tokens.access_token);
    assert_eq!(desk.authenticate(token).await.unwrap().account.role, "user");
    change(&desk, id, AccountChanges { role: Some("admin".to_owned()), ..Default::default() }).await;
    assert!(desk.authenticate(token).await.unwrap().is_administrator());
    let metadata = crate::desk::object(json!({"plan": "gold"}));
    change(&desk, id, AccountChanges { verified: Some(true), metadata: Some(metadata), ..Default::default() }).await;
    let principal = desk.authenticate(token).await.unwrap();
    assert!(principal.account.verified && principal.account.metadata["plan"] == "gold");
    assert_eq!(desk.profile(id).await.unwrap()["role"], "admin");
}

#[tokio::test]
async fn ac09_a_ban_a_sign_out_and_a_deletion_are_too() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    let id = ada.account.id.as_str();
    assert!(desk.authenticate(&ada.tokens.access_token).await.is_ok());
    change(&desk, id, AccountChanges { banned: Some(true), ..Default::default() }).await;
    assert!(desk.is_out(&ada).await);
    change(&desk, id, AccountChanges { banned: Some(false), ..Default::default() }).await;
    assert!(desk.is_out(&ada).await, "who is let in again signs in again");
    let again = desk.login("ada@example.com", PASSWORD).await.unwrap();
    assert!(desk.authenticate(&again.tokens.access_token).await.is_ok());
    assert_eq!(desk.auth.sign_out_account(&desk.store, id, &Authority::cli()).await.unwrap(), 1);
    assert!(desk.is_out(&again).await);
    let last = desk.login("ada@example.com", PASSWORD).await.unwrap();
    assert!(desk.authenticate(&last.tokens.access_token).await.is_ok());
    desk.auth.delete_account(&desk.store, id, &Authority::cli()).await.unwrap();
    assert!(desk.is_out(&last).await);
}

#[tokio::test]
async fn so_is_what_the_documents_api_does_to_a_profile() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    assert!(desk.authenticate(&ada.tokens.access_token).await.is_ok());
    let users = desk.store.schema().collection("users").unwrap().clone();
    let id = Value::Text(ada.account.id.to_string());
    assert!(desk.store.delete(&users, &id, &Predicate::TRUE).await.unwrap());
    assert!(desk.is_out(&ada).await);
}

#[tokio::test]
async fn changes_of_another_process_are_seen_soon() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    assert_eq!(desk.authenticate(&ada.tokens.access_token).await.unwrap().account.role, "user");
    desk.sql("UPDATE _alyx_users SET role = 'moderator'").await;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while desk.authenticate(&ada.tokens.access_token).await.unwrap().account.role != "moderator" {
        assert!(tokio::time::Instant::now() < deadline, "nobody noticed");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    desk.sql("DELETE FROM _alyx_sessions").await;
    while desk.authenticate(&ada.tokens.access_token).await.is_ok() {
        assert!(tokio::time::Instant::now() < deadline, "nobody noticed");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_old_comes_back_however_many_ask_at_once() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    let (id, token) = (ada.account.id.to_string(), ada.tokens.access_token.clone());
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (auth, store, token, stop) = (desk.auth.clone(), desk.store.clone(), token.clone(), stop.clone());
            tokio::spawn(async move {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    auth.authenticate(&store, &token).await.unwrap();
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for round in 0..100 {
        let role = ["user", "moderator", "admin"][round % 3];
        change(&desk, &id, AccountChanges { role: Some(role.to_owned()), ..Default::default() }).await;
        assert_eq!(desk.authenticate(&token).await.unwrap().account.role, role, "round {round}");
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test]
async fn a_store_that_takes_the_place_of_another_is_followed() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    assert!(desk.authenticate(&ada.tokens.access_token).await.is_ok());
    desk.store.close().await;
    let store = alyx_store::Store::open(desk.options.clone(), desk.store.schema()).await.unwrap();
    assert!(desk.auth.authenticate(&store, &ada.tokens.access_token).await.is_ok());
    let changes = AccountChanges { role: Some("admin".to_owned()), ..Default::default() };
    desk.auth.update_account(&store, ada.account.id.as_str(), changes, &Authority::cli()).await.unwrap();
    let Principal::Account(principal) = desk.auth.authenticate(&store, &ada.tokens.access_token).await.unwrap() else {
        panic!()
    };
    assert!(principal.is_administrator());
}

#[tokio::test]
async fn who_follows_hears_of_every_change() {
    let desk = Desk::new().await;
    let mut events = desk.auth.account_events();
    let (auth, store) = (desk.auth.clone(), desk.store.downgrade());
    let following = tokio::spawn(async move { auth.follow(&store).await });
    let ada = desk.register("ada@example.com").await;
    // The follower may be late, but then it starts from what is remembered, which is nothing.
    while desk.store.stats().commits == 0 {
        tokio::task::yield_now().await;
    }
    desk.authenticate(&ada.tokens.access_token).await.unwrap();
    change(&desk, ada.account.id.as_str(), AccountChanges { role: Some("admin".to_owned()), ..Default::default() })
        .await;
    desk.auth.logout(&desk.store, &ada.tokens.refresh_token).await.unwrap();
    desk.auth.delete_account(&desk.store, ada.account.id.as_str(), &Authority::cli()).await.unwrap();
    let mut kinds = Vec::new();
    while kinds.len() < 3 {
        let heard = tokio::time::timeout(Duration::from_secs(20), events.recv()).await.expect("it is told").unwrap();
        assert_eq!(heard.account, ada.account.id);
        kinds.push(heard.kind);
    }
    assert_eq!(kinds, [AccountChangeKind::Changed, AccountChangeKind::SignedOut, AccountChangeKind::Deleted]);
    desk.store.close().await;
    tokio::time::timeout(Duration::from_secs(20), following).await.expect("it ends with the store").unwrap();
}

#[tokio::test]
async fn a_token_of_another_project_is_none() {
    let (here, there) = (Desk::new().await, Desk::new().await);
    let ada = there.register("ada@example.com").await;
    assert!(here.authenticate(&ada.tokens.access_token).await.is_err());
    let store =
        open_store(&alyx_store::StoreOptions::new(here.folder.path().join("other.db")), crate::desk::USERS).await;
    assert!(
        there.auth.authenticate(&store, &ada.tokens.access_token).await.is_err(),
        "its session is not in this database"
    );
}
