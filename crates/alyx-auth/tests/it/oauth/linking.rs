//! Which account somebody is (rows 01 and 02 of the attacks).

use alyx_testing::{OidcProvider, Person};
use serde_json::json;

use super::journey::{provider, settings};
use crate::desk::{Desk, PASSWORD, USERS, client};

const ALICE: &str = "alice@example.com";

async fn desk() -> (Desk, OidcProvider) {
    let mine = provider();
    (Desk::with(&settings(&[("mine", &mine)]), USERS).await, mine)
}

#[tokio::test]
async fn a_confirmed_account_is_linked_and_its_owner_told() {
    let (desk, mine) = desk().await;
    let alice =
        desk.make(json!({"email": ALICE, "password": PASSWORD, "verified": true, "role": "moderator"})).await.unwrap();
    let signed_in = desk.sign_in_with("mine").await.unwrap();
    assert_eq!((&signed_in.account.id, signed_in.account.role.as_str()), (&alice.id, "moderator"));
    let mails = desk.mails().await;
    assert_eq!((mails.len(), mails[0].kind, mails[0].to.as_str()), (1, "provider-linked", ALICE));
    assert!(mails[0].text.contains("mine") && mails[0].link.is_none(), "{}", mails[0].text);
    assert_eq!(desk.audit().await[0], "account.provider_linked account");
    let [link] = &desk.store.oauth_accounts(&alice.id).await.unwrap()[..] else { panic!("one link") };
    assert_eq!(
        (link.provider.as_str(), link.issuer.as_str(), link.provider_user_id.as_str()),
        ("mine", mine.issuer().as_str(), "1001")
    );
    assert!(desk.login(ALICE, PASSWORD).await.is_ok(), "the password stays");
    desk.sign_in_with("mine").await.unwrap();
    assert!(desk.mails().await.is_empty(), "told once");
}

#[tokio::test]
async fn ac01_an_unconfirmed_account_is_never_linked_and_its_trap_is_undone() {
    // Whoever set it up knows its password, has a session, and waits.
    let (desk, _mine) = desk().await;
    let trap = desk.register(ALICE).await;
    desk.mails().await;
    assert_eq!(desk.sign_in_with("mine").await.err().as_deref(), Some("EMAIL_UNCONFIRMED"));
    assert_eq!(desk.counts().await, [1, 0, 1]);
    let token = Desk::token_in(&desk.mails().await, "reset-password", ALICE);
    desk.auth.confirm_password_reset(&desk.store, (&token, "her own horse"), &client("192.0.2.9")).await.unwrap();
    assert!(desk.is_out(&trap).await && desk.login(ALICE, PASSWORD).await.is_err());
    let alice = desk.sign_in_with("mine").await.unwrap();
    assert_eq!((alice.account.id, alice.account.verified), (trap.account.id, true));
}

#[tokio::test]
async fn ac02_who_comes_by_a_provider_first_is_not_taken_over_by_who_registers_later() {
    let (desk, _mine) = desk().await;
    let alice = desk.sign_in_with("mine").await.unwrap();
    let later = desk.try_register(json!({"email": "ALICE@example.com", "password": "evil horse"})).await;
    assert!(matches!(later, Err(alyx_auth::Error::Taken { fields }) if fields == ["email"]));
    assert!(desk.login(ALICE, "evil horse").await.is_err() && desk.login(ALICE, "").await.is_err());
    assert_eq!(desk.sign_in_with("mine").await.unwrap().account.id, alice.account.id);
}

#[tokio::test]
async fn ac02_a_link_that_was_there_before_the_owner_came_is_dropped() {
    // The trap has a link too: it was verified once, and is not any more.
    let (desk, mine) = desk().await;
    mine.set_person(Person::new("666", ALICE));
    let trap = desk.sign_in_with("mine").await.unwrap();
    desk.sql("UPDATE _alyx_users SET verified = 0").await;
    mine.set_person(Person::new("1001", ALICE));
    assert_eq!(desk.sign_in_with("mine").await.err().as_deref(), Some("EMAIL_UNCONFIRMED"));
    let token = Desk::token_in(&desk.mails().await, "reset-password", ALICE);
    desk.auth.confirm_password_reset(&desk.store, (&token, "her own horse"), &client("192.0.2.9")).await.unwrap();
    assert!(desk.is_out(&trap).await);
    desk.sign_in_with("mine").await.unwrap();
    let links = desk.store.oauth_accounts(&trap.account.id).await.unwrap();
    assert_eq!(links.iter().map(|link| link.provider_user_id.as_str()).collect::<Vec<_>>(), ["1001"]);
}

#[tokio::test]
async fn mail_to_take_an_account_over_is_limited() {
    let mine = provider();
    let limited = format!(
        "{}  rate_limit: {{password_reset: 1/hour, oauth: off, register: off}}\n",
        settings(&[("mine", &mine)])
    );
    let desk = Desk::with(&limited, USERS).await;
    desk.register(ALICE).await;
    desk.mails().await;
    for mails in [1, 0, 0] {
        assert_eq!(desk.sign_in_with("mine").await.err().as_deref(), Some("EMAIL_UNCONFIRMED"));
        assert_eq!(desk.mails().await.len(), mails);
    }
}

