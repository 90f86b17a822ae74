//! The first administrator.

use alyx_auth::{Authority, Error};
use serde_json::json;

use crate::desk::{Desk, PASSWORD, client, faults};

async fn link(desk: &Desk) -> Option<String> {
    let link = desk.auth.set_up_link(&desk.store).await.unwrap()?;
    let (page, token) = link.split_once("#token=").unwrap();
    assert_eq!(page, "http://127.0.0.1:8090/_auth/set-up");
    Some(token.to_owned())
}

#[tokio::test]
async fn ac37_whoever_registers_first_is_a_user_and_the_link_makes_the_administrator() {
    let desk = Desk::new().await;
    assert_eq!(desk.register("first@example.com").await.account.role, "user");
    let (old, token) = (link(&desk).await.unwrap(), link(&desk).await.unwrap());
    let set_up =
        async |token: &str, email| desk.auth.set_up(&desk.store, token, (email, PASSWORD), &client("192.0.2.1")).await;
    assert!(
        matches!(set_up(&old, "boss@example.com").await, Err(Error::InvalidToken { .. })),
        "the newest link counts"
    );
    assert!(matches!(set_up("guess", "boss@example.com").await, Err(Error::InvalidToken { .. })));
    assert_eq!(faults(&set_up(&token, "nowhere").await.unwrap_err()), ["email FORMAT"]);
    let boss = set_up(&token, "boss@example.com").await.unwrap();
    assert!(desk.authenticate(&boss.tokens.access_token).await.unwrap().is_administrator());
    assert_eq!(desk.profile(boss.account.id.as_str()).await.unwrap()["role"], "admin");
    assert!(matches!(set_up(&token, "evil@example.com").await, Err(Error::AlreadySetUp)));
    assert!(link(&desk).await.is_none());
    assert_eq!(desk.audit().await, ["account.created setup"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ac37_of_many_at_once_one_becomes_the_administrator() {
    let desk = Desk::new().await;
    let token = link(&desk).await.unwrap();
    let tries = (0..50).map(|number| {
        let (auth, store, token) = (desk.auth.clone(), desk.store.clone(), token.clone());
        tokio::spawn(async move {
            let email = format!("boss{number}@example.com");
            auth.set_up(&store, &token, (&email, PASSWORD), &client("192.0.2.1")).await.is_ok()
        })
    });
    let won = futures_util::future::join_all(tries).await.into_iter().filter(|won| *won.as_ref().unwrap()).count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_link_lasts_a_day_and_an_administrator_ends_it() {
    let desk = Desk::new().await;
    let token = link(&desk).await.unwrap();
    desk.pass(86_400);
    let late = desk.auth.set_up(&desk.store, &token, ("boss@example.com", PASSWORD), &client("192.0.2.1")).await;
    assert!(matches!(late, Err(Error::InvalidToken { .. })));
    let token = link(&desk).await.unwrap();
    desk.make(json!({"email": "boss@example.com", "role": "admin"})).await.unwrap();
    let late = desk.auth.set_up(&desk.store, &token, ("evil@example.com", PASSWORD), &client("192.0.2.1")).await;
    assert!(matches!(late, Err(Error::AlreadySetUp)));
}

#[tokio::test]
async fn an_administrator_is_made_whatever_the_profile_needs() {
    let desk = Desk::new().await;
    let create = async |desk: &Desk, email| {
        desk.auth.create_administrator(&desk.store, (email, PASSWORD), &Authority::cli()).await
    };
    let (boss, has_profile) = create(&desk, "boss@example.com").await.unwrap();
    assert!(has_profile && boss.role == "admin" && boss.verified);
    assert!(matches!(create(&desk, "boss@example.com").await, Err(Error::Taken { fields }) if fields == ["email"]));
    assert_eq!(
        faults(&desk.auth.create_administrator(&desk.store, ("x", "short"), &Authority::cli()).await.unwrap_err()),
        ["email FORMAT", "password MIN_LENGTH"]
    );

    let demanding = crate::desk::USERS.replace("unique: true, nullable: true}", "unique: true}");
    let desk = Desk::with("{}", &demanding).await;
    let (boss, has_profile) = create(&desk, "boss@example.com").await.unwrap();
    assert!(!has_profile && desk.login("boss@example.com", PASSWORD).await.is_ok());
    assert!(desk.profile(boss.id.as_str()).await.is_none());
    let bare = Desk::with("{}", "version: 1\ncollections: {}").await;
    assert!(!create(&bare, "boss@example.com").await.unwrap().1);
}
