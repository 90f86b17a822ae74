//! Another address.

use alyx_auth::{AccountPrincipal, Error, Result};

use crate::desk::{Desk, PASSWORD, client};

async fn request(desk: &Desk, caller: &AccountPrincipal, email: &str, password: &str) -> Result<()> {
    desk.auth.request_email_change(&desk.store, caller, (email, password), &client("192.0.2.1")).await
}

#[tokio::test]
async fn ac11_a_change_ends_sessions_and_makes_links_worthless() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    let verify = Desk::token_in(&desk.mails().await, "verify-email", "ada@example.com");
    let caller = desk.authenticate(&ada.tokens.access_token).await.unwrap();
    assert!(matches!(request(&desk, &caller, "new@example.com", "wrong horse").await, Err(Error::InvalidCredentials)));
    assert!(matches!(request(&desk, &caller, "nowhere", PASSWORD).await, Err(Error::Invalid(_))));
    request(&desk, &caller, "New@example.com", PASSWORD).await.unwrap();
    let mails = desk.mails().await;
    let token = Desk::token_in(&mails, "change-email", "new@example.com");
    let notice = mails.iter().find(|mail| mail.to == "ada@example.com").unwrap();
    assert_eq!((mails.len(), notice.kind, &notice.link), (2, "email-changed-notice", &None));
    assert!(notice.text.contains("new@example.com"));
    assert_eq!(desk.authenticate(&ada.tokens.access_token).await.unwrap().account.email, "ada@example.com", "not yet");

    desk.auth.request_password_reset(&desk.store, "ada@example.com", &client("192.0.2.1")).unwrap();
    let reset = Desk::token_in(&desk.mails().await, "reset-password", "ada@example.com");
    desk.auth.confirm_email_change(&desk.store, &token, &client("192.0.2.1")).await.unwrap();
    assert!(desk.is_out(&ada).await);
    assert!(
        desk.auth.confirm_password_reset(&desk.store, (&reset, "battery staple"), &client("192.0.2.1")).await.is_err()
    );
    assert!(desk.auth.confirm_verification(&desk.store, &verify).await.is_err());
    assert!(desk.login("ada@example.com", PASSWORD).await.is_err());
    let signed_in = desk.login("new@example.com", PASSWORD).await.unwrap();
    assert!(signed_in.account.verified);
    assert_eq!(desk.profile(signed_in.account.id.as_str()).await.unwrap()["email"], "new@example.com");
    assert!(desk.auth.confirm_email_change(&desk.store, &token, &client("192.0.2.1")).await.is_err());
    assert_eq!(desk.audit().await, ["account.email_changed account"]);
}

#[tokio::test]
async fn ac16_an_address_that_has_an_account_is_told_to_its_owner_alone() {
    let desk = Desk::new().await;
    let (ada, _) = (desk.register("ada@example.com").await, desk.register("eve@example.com").await);
    desk.mails().await;
    let caller = desk.authenticate(&ada.tokens.access_token).await.unwrap();
    request(&desk, &caller, "eve@example.com", PASSWORD).await.unwrap();
    let mails = desk.mails().await;
    assert_eq!((mails.len(), mails[0].kind, mails[0].to.as_str()), (1, "account-exists", "eve@example.com"));
}

#[tokio::test]
async fn an_address_that_was_taken_in_between_stays_with_its_owner() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    desk.mails().await;
    let caller = desk.authenticate(&ada.tokens.access_token).await.unwrap();
    request(&desk, &caller, "new@example.com", PASSWORD).await.unwrap();
    let token = Desk::token_in(&desk.mails().await, "change-email", "new@example.com");
    desk.register("new@example.com").await;
    let changed = desk.auth.confirm_email_change(&desk.store, &token, &client("192.0.2.1")).await;
    assert!(matches!(changed, Err(Error::Taken { fields }) if fields == ["email"]));
    assert!(desk.authenticate(&ada.tokens.access_token).await.is_ok(), "nothing has changed");
}

#[tokio::test]
async fn setting_a_new_password_takes_the_request_back() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    desk.mails().await;
    let caller = desk.authenticate(&ada.tokens.access_token).await.unwrap();
    request(&desk, &caller, "evil@example.com", PASSWORD).await.unwrap();
    let token = Desk::token_in(&desk.mails().await, "change-email", "evil@example.com");
    desk.auth.change_password(&desk.store, &caller, (PASSWORD, "battery staple"), &client("192.0.2.1")).await.unwrap();
    assert!(desk.auth.confirm_email_change(&desk.store, &token, &client("192.0.2.1")).await.is_err());
}
