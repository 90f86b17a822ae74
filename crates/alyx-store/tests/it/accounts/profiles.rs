//! An account and its profile are one: whoever writes to either, and whatever becomes of the table.

use alyx_query::{Predicate, Truth};
use alyx_store::{
    Error,
    account::{AccountId, AccountUpdate},
};
use serde_json::{Value as Json, json};

use super::{make, make_with_profile, update};
use crate::{
    fixture::{Fixture, document},
    migration::{Lab, edited, file, fresh_shape},
};

const TEAMS: &str = "
version: 1
collections:
  teams: {fields: {id: {type: id, primary: true}}}
  users:
    fields:
      id: {type: id, primary: true}
      email: {type: email, unique: true}
      role: {type: string, default: user}
      verified: {type: bool, default: false}
      name: {type: string, unique: true}
      team_id: {type: id, references: teams.id, onDelete: cascade, nullable: true}
      changed_at: {type: timestamp, onUpdate: now}
  posts: {fields: {id: {type: id, primary: true}, author_id: {type: id, references: users.id}}}
";

async fn make_user(fixture: &Fixture, id: &str, team: Option<&str>) -> Result<Result<(), &'static str>, Error> {
    let email = format!("{id}@example.com");
    let json = json!({"id": id, "email": email, "role": "user", "verified": false, "name": id, "team_id": team});
    let document = document(&fixture.collection("users"), &json);
    make_with_profile(&fixture.store, "users", document, Predicate::TRUE).await
}

async fn account_of(fixture: &Fixture, id: &str) -> Option<alyx_store::account::Account> {
    fixture.store.account(&AccountId::new(id)).await.unwrap()
}

#[tokio::test]
async fn both_are_stored_or_none() {
    let fixture = Fixture::open(TEAMS).await;
    make_user(&fixture, "ada", None).await.unwrap().unwrap();
    assert_eq!(fixture.get("users", "ada").await.unwrap()["email"], "ada@example.com");

    let with_name = json!({"id": "eve", "email": "eve@example.com", "role": "user", "name": "ada"});
    let eve = |json: &Json| document(&fixture.collection("users"), json);
    let taken = make_with_profile(&fixture.store, "users", eve(&with_name), Predicate::TRUE).await;
    assert!(matches!(taken, Err(Error::Taken { fields }) if fields == ["name"]));
    let stray = json!({"id": "eve", "email": "eve@example.com", "role": "user", "name": "eve", "team_id": "nowhere"});
    let missing = make_with_profile(&fixture.store, "users", eve(&stray), Predicate::TRUE).await;
    assert!(matches!(missing, Err(Error::MissingReference { fields }) if fields == ["team_id"]));
    let fine = json!({"id": "eve", "email": "eve@example.com", "role": "user", "name": "eve"});
    let denied = make_with_profile(&fixture.store, "users", eve(&fine), Predicate::Constant(Truth::False)).await;
    assert_eq!(denied.unwrap(), Err("denied"));
    assert!(account_of(&fixture, "eve").await.is_none() && fixture.get("users", "eve").await.is_none());

    // The address is taken by an account that has no profile: the profile does not stay alone.
    make(&fixture.store, "eve").await.unwrap();
    let other = json!({"id": "eva", "email": "eva@example.com", "role": "user", "name": "eva"});
    let new = alyx_store::account::NewAccount { id: AccountId::new("eva"), ..super::account("eve") };
    let (collection, document) = (fixture.collection("users"), eve(&other));
    let taken = fixture.store.write_with(move |transaction| {
        Box::pin(async move {
            transaction.insert_profile(&collection, document, &Predicate::TRUE).await?;
            transaction.insert_account(&new).await
        })
    });
    assert!(matches!(taken.await, Err(Error::Taken { fields }) if fields == ["email"]));
    assert!(fixture.get("users", "eva").await.is_none());
}

#[tokio::test]
async fn a_profile_follows_its_account() {
    let fixture = Fixture::open(TEAMS).await;
    make_user(&fixture, "ada", None).await.unwrap().unwrap();
    let changes = AccountUpdate {
        email: Some("countess@example.com".to_owned()),
        role: Some("admin".to_owned()),
        verified: Some(true),
        ..AccountUpdate::default()
    };
    assert!(update(&fixture.store, "ada", changes).await);
    let profile = fixture.get("users", "ada").await.unwrap();
    assert_eq!(
        (&profile["email"], &profile["role"], &profile["verified"], &profile["changed_at"]),
        (&json!("countess@example.com"), &json!("admin"), &json!(true), &json!("2026-11-21T12:01:00.000Z"))
    );
    let position = fixture.store.changes(0, 100).await.unwrap().last().unwrap().clone();
    assert_eq!(position.before["role"], "user", "the feed tells of it");
}

