//! Confirming an address.

use alyx_auth::Error;

use crate::desk::{Desk, client};

#[tokio::test]
async fn the_link_confirms_once_and_for_a_day() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    let first = Desk::token_in(&desk.mails().await, "verify-email", "ada@example.com");
    desk.auth.request_verification(&desk.store, "ada@example.com", &client("192.0.2.1")).unwrap();
    let second = Desk::token_in(&desk.mails().await, "verify-email", "ada@example.com");
    let confirm = async |token: &str| desk.auth.confirm_verification(&desk.store, token).await;
    assert!(confirm(&first).await.is_err(), "a new request takes the old link back");
    assert!(confirm("").await.is_err() && confirm(&ada.tokens.refresh_token).await.is_err());
    assert!(confirm(&second).await.unwrap().verified);
    assert!(desk.authenticate(&ada.tokens.access_token).await.unwrap().account.verified, "the session goes on");
    assert!(matches!(confirm(&second).await, Err(Error::InvalidToken { .. })));
    desk.auth.request_verification(&desk.store, "ada@example.com", &client("192.0.2.1")).unwrap();
    assert!(desk.mails().await.is_empty(), "nothing is left to confirm");

    desk.register("eve@example.com").await;
    let token = Desk::token_in(&desk.mails().await, "verify-email", "eve@example.com");
    desk.pass(86_400);
    assert!(confirm(&token).await.is_err());
}

#[tokio::test]
async fn a_link_for_one_thing_does_no_other() {
    let desk = Desk::new().await;
    desk.register("ada@example.com").await;
    let verify = Desk::token_in(&desk.mails().await, "verify-email", "ada@example.com");
    let reset = desk.auth.confirm_password_reset(&desk.store, (&verify, "battery staple"), &client("192.0.2.1")).await;
    assert!(reset.is_err());
    assert!(desk.auth.confirm_email_change(&desk.store, &verify, &client("192.0.2.1")).await.is_err());
    assert!(desk.auth.confirm_verification(&desk.store, &verify).await.is_ok(), "and is not used up by trying");
}
