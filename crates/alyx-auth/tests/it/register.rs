//! Registering: both or none, judged by the create rule, and silent where addresses must be confirmed.

use alyx_auth::{Error, Registered};
use alyx_query::{Predicate, Truth};
use serde_json::json;

use crate::desk::{Desk, PASSWORD, USERS, client, faults, object};

#[tokio::test]
async fn an_account_and_its_profile_are_made_and_signed_in() {
    let desk = Desk::new().await;
    let body = json!({"email": "Ada@Example.com", "password": PASSWORD, "name": "Ada"});
    let Registered::SignedIn(ada) = desk.try_register(body).await.unwrap() else { panic!() };
    let account = &ada.account;
    assert_eq!((account.email.as_str(), account.role.as_str(), account.verified), ("ada@example.com", "user", false));
    assert!(account.has_password && account.last_sign_in_at.is_some() && account.metadata.is_empty());
    let profile = desk.profile(account.id.as_str()).await.unwrap();
    assert_eq!(
        (&profile["email"], &profile["role"], &profile["name"]),
        (&json!("ada@example.com"), &json!("user"), &json!("Ada"))
    );
    let principal = desk.authenticate(&ada.tokens.access_token).await.unwrap();
    assert_eq!((&principal.account.id, principal.is_administrator()), (&account.id, false));
    let mails = desk.mails().await;
    assert_eq!((mails.len(), mails[0].kind, mails[0].to.as_str()), (1, "verify-email", "ada@example.com"));
}

#[tokio::test]
async fn a_registration_hashes_once() {
    let desk = Desk::new().await;
    desk.register("ada@example.com").await;
    assert_eq!(desk.auth.password_work(), 16);
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let desk = Desk::new().await;
    let draft = |body| desk.auth.draft_registration(&desk.store.schema(), &object(body)).map(drop);
    let wrong = draft(json!({"email": "nowhere", "password": "short", "name": 7, "nmae": "x"})).unwrap_err();
    assert_eq!(faults(&wrong), ["email FORMAT", "password MIN_LENGTH", "name TYPE", "nmae UNKNOWN_FIELD"]);
    assert_eq!(faults(&draft(json!({})).unwrap_err()), ["email REQUIRED", "password REQUIRED"]);
    assert_eq!(faults(&draft(json!({"email": 7, "password": null})).unwrap_err()), ["email TYPE", "password TYPE"]);
}

#[tokio::test]
async fn ac23_ac24_nobody_chooses_an_id_or_a_role() {
    let desk = Desk::new().await;
    for (field, value) in [
        ("id", json!("01890a5d-ac96-774b-bcce-b302099a8057")),
        ("role", json!("admin")),
        ("role", json!("user")),
        ("verified", json!(true)),
    ] {
        let mut body = object(json!({"email": "ada@example.com", "password": PASSWORD}));
        body.insert(field.to_owned(), value);
        let refused = desk.auth.draft_registration(&desk.store.schema(), &body).unwrap_err();
        assert_eq!(faults(&refused), [format!("{field} READ_ONLY")]);
    }
    for field in ["banned", "metadata", "password_hash", "is_admin"] {
        let mut body = object(json!({"email": "ada@example.com", "password": PASSWORD}));
        body.insert(field.to_owned(), json!({}));
        let refused = desk.auth.draft_registration(&desk.store.schema(), &body).unwrap_err();
        assert_eq!(faults(&refused), [format!("{field} UNKNOWN_FIELD")]);
    }
}

#[tokio::test]
async fn the_create_rule_judges_and_says_no_where_nobody_asked_it() {
    let desk = Desk::new().await;
    let schema = desk.store.schema();
    for guard in [None, Some(Predicate::FALSE), Some(Predicate::Constant(Truth::Unknown))] {
        let body = object(json!({"email": "ada@example.com", "password": PASSWORD}));
        let mut draft = desk.auth.draft_registration(&schema, &body).unwrap();
        assert_eq!(draft.profile().unwrap().0.name, "users");
        if let Some(guard) = guard {
            draft.judge(guard);
        }
        let refused = desk.auth.register(&desk.store, draft, &client("192.0.2.1")).await;
        assert!(matches!(refused, Err(Error::Denied)));
    }
    assert!(matches!(desk.login("ada@example.com", PASSWORD).await, Err(Error::InvalidCredentials)));
    let bare = Desk::with("{}", "version: 1\ncollections: {}").await;
    let refused = bare.try_register(json!({"email": "ada@example.com", "password": PASSWORD})).await;
    assert!(matches!(refused, Err(Error::Denied)), "no profile, no rule that allows it");
}