#[tokio::test]
async fn without_an_address_that_is_verified_there_is_nobody() {
    let (desk, mine) = desk().await;
    desk.make(json!({"email": ALICE, "password": PASSWORD, "verified": true})).await.unwrap();
    for verified in [json!(false), json!(null), json!("true"), json!(1), json!("false")] {
        mine.set_person(Person::new("1001", ALICE).with_email_verified(verified.clone()));
        assert_eq!(desk.sign_in_with("mine").await.err().as_deref(), Some("EMAIL_NOT_VERIFIED"), "{verified}");
    }
    for email in ["", "alice", "al\u{130}ce@example.com", "alice@example.com\r\nBcc: eve@example.com"] {
        mine.set_person(Person::new("1001", email));
        assert_eq!(desk.sign_in_with("mine").await.err().as_deref(), Some("EMAIL_NOT_VERIFIED"), "{email}");
    }
    assert_eq!(desk.counts().await, [1, 0, 0]);
    assert!(desk.mails().await.is_empty());
}

#[tokio::test]
async fn a_link_holds_whatever_becomes_of_the_address() {
    let (desk, mine) = desk().await;
    let alice = desk.sign_in_with("mine").await.unwrap();
    let bob = desk.make(json!({"email": "bob@example.com", "password": PASSWORD, "verified": true})).await.unwrap();
    for person in [
        Person::new("1001", "alice@elsewhere.example"),
        Person::new("1001", ALICE).with_email_verified(json!(false)),
        Person::new("1001", "bob@example.com"),
    ] {
        mine.set_person(person);
        assert_eq!(desk.sign_in_with("mine").await.unwrap().account.id, alice.account.id);
    }
    assert!(desk.store.oauth_accounts(&bob.id).await.unwrap().is_empty());
    assert_eq!(
        desk.auth.account(&desk.store, alice.account.id.as_str()).await.unwrap().email,
        ALICE,
        "the account's own stays"
    );
}

#[tokio::test]
async fn a_banned_account_is_neither_signed_in_nor_linked() {
    let (desk, mine) = desk().await;
    desk.sign_in_with("mine").await.unwrap();
    desk.sql("UPDATE _alyx_users SET banned = 1").await;
    assert_eq!(desk.sign_in_with("mine").await.err().as_deref(), Some("ACCOUNT_BANNED"));
    mine.set_person(Person::new("1002", ALICE));
    assert_eq!(desk.sign_in_with("mine").await.err().as_deref(), Some("ACCOUNT_BANNED"));
    desk.sql("UPDATE _alyx_users SET verified = 0").await;
    assert_eq!(desk.sign_in_with("mine").await.err().as_deref(), Some("ACCOUNT_BANNED"));
    assert!(desk.mails().await.is_empty());
    assert_eq!(desk.counts().await, [1, 1, 1]);
}

#[tokio::test]
async fn ac03_another_issuer_under_the_same_name_vouches_for_nobody_of_before() {
    let (mut desk, mine) = desk().await;
    let alice = desk.sign_in_with("mine").await.unwrap();
    let usurper = provider();
    usurper.set_person(Person::new("1001", "eve@example.com").with_email_verified(json!(false)));
    desk.configure(&settings(&[("mine", &usurper)]));
    assert_eq!(
        desk.sign_in_with("mine").await.err().as_deref(),
        Some("EMAIL_NOT_VERIFIED"),
        "the same subject is somebody else"
    );
    usurper.set_person(Person::new("1001", "eve@example.com"));
    assert_ne!(desk.sign_in_with("mine").await.unwrap().account.id, alice.account.id);
    desk.configure(&settings(&[("mine", &mine)]));
    assert_eq!(desk.sign_in_with("mine").await.unwrap().account.id, alice.account.id);
}

#[tokio::test]
async fn one_person_comes_by_several_providers() {
    let (one, two) = (provider(), provider());
    let desk = Desk::with(&settings(&[("one", &one), ("two", &two)]), USERS).await;
    let alice = desk.sign_in_with("one").await.unwrap();
    two.set_person(Person::new("77", "Alice@Example.com"));
    assert_eq!(desk.sign_in_with("two").await.unwrap().account.id, alice.account.id);
    assert_eq!(desk.counts().await, [1, 2, 2]);
    desk.auth
        .delete_own_account(
            &desk.store,
            &desk.authenticate(&alice.tokens.access_token).await.unwrap(),
            None,
            &client("192.0.2.1"),
        )
        .await
        .unwrap();
    assert_eq!(desk.counts().await, [0, 0, 0]);
    assert_ne!(desk.sign_in_with("one").await.unwrap().account.id, alice.account.id);
}