#[tokio::test]
async fn ac24_no_write_makes_a_profile_say_what_its_account_does_not() {
    let fixture = Fixture::open(TEAMS).await;
    make_user(&fixture, "ada", None).await.unwrap().unwrap();
    for changes in [json!({"role": "admin"}), json!({"verified": true}), json!({"email": "eve@example.com"})] {
        assert!(fixture.update("users", "ada", changes.clone()).await.is_err(), "{changes}");
    }
    assert!(fixture.update("users", "ada", json!({"role": "user", "name": "Ada"})).await.unwrap().is_some());
    make(&fixture.store, "bob").await.unwrap();
    let stray = json!({"id": "bob", "email": "bob@example.com", "role": "admin", "name": "bob"});
    assert!(fixture.create("users", stray).await.is_err());
    let true_to_it = json!({"id": "bob", "email": "bob@example.com", "role": "user", "name": "bob"});
    fixture.create("users", true_to_it).await.unwrap();
}

#[tokio::test]
async fn deleting_either_deletes_both() {
    let fixture = Fixture::open(TEAMS).await;
    fixture.create("teams", json!({"id": "red"})).await.unwrap();
    for id in ["ada", "bob", "cyd"] {
        make_user(&fixture, id, (id == "cyd").then_some("red")).await.unwrap().unwrap();
    }
    assert!(fixture.delete("users", "ada").await.unwrap());
    assert!(account_of(&fixture, "ada").await.is_none());
    let schema = fixture.store.schema();
    let gone = fixture.store.write_with(move |transaction| {
        Box::pin(async move { transaction.delete_account(&schema, &AccountId::new("bob")).await })
    });
    assert!(gone.await.unwrap());
    assert!(fixture.get("users", "bob").await.is_none());
    assert!(fixture.delete("teams", "red").await.unwrap(), "it takes its members along");
    assert!(account_of(&fixture, "cyd").await.is_none());
    assert_eq!(fixture.store.account_changes(0, 100).await.unwrap().changes.len(), 3);
}

#[tokio::test]
async fn a_profile_that_others_need_keeps_its_account() {
    let fixture = Fixture::open(TEAMS).await;
    make_user(&fixture, "ada", None).await.unwrap().unwrap();
    fixture.create("posts", json!({"id": "p", "author_id": "ada"})).await.unwrap();
    let schema = fixture.store.schema();
    let kept = fixture.store.write_with(move |transaction| {
        Box::pin(async move { transaction.delete_account(&schema, &AccountId::new("ada")).await })
    });
    assert!(matches!(kept.await, Err(Error::StillReferenced { collection: Some(name) }) if name == "posts"));
    assert!(account_of(&fixture, "ada").await.is_some() && fixture.get("users", "ada").await.is_some());
}

const SMALL: &str = "
version: 1
collections:
  users:
    fields:
      id: {type: uuid, primary: true}
      email: {type: string}
      role: {type: string, nullable: true}
      age: {type: string, nullable: true}
";

const ADA: &str = "
INSERT INTO users (id, email, role, age) VALUES ('1', 'ada@example.com', 'user', '36');
INSERT INTO _alyx_users (id, email, role, created_at, updated_at) VALUES ('1', 'ada@example.com', 'user', '', '');
";

/// Changes the account and expects the profile to follow; then deletes the profile and expects the account to go.
async fn still_one(lab: &Lab, table: &str, email: &str) {
    lab.sql("UPDATE _alyx_users SET email = 'new@example.com', role = 'admin' WHERE id = '1'").await;
    assert_eq!(lab.rows(&format!("SELECT {email}, role FROM {table}")).await, "new@example.com|admin");
    lab.sql(&format!("DELETE FROM {table}")).await;
    assert_eq!(lab.rows("SELECT count(*) FROM _alyx_users").await, "0");
}

#[tokio::test]
async fn they_stay_one_when_the_table_is_made_anew() {
    let mut lab = Lab::new(SMALL, ADA).await;
    let schema = edited(SMALL, "age: {type: string", "age: {type: int");
    let change = "  - {type: change_type, collection: users, field: age, to: {type: int, nullable: true}}\n";
    lab.migrate(&schema, &[("002_age.yaml", &file(change))]).await.unwrap();
    assert_eq!(lab.shape().await, fresh_shape(&schema).await);
    still_one(&lab, "users", "email").await;
}