#[tokio::test]
async fn what_is_taken_is_told_and_nothing_is_kept() {
    let desk = Desk::new().await;
    desk.try_register(json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"})).await.unwrap();
    let again = desk.try_register(json!({"email": "ADA@example.com", "password": PASSWORD})).await;
    assert!(matches!(again, Err(Error::Taken { fields }) if fields == ["email"]));
    let named = desk.try_register(json!({"email": "eve@example.com", "password": PASSWORD, "name": "Ada"})).await;
    assert!(matches!(named, Err(Error::Taken { fields }) if fields == ["name"]));
    assert!(desk.login("eve@example.com", PASSWORD).await.is_err());
    desk.register("eve@example.com").await;
}

const CONFIRMED: &str = "auth: {require_verification: true}";

#[tokio::test]
async fn ac16_with_confirmation_a_taken_address_gets_the_same_answer() {
    let desk = Desk::with(CONFIRMED, USERS).await;
    desk.make(json!({"email": "ada@example.com", "password": PASSWORD, "verified": true})).await.unwrap();
    let work = desk.auth.password_work();
    let taken = desk.try_register(json!({"email": "ada@example.com", "password": "another horse"})).await.unwrap();
    let work_taken = desk.auth.password_work() - work;
    let mails = desk.mails().await;
    assert_eq!((mails.len(), mails[0].kind, mails[0].to.as_str()), (1, "account-exists", "ada@example.com"));
    let fresh = desk.try_register(json!({"email": "eve@example.com", "password": "another horse"})).await.unwrap();
    assert!(matches!((taken, fresh), (Registered::Pending, Registered::Pending)));
    assert_eq!(desk.auth.password_work() - work - work_taken, work_taken, "the same work");
    assert!(desk.login("ada@example.com", PASSWORD).await.is_ok(), "nothing has changed for the owner");
    assert_eq!(
        desk.profile(&desk.auth.account_by_email(&desk.store, "ada@example.com").await.unwrap().id.to_string())
            .await
            .unwrap()["email"],
        "ada@example.com"
    );

    let token = Desk::token_in(&desk.mails().await, "verify-email", "eve@example.com");
    let refused = desk.login("eve@example.com", "another horse").await;
    assert!(matches!(refused, Err(Error::NotVerified)), "told to who knows the password");
    assert!(matches!(desk.login("eve@example.com", "wrong horse").await, Err(Error::InvalidCredentials)));
    desk.auth.confirm_verification(&desk.store, &token).await.unwrap();
    assert!(desk.login("eve@example.com", "another horse").await.is_ok());
}

#[tokio::test]
async fn ac16_other_refusals_do_not_depend_on_the_address_either() {
    let desk = Desk::with(CONFIRMED, USERS).await;
    desk.make(json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"})).await.unwrap();
    for email in ["ada@example.com", "eve@example.com"] {
        let named = desk.try_register(json!({"email": email, "password": PASSWORD, "name": "Ada"})).await;
        let free = desk.try_register(json!({"email": email, "password": PASSWORD, "name": "Eve"})).await;
        if email == "ada@example.com" {
            // Moved aside for the trial, the owner's own profile still holds its name.
            assert!(matches!(named, Err(Error::Taken { ref fields }) if *fields == ["name"]), "{named:?}");
        } else {
            assert!(matches!(named, Err(Error::Taken { ref fields }) if *fields == ["name"]), "{named:?}");
        }
        assert!(free.is_ok());
        let mut denied = desk
            .auth
            .draft_registration(&desk.store.schema(), &object(json!({"email": email, "password": PASSWORD})))
            .unwrap();
        denied.judge(Predicate::FALSE);
        assert!(matches!(desk.auth.register(&desk.store, denied, &client("192.0.2.1")).await, Err(Error::Denied)));
    }
}

#[tokio::test]
async fn ac02_who_registers_first_does_not_keep_the_account_of_who_reads_the_mail() {
    let desk = Desk::with(CONFIRMED, USERS).await;
    desk.try_register(json!({"email": "ada@example.com", "password": "evil horse"})).await.unwrap();
    let evil = Desk::token_in(&desk.mails().await, "verify-email", "ada@example.com");
    desk.try_register(json!({"email": "ada@example.com", "password": PASSWORD})).await.unwrap();
    let own = Desk::token_in(&desk.mails().await, "verify-email", "ada@example.com");
    // A request for another link does not take the owner's away.
    desk.auth.request_verification(&desk.store, "ada@example.com", &client("198.51.100.1")).unwrap();
    desk.mails().await;
    desk.auth.confirm_verification(&desk.store, &own).await.unwrap();
    assert!(desk.login("ada@example.com", PASSWORD).await.is_ok());
    assert!(matches!(desk.login("ada@example.com", "evil horse").await, Err(Error::InvalidCredentials)));
    assert!(desk.auth.confirm_verification(&desk.store, &evil).await.is_err(), "the other links are worthless");
}
