//! Profiles of every shape: whatever the key is, and whatever the profile has of the account.

use std::io::Cursor;

use alyx_auth::seed_hasher;
use alyx_store::{
    Database,
    transfer::{Format, Seed, seed_from},
};
use serde_json::json;

use crate::desk::{Desk, PASSWORD};

async fn registered(schema: &str, body: serde_json::Value) -> (Desk, String) {
    let desk = Desk::with("{}", schema).await;
    desk.try_register(body).await.unwrap();
    let id = desk.auth.account_by_email(&desk.store, "ada@example.com").await.unwrap().id.to_string();
    (desk, id)
}

#[tokio::test]
async fn the_account_has_the_kind_of_id_that_the_profile_has() {
    let body = || json!({"email": "ada@example.com", "password": PASSWORD});
    let schema =
        |key: &str| format!("version: 1\ncollections: {{users: {{fields: {{key: {{type: {key}, primary: true}}}}}}}}");
    let (desk, id) = registered(&schema("id"), body()).await;
    assert_eq!((id.len(), desk.profile(&id).await.unwrap()), (15, json!({"key": id})));
    for key in ["uuid", "string"] {
        let (desk, id) = registered(&schema(key), body()).await;
        assert_eq!((id.len(), desk.profile(&id).await.unwrap()), (36, json!({"key": id})), "{key}");
    }
}

#[tokio::test]
async fn mirrors_that_clients_never_see_are_filled_in() {
    let schema = "
version: 1
collections:
  users:
    fields:
      id: {type: uuid, primary: true}
      email: {type: string, internal: true}
      role: {type: select, values: [user, moderator, admin]}
      name: {type: string}
      secret: {type: string, internal: true, nullable: true}
";
    let (desk, id) = registered(schema, json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"})).await;
    assert_eq!(desk.profile(&id).await.unwrap(), json!({"id": id, "role": "user", "name": "Ada"}));
    let refused = desk
        .try_register(json!({"email": "eve@example.com", "password": PASSWORD, "name": "Eve", "secret": "x"}))
        .await;
    assert_eq!(crate::desk::faults(&refused.unwrap_err()), ["secret UNKNOWN_FIELD"]);
}

#[tokio::test]
async fn a_document_that_was_there_before_becomes_the_profile_of_an_account_with_its_id() {
    let desk = Desk::new().await;
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    desk.sql(&format!("INSERT INTO users (id, email, role, verified, name, changed_at) VALUES ('{id}', 'old@example.com', 'admin', 0, 'Ada', '')")).await;
    let made = desk.make(json!({"id": id, "email": "ada@example.com", "password": PASSWORD})).await.unwrap();
    assert_eq!(made.id.as_str(), id);
    let profile = desk.profile(id).await.unwrap();
    assert_eq!(
        (&profile["email"], &profile["role"], &profile["name"]),
        (&json!("ada@example.com"), &json!("user"), &json!("Ada"))
    );
}

#[tokio::test]
async fn who_comes_in_a_seed_with_a_password_signs_in_with_it() {
    let desk = Desk::new().await;
    let seed = async |text: &str| {
        let mut database = Database::open(&desk.options).await.unwrap();
        let hasher = Some(seed_hasher(&desk.config.auth.password));
        let seed = Seed { reader: Cursor::new(text.to_owned()), format: Format::Yaml, hasher };
        let seeded = seed_from(&mut database, &desk.store.schema(), seed, &mut |_| ()).await;
        database.close().await.unwrap();
        seeded
    };
    let said = seed("users:\n  - {email: ada@example.com, password: short}\n").await.unwrap_err().to_string();
    assert!(
        said.ends_with("users[0].password: the password is too weak: it must have at least 8 characters"),
        "{said}"
    );
    seed(&format!("users:\n  - {{email: Ada@example.com, password: {PASSWORD}, role: admin, verified: true}}\n"))
        .await
        .unwrap();
    let signed_in = desk.login("ada@example.com", PASSWORD).await.unwrap();
    assert!(desk.authenticate(&signed_in.tokens.access_token).await.unwrap().is_administrator());
}