#[tokio::test]
async fn they_stay_one_when_collection_and_field_are_renamed() {
    let mut lab = Lab::new(SMALL, ADA).await;
    let schema = edited(&edited(SMALL, "users:", "people:\n    auth: true"), "age:", "years:");
    let renames = "  - {type: rename_field, collection: users, from: age, to: years}\n  - {type: rename_collection, from: users, to: people}\n";
    lab.migrate(&schema, &[("002_people.yaml", &file(renames))]).await.unwrap();
    assert_eq!(lab.shape().await, fresh_shape(&schema).await);
    still_one(&lab, "people", "email").await;
}

#[tokio::test]
async fn a_collection_can_begin_and_cease_to_hold_profiles() {
    let ordinary = edited(SMALL, "users:", "users:\n    auth: false");
    let mut lab = Lab::new(&ordinary, ADA).await;
    lab.sql("UPDATE _alyx_users SET role = 'moderator'").await;
    assert_eq!(lab.rows("SELECT role FROM users").await, "user", "it is an ordinary collection");
    lab.migrate(SMALL, &[]).await.unwrap();
    assert_eq!(lab.rows("SELECT role FROM users").await, "moderator", "what is a mirror now shows the account");
    lab.migrate(&ordinary, &[]).await.unwrap();
    lab.sql("UPDATE _alyx_users SET role = 'user'; DELETE FROM users").await;
    assert_eq!(lab.rows("SELECT count(*) FROM _alyx_users").await, "1");
    assert_eq!(lab.shape().await, fresh_shape(&ordinary).await);
}

#[tokio::test]
async fn a_mirror_that_is_added_shows_the_account() {
    let without = edited(SMALL, "      role: {type: string, nullable: true}\n", "");
    let rows = "
        INSERT INTO users (id, email) VALUES ('1', 'ada@example.com');
        INSERT INTO _alyx_users (id, email, role, created_at, updated_at) VALUES ('1', 'ada@example.com', 'admin', '', '');";
    let mut lab = Lab::new(&without, rows).await;
    lab.migrate(SMALL, &[]).await.unwrap();
    assert_eq!(lab.rows("SELECT role FROM users").await, "admin");
    let mut lab = Lab::new(&without, rows).await;
    let required = edited(SMALL, "role: {type: string, nullable: true}", "role: {type: string}");
    let add = "  - {type: add_field, collection: users, field: role, definition: {type: string}, fill: user}\n";
    lab.migrate(&required, &[("002_role.yaml", &file(add))]).await.unwrap();
    assert_eq!(lab.rows("SELECT role FROM users").await, "admin");
    still_one(&lab, "users", "email").await;
}

#[tokio::test]
async fn accounts_outlive_a_dropped_profile_and_meet_it_again() {
    let mut lab = Lab::new(SMALL, ADA).await;
    let empty = "version: 1\ncollections: {}\n";
    lab.migrate(empty, &[("002_drop.yaml", &file("  - {type: drop_collection, collection: users}\n"))]).await.unwrap();
    lab.sql("UPDATE _alyx_users SET role = 'moderator'").await;
    lab.rollback(1).await.unwrap();
    assert_eq!(lab.rows("SELECT role FROM users").await, "moderator");
    still_one(&lab, "users", "email").await;
}

#[tokio::test]
async fn sql_of_a_migration_takes_accounts_and_sessions_along() {
    let mut lab = Lab::new(SMALL, ADA).await;
    lab.sql("INSERT INTO _alyx_sessions (id, user_id, refresh_token_hash, generation, key_id, nonce, rotated_at, created_at, last_used_at, expires_at)
        VALUES ('s', '1', '', 0, '', '', '', '', '', '2099')").await;
    let operations = "  - {type: sql, up: \"DELETE FROM users\"}\n  - {type: rename_field, collection: users, from: age, to: years}\n";
    lab.migrate(&edited(SMALL, "age:", "years:"), &[("002_clean.yaml", &file(operations))]).await.unwrap();
    assert_eq!(lab.rows("SELECT count(*) FROM _alyx_users").await, "0");
    assert_eq!(lab.rows("SELECT count(*) FROM _alyx_sessions").await, "0");
}

#[tokio::test]
async fn a_database_from_before_accounts_gets_its_triggers_at_the_next_start() {
    let mut lab = Lab::new(SMALL, ADA).await;
    let whole = lab.shape().await;
    for kind in ["joined", "mirrored", "left", "closed", "entered", "kept"] {
        lab.sql(&format!("DROP TRIGGER _alyx_users_{kind}")).await;
    }
    lab.sql("UPDATE _alyx_users SET role = 'admin'").await;
    assert!(lab.migrate(SMALL, &[]).await.unwrap().is_empty(), "no migration is needed");
    assert_eq!(lab.shape().await, whole);
    assert_eq!(lab.rows("SELECT role FROM users").await, "admin");
    still_one(&lab, "users", "email").await;
}
