//! The profile of somebody who comes from a provider: judged by the create rule, with name and picture where they fit.

use alyx_query::{Predicate, Truth};
use alyx_testing::Person;
use serde_json::{Value as Json, json};

use super::journey::{judge, provider, settings};
use crate::desk::{Desk, PASSWORD, USERS};

const PICTURE: &str = "https://images.example.com/alice.png";

/// A collection of profiles with these fields besides the ones that every account has.
fn schema(fields: &str) -> String {
    format!(
        "version: 1\ncollections:\n  users:\n    fields:\n      id: {{type: uuid, primary: true, default: auto}}\n{fields}"
    )
}

/// The profile that somebody of this name and with this picture gets; or what the app is told.
async fn profile(fields: &str, name: &str, picture: &str) -> Result<Json, String> {
    let mine = provider();
    mine.set_person(Person::new("1001", "alice@example.com").with_profile(name, picture));
    let desk = Desk::with(&settings(&[("mine", &mine)]), &schema(fields)).await;
    let signed_in = desk.sign_in_with("mine").await?;
    let mut profile = desk.profile(signed_in.account.id.as_str()).await.unwrap();
    profile.as_object_mut().unwrap().remove("id");
    Ok(profile)
}

async fn check(fields: &str, (name, picture): (&str, &str), expected: Json) {
    assert_eq!(profile(fields, name, picture).await, Ok(expected), "{fields}");
}

#[tokio::test]
async fn name_and_picture_go_where_there_is_a_place_for_them() {
    let alice = ("Alice Example", PICTURE);
    check("", alice, json!({})).await;
    check(
        "      name: {type: string}\n      avatar_url: {type: url, nullable: true}\n",
        alice,
        json!({"name": "Alice Example", "avatar_url": PICTURE}),
    )
    .await;
    check(
        "      name: {type: string, nullable: true}\n      picture: {type: url, nullable: true}\n",
        alice,
        json!({"name": "Alice Example", "picture": PICTURE}),
    )
    .await;
    check(
        "      email: {type: email}\n      role: {type: string}\n      verified: {type: bool}\n",
        alice,
        json!({"email": "alice@example.com", "role": "user", "verified": true}),
    )
    .await;
}

#[tokio::test]
async fn what_does_not_fit_is_left_out() {
    let alice = ("Alice Example", PICTURE);
    let fields =
        "      name: {type: string, nullable: true, maxLength: 5}\n      avatar_url: {type: int, nullable: true}\n";
    check(fields, alice, json!({"name": null, "avatar_url": null})).await;
    check(
        "      avatar_url: {type: url, nullable: true}\n",
        ("Alice", "javascript:alert(1)"),
        json!({"avatar_url": null}),
    )
    .await;
    check(
        "      name: {type: string, nullable: true, write: \"auth.role == 'admin'\"}\n",
        alice,
        json!({"name": null}),
    )
    .await;
    check("      name: {type: string, nullable: true, internal: true}\n", alice, json!({})).await;
}

#[tokio::test]
async fn what_is_taken_is_left_out_or_told() {
    for (null, expected) in [("true", Ok(json!(null))), ("false", Err("VALIDATION_ERROR".to_owned()))] {
        let mine = provider();
        let fields = format!("      name: {{type: string, unique: true, nullable: {null}}}\n");
        let desk = Desk::with(&settings(&[("mine", &mine)]), &schema(&fields)).await;
        desk.make(json!({"email": "other@example.com", "password": PASSWORD, "name": "Alice Example"})).await.unwrap();
        let told = match desk.sign_in_with("mine").await {
            Ok(signed_in) => Ok(desk.profile(signed_in.account.id.as_str()).await.unwrap()["name"].clone()),
            Err(told) => Err(told),
        };
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn a_profile_that_needs_more_is_told_to_the_app_and_nothing_is_made() {
    let told = profile(
        "      username: {type: string}\n      name: {type: string, maxLength: 3, nullable: true}\n",
        "Alice",
        PICTURE,
    )
    .await;
    assert_eq!(told, Err("VALIDATION_ERROR".to_owned()));
}

#[tokio::test]
async fn ac25_the_create_rule_judges_and_says_no_where_nobody_asked_it() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    for guard in [None, Some(Predicate::FALSE), Some(Predicate::Constant(Truth::Unknown))] {
        let told = desk.code_judged("mine", |draft, _| {
            if let Some(guard) = &guard {
                draft.judge(guard.clone());
            }
            true
        });
        assert_eq!(told.await, Err("FORBIDDEN".to_owned()));
    }
    assert_eq!(desk.code_judged("mine", |_, _| false).await, Err("FORBIDDEN".to_owned()));
    assert_eq!(desk.counts().await, [0, 0, 0]);
    let told = desk.code_judged("mine", |draft, body| {
        assert_eq!(json!(body), json!({"email": "alice@example.com", "name": "Alice Example"}));
        assert_eq!(draft.profile().unwrap().0.name, "users");
        judge(draft, body)
    });
    assert!(told.await.is_ok());
    // Who has an account needs no rule.
    assert!(desk.code_judged("mine", |_, _| false).await.is_ok());

    let bare = Desk::with(&settings(&[("mine", &mine)]), "version: 1\ncollections: {}").await;
    assert_eq!(bare.code_from("mine").await, Err("FORBIDDEN".to_owned()), "no profile, no rule that allows it");
}
