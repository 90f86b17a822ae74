//! Deploy tokens.

use alyx_auth::{Authority, CreatedDeployToken, Error, Permission, Principal, Result};
use jiff::{SignedDuration, Timestamp};

use alyx_schema::clock::Clock;

use crate::desk::{Desk, faults};

async fn create(
    desk: &Desk,
    name: &str,
    permissions: &[&str],
    expires_at: Option<Timestamp>,
) -> Result<CreatedDeployToken> {
    let permissions: Vec<String> = permissions.iter().map(|name| (*name).to_owned()).collect();
    desk.auth.create_deploy_token(&desk.store, (name, &permissions), expires_at, &Authority::cli()).await
}

#[tokio::test]
async fn a_token_is_shown_once_and_is_what_it_may_do() {
    let desk = Desk::new().await;
    let made = create(&desk, "ci", &["deploy", "schema:read", "deploy"], None).await.unwrap();
    assert!(made.token.starts_with("alyx_dt_") && made.token.starts_with(&made.details.prefix));
    let Principal::DeployToken(principal) = desk.auth.authenticate(&desk.store, &made.token).await.unwrap() else {
        panic!()
    };
    assert_eq!(
        (principal.name.as_str(), principal.permissions.as_slice()),
        ("ci", &[Permission::Deploy, Permission::ReadSchema][..])
    );
    desk.auth.settle().await;
    let listed = desk.auth.deploy_tokens(&desk.store).await.unwrap();
    assert_eq!((listed.len(), listed[0].last_used_at), (1, Some(desk.clock.now())));
    let shown = format!("{listed:?} {made:?}");
    assert!(!shown.contains(&made.token) && shown.contains(&made.details.prefix), "{shown}");
    desk.auth.revoke_deploy_token(&desk.store, "ci", &Authority::cli()).await.unwrap();
    assert!(matches!(desk.auth.authenticate(&desk.store, &made.token).await, Err(Error::InvalidToken { .. })));
    let again = desk.auth.revoke_deploy_token(&desk.store, "ci", &Authority::cli()).await;
    assert!(matches!(again, Err(Error::UnknownDeployToken { name }) if name == "ci"));
    assert_eq!(desk.audit().await, ["deploy_token.revoked cli", "deploy_token.created cli"]);
}

#[tokio::test]
async fn no_other_text_is_a_token() {
    let desk = Desk::new().await;
    let made = create(&desk, "ci", &["deploy"], None).await.unwrap();
    let other = create(&desk, "other", &["deploy"], None).await.unwrap();
    let mixed = format!("{}{}", &made.token[..16], &other.token[16..]);
    for token in [
        &made.token[..made.token.len() - 1],
        &format!("{}x", made.token),
        &mixed,
        "alyx_dt_",
        &made.token.to_uppercase(),
    ] {
        assert!(matches!(desk.auth.authenticate(&desk.store, token).await, Err(Error::InvalidToken { .. })), "{token}");
    }
}

#[tokio::test]
async fn it_expires() {
    let desk = Desk::new().await;
    let made = create(&desk, "ci", &["deploy"], Some(desk.clock.now() + SignedDuration::from_hours(1))).await.unwrap();
    desk.pass(3599);
    assert!(desk.auth.authenticate(&desk.store, &made.token).await.is_ok());
    desk.pass(1);
    assert!(matches!(desk.auth.authenticate(&desk.store, &made.token).await, Err(Error::TokenExpired)));
}

#[tokio::test]
async fn its_use_is_noted_once_a_minute() {
    let desk = Desk::new().await;
    let made = create(&desk, "ci", &["deploy"], None).await.unwrap();
    let first = desk.clock.now();
    let used = async || {
        desk.auth.authenticate(&desk.store, &made.token).await.unwrap();
        desk.auth.settle().await;
        desk.auth.deploy_tokens(&desk.store).await.unwrap()[0].last_used_at
    };
    assert_eq!(used().await, Some(first));
    desk.pass(59);
    assert_eq!(used().await, Some(first));
    desk.pass(1);
    assert_eq!(used().await, Some(desk.clock.now()));
}

#[tokio::test]
async fn what_is_wrong_with_one_is_told_at_once() {
    let desk = Desk::new().await;
    let wrong = create(&desk, "a b", &["everything"], Some(desk.clock.now())).await.unwrap_err();
    assert_eq!(faults(&wrong), ["name FORMAT", "permissions UNKNOWN_PERMISSION", "expires_at MIN"]);
    assert_eq!(faults(&create(&desk, "", &[], None).await.unwrap_err()), ["name FORMAT", "permissions REQUIRED"]);
    create(&desk, "ci", &["deploy"], None).await.unwrap();
    assert!(matches!(create(&desk, "ci", &["deploy"], None).await, Err(Error::Taken { fields }) if fields == ["name"]));
}
