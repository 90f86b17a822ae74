//! Rotation, its grace, and what becomes of a token that is used again.

use std::collections::HashSet;

use alyx_auth::{Error, SignedIn};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::desk::{Desk, client};

async fn next(desk: &Desk, token: &str) -> SignedIn {
    desk.refresh(token).await.unwrap()
}

#[tokio::test]
async fn each_refresh_gives_the_next_pair() {
    let desk = Desk::new().await;
    let first = desk.register("ada@example.com").await;
    desk.pass(60);
    let second = next(&desk, &first.tokens.refresh_token).await;
    assert_ne!(second.tokens.refresh_token, first.tokens.refresh_token);
    assert_ne!(second.tokens.access_token, first.tokens.access_token);
    assert_eq!(second.account.id, first.account.id);
    let session = desk.authenticate(&second.tokens.access_token).await.unwrap().session;
    assert_eq!(desk.authenticate(&first.tokens.access_token).await.unwrap().session, session, "it is one session");
    desk.pass(60);
    let third = next(&desk, &second.tokens.refresh_token).await;
    assert_eq!(third.tokens.expires_at, second.tokens.expires_at + jiff::SignedDuration::from_secs(60));
}

#[tokio::test]
async fn for_ten_seconds_a_token_gets_the_same_successor() {
    let desk = Desk::new().await;
    let first = desk.register("ada@example.com").await.tokens.refresh_token;
    let second = next(&desk, &first).await.tokens.refresh_token;
    desk.pass(10);
    assert_eq!(next(&desk, &first).await.tokens.refresh_token, second);
    let third = next(&desk, &second).await.tokens.refresh_token;
    assert_eq!(next(&desk, &first).await.tokens.refresh_token, second, "also when that one was used");
    assert_eq!(next(&desk, &second).await.tokens.refresh_token, third);
}

#[tokio::test]
async fn ac13_after_that_its_whole_family_is_out() {
    let desk = Desk::new().await;
    let stolen = desk.register("ada@example.com").await;
    let other = desk.login("ada@example.com", crate::desk::PASSWORD).await.unwrap();
    let tip = next(&desk, &stolen.tokens.refresh_token).await;
    desk.pass(11);
    let refused = desk.refresh(&stolen.tokens.refresh_token).await;
    assert!(matches!(refused, Err(Error::InvalidToken { .. })));
    assert!(desk.is_out(&tip).await, "nobody knows which of the two is the thief");
    assert!(desk.authenticate(&other.tokens.access_token).await.is_ok(), "another sign-in is another family");
    assert_eq!(desk.audit().await, ["session.refresh_token_reused system"]);
}

#[tokio::test]
async fn a_token_that_was_never_given_ends_nothing() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    let token = &ada.tokens.refresh_token;
    let (prefix, text) = token.split_at("alyx_rt_".len());
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
    for place in 0..bytes.len() {
        let mut forged = bytes.clone();
        forged[place] ^= 1;
        let forged = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(forged));
        assert!(matches!(desk.refresh(&forged).await, Err(Error::InvalidToken { .. })), "{place}");
    }
    for forged in ["", "alyx_rt_", &ada.tokens.access_token, &token[..token.len() - 1], &format!("{token}A")] {
        assert!(matches!(desk.refresh(forged).await, Err(Error::InvalidToken { .. })), "{forged}");
    }
    assert!(desk.authenticate(token).await.is_err(), "it is no access token");
    assert!(desk.audit().await.is_empty());
    next(&desk, token).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_at_once_get_one_successor() {
    let desk = Desk::new().await;
    let first = desk.register("ada@example.com").await.tokens.refresh_token;
    let tries = (0..100).map(|_| {
        let (auth, store, token) = (desk.auth.clone(), desk.store.clone(), first.clone());
        tokio::spawn(async move { auth.refresh(&store, &token, &client("192.0.2.1")).await })
    });
    let mut successors = HashSet::new();
    for tried in futures_util::future::join_all(tries).await {
        successors.insert(tried.unwrap().unwrap().tokens.refresh_token);
    }
    assert_eq!(successors.len(), 1);
    let tip = successors.into_iter().next().unwrap();
    let after = next(&desk, &tip).await.tokens.refresh_token;
    assert_ne!(after, tip, "it was one rotation");
}

#[tokio::test]
async fn a_session_that_is_not_refreshed_ends() {
    let desk = Desk::new().await;
    let first = desk.register("ada@example.com").await;
    desk.pass(6 * 86_400);
    let second = next(&desk, &first.tokens.refresh_token).await;
    desk.pass(6 * 86_400);
    let third = next(&desk, &second.tokens.refresh_token).await;
    desk.pass(7 * 86_400);
    assert!(matches!(desk.refresh(&third.tokens.refresh_token).await, Err(Error::TokenExpired)));
}

#[tokio::test]
async fn ac12_nothing_but_time_moves_the_end_of_a_session() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    let principal = desk.authenticate(&ada.tokens.access_token).await.unwrap();
    let (session, _) = desk.auth.sessions(&desk.store, &principal).await.unwrap().remove(0);
    assert_eq!(session.expires_at, session.created_at + jiff::SignedDuration::from_hours(7 * 24));
}
