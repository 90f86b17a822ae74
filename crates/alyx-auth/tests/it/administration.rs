//! What administrators do, and the note of it.

use alyx_auth::{AccountChanges, Authority, Error, Principal};
use alyx_config::Secret;
use alyx_query::Predicate;
use alyx_schema::Value;
use alyx_store::account::{AccountQuery, AuditQuery};
use serde_json::json;

use crate::desk::{Desk, PASSWORD, client, faults, object};

#[tokio::test]
async fn an_administrator_makes_accounts_with_any_role_of_the_project() {
    let desk = Desk::with("auth: {roles: [user, editor, admin]}", crate::desk::USERS).await;
    let id = "01890A5D-AC96-774B-BCCE-B302099A8057";
    let body = json!({"id": id, "email": "ed@example.com", "password": PASSWORD, "role": "editor", "verified": true, "metadata": {"a": 1}, "name": "Ed"});
    let made = desk.make(body).await.unwrap();
    assert_eq!((made.id.as_str(), made.role.as_str(), made.verified), (id.to_lowercase().as_str(), "editor", true));
    assert_eq!(made.metadata, object(json!({"a": 1})));
    let profile = desk.profile(made.id.as_str()).await.unwrap();
    assert_eq!(
        (&profile["role"], &profile["verified"], &profile["name"]),
        (&json!("editor"), &json!(true), &json!("Ed"))
    );
    let refused = desk
        .make(json!({"email": "x", "role": "moderator", "verified": 1, "metadata": [], "id": 7}))
        .await
        .unwrap_err();
    assert_eq!(faults(&refused), ["email FORMAT", "role UNKNOWN_ROLE", "verified TYPE", "metadata TYPE", "id TYPE"]);
    let without = desk.make(json!({"email": "nopass@example.com"})).await.unwrap();
    assert!(!without.has_password);
    assert_eq!(desk.audit().await, ["account.created cli", "account.created cli"]);
}

#[tokio::test]
async fn roles_are_those_of_the_project() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    let set = async |role: &str| {
        let changes = AccountChanges { role: Some(role.to_owned()), ..Default::default() };
        desk.auth.update_account(&desk.store, ada.account.id.as_str(), changes, &Authority::cli()).await
    };
    assert!(
        matches!(set("root").await, Err(Error::UnknownRole { known, .. }) if known == ["user", "moderator", "admin"])
    );
    assert_eq!(set("moderator").await.unwrap().role, "moderator");
    let nobody = desk.auth.update_account(&desk.store, "nobody", AccountChanges::default(), &Authority::cli()).await;
    assert!(matches!(nobody, Err(Error::UnknownAccount)));
    assert!(matches!(
        desk.auth.delete_account(&desk.store, "nobody", &Authority::cli()).await,
        Err(Error::UnknownAccount)
    ));
    assert_eq!(desk.audit().await, ["account.updated cli"], "what was not done is not noted");
}

#[tokio::test]
async fn every_act_is_noted_with_who_did_it_and_without_secrets() {
    let desk = Desk::new().await;
    let boss = desk.make(json!({"email": "boss@example.com", "password": PASSWORD, "role": "admin"})).await.unwrap();
    let ada = desk.register("ada@example.com").await;
    let signed_in = desk.login("boss@example.com", PASSWORD).await.unwrap();
    let Principal::Account(caller) = desk.auth.authenticate(&desk.store, &signed_in.tokens.access_token).await.unwrap()
    else {
        panic!()
    };
    let authority = Authority::account(&caller, &client("192.0.2.9"));
    let secret = "a very secret thing";
    let changes = AccountChanges {
        role: Some("moderator".to_owned()),
        password: Some(Secret::new(secret)),
        ..Default::default()
    };
    desk.auth.update_account(&desk.store, ada.account.id.as_str(), changes, &authority).await.unwrap();
    assert!(desk.is_out(&ada).await, "a password that was set for somebody ends the sessions");
    desk.auth
        .note(&desk.store, &Authority::admin_token(&client("192.0.2.9")), ("deploy.executed", "7"), &[])
        .await
        .unwrap();
    let entries = desk.auth.audit(&desk.store, &AuditQuery { limit: 10, ..Default::default() }).await.unwrap();
    assert_eq!((entries[0].action.as_str(), entries[0].actor.kind.as_str()), ("deploy.executed", "admin_token"));
    let entry = &entries[1];
    assert_eq!(entry.actor.id.as_deref(), Some(boss.id.as_str()));
    assert_eq!(
        (entry.actor.name.as_deref(), entry.ip.as_deref(), entry.request_id.as_deref()),
        (Some("boss@example.com"), Some("192.0.2.9"), Some("r1"))
    );
    assert_eq!(
        (entry.target.as_deref(), &entry.details["role"], &entry.details["password"]),
        (Some(ada.account.id.as_str()), &json!("moderator"), &json!(true))
    );
    assert!(!format!("{entries:?}").contains(secret));
}

#[tokio::test]
async fn accounts_are_listed() {
    let desk = Desk::new().await;
    for number in 0..3 {
        desk.make(json!({"email": format!("u{number}@example.com")})).await.unwrap();
        desk.pass(1);
    }
    let page = desk.auth.accounts(&desk.store, &AccountQuery { limit: 2, ..Default::default() }).await.unwrap();
    let emails: Vec<_> = page.accounts.iter().map(|account| account.email.as_str()).collect();
    assert_eq!((emails, page.total), (vec!["u2@example.com", "u1@example.com"], 3));
    assert!(desk.auth.account_by_email(&desk.store, "U1@example.com").await.is_ok());
    assert!(matches!(desk.auth.account_by_email(&desk.store, "x").await, Err(Error::UnknownAccount)));
}

#[tokio::test]
async fn an_administrator_sends_a_reset() {
    let desk = Desk::new().await;
    let made = desk.make(json!({"email": "ada@example.com"})).await.unwrap();
    desk.auth.send_password_reset(&desk.store, made.id.as_str(), &Authority::cli()).await.unwrap();
    let token = Desk::token_in(&desk.mails().await, "reset-password", "ada@example.com");
    desk.auth.confirm_password_reset(&desk.store, (&token, PASSWORD), &client("192.0.2.1")).await.unwrap();
    assert!(desk.login("ada@example.com", PASSWORD).await.is_ok());
    let mute = crate::desk::open(&desk.config, desk.folder.path(), &desk.clock, None).unwrap();
    assert!(matches!(
        mute.send_password_reset(&desk.store, made.id.as_str(), &Authority::cli()).await,
        Err(Error::Mail(_))
    ));
}

#[tokio::test]
async fn an_account_whose_profile_others_need_stays() {
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    let posts = desk.store.schema().collection("posts").unwrap().clone();
    let values = vec![Value::Text("aaaaaaaaaaaaaaa".to_owned()), Value::Text(ada.account.id.to_string())];
    desk.store
        .create(&posts, alyx_schema::Document { values }, &Predicate::TRUE, &alyx_query::Everything)
        .await
        .unwrap();
    let kept = desk.auth.delete_account(&desk.store, ada.account.id.as_str(), &Authority::cli()).await;
    assert!(
        matches!(kept, Err(Error::Store(alyx_store::Error::StillReferenced { collection: Some(name) })) if name == "posts")
    );
    assert!(desk.authenticate(&ada.tokens.access_token).await.is_ok());
}
