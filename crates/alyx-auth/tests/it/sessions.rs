//! One's own sessions, and signing out.

use alyx_auth::Error;

use crate::desk::{Desk, PASSWORD};

#[tokio::test]
async fn one_ends_ones_own_sessions_and_no_others() {
    let desk = Desk::new().await;
    let (ada, eve) = (desk.register("ada@example.com").await, desk.register("eve@example.com").await);
    let second = desk.login("ada@example.com", PASSWORD).await.unwrap();
    let caller = desk.authenticate(&ada.tokens.access_token).await.unwrap();
    let others = desk.authenticate(&eve.tokens.access_token).await.unwrap();
    let end = async |session: &str| desk.auth.end_session(&desk.store, &caller, session).await;
    assert!(matches!(end(others.session.as_str()).await, Err(Error::UnknownSession)));
    assert!(matches!(end("nothing").await, Err(Error::UnknownSession)));
    assert!(desk.authenticate(&eve.tokens.access_token).await.is_ok());
    let session = desk.authenticate(&second.tokens.access_token).await.unwrap().session;
    end(session.as_str()).await.unwrap();
    assert!(desk.is_out(&second).await);
    assert!(desk.authenticate(&ada.tokens.access_token).await.is_ok());
    desk.auth.end_sessions(&desk.store, &caller).await.unwrap();
    assert!(desk.is_out(&ada).await && desk.authenticate(&eve.tokens.access_token).await.is_ok());
}

#[tokio::test]
async fn logging_out_ends_the_session_of_a_genuine_token_alone() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    for token in ["", "alyx_rt_AAAA", &ada.tokens.access_token, &ada.tokens.refresh_token[..60]] {
        desk.auth.logout(&desk.store, token).await.unwrap();
    }
    assert!(desk.authenticate(&ada.tokens.access_token).await.is_ok());
    let next = desk.refresh(&ada.tokens.refresh_token).await.unwrap();
    desk.pass(60);
    desk.auth.logout(&desk.store, &ada.tokens.refresh_token).await.unwrap();
    assert!(desk.is_out(&next).await, "an old token of the session signs it out too");
    desk.auth.logout(&desk.store, &next.tokens.refresh_token).await.unwrap();
}

#[tokio::test]
async fn a_session_notes_when_and_from_where_it_was_used() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    desk.pass(100);
    let mobile = crate::desk::client("2001:db8::7");
    let next = desk.auth.refresh(&desk.store, &ada.tokens.refresh_token, &mobile).await.unwrap();
    let caller = desk.authenticate(&next.tokens.access_token).await.unwrap();
    let (session, own) = desk.auth.sessions(&desk.store, &caller).await.unwrap().remove(0);
    assert!(own);
    assert_eq!(session.last_used_at, session.created_at + jiff::SignedDuration::from_secs(100));
    assert_eq!(session.ip_address.as_deref(), Some("2001:db8::7"));
}
