//! The tables of accounts: what is single use, what ends with what, and who hears of it.

mod audit;
mod profiles;
mod seeds;

use std::{sync::Arc, time::Duration};

use alyx_query::Predicate;
use alyx_schema::Value;
use alyx_store::{
    Database, Error, Store,
    account::{
        AccountChangeKind, AccountId, AccountQuery, AccountUpdate, NewAccount, NewOneTimeToken, NewSession, Rotation,
        SessionId,
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, json};

use crate::fixture::Fixture;

pub(crate) fn noon() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub(crate) fn account(id: &str) -> NewAccount {
    NewAccount {
        id: AccountId::new(id),
        email: format!("{id}@example.com"),
        password_hash: Some("hash".to_owned()),
        role: "user".to_owned(),
        verified: false,
        metadata: Map::new(),
        at: noon(),
    }
}

pub(crate) async fn make(store: &Store, id: &str) -> Result<(), Error> {
    let new = account(id);
    store.write_with(move |transaction| Box::pin(async move { transaction.insert_account(&new).await })).await
}

pub(crate) async fn update(store: &Store, id: &str, update: AccountUpdate) -> bool {
    let id = AccountId::new(id);
    let job = store.write_with(move |transaction| {
        Box::pin(async move { transaction.update_account(&id, &update, noon() + SignedDuration::from_secs(60)).await })
    });
    job.await.unwrap()
}

async fn begin_session(store: &Store, id: &str, account: &str, expires_at: Timestamp) {
    let rotation = Rotation {
        generation: 0,
        refresh_token_hash: "h".to_owned(),
        key_id: "k".to_owned(),
        recent_rotations: "[]".to_owned(),
        at: noon(),
        expires_at,
    };
    let new = NewSession {
        id: SessionId::new(id),
        account: AccountId::new(account),
        rotation,
        nonce: "n".to_owned(),
        user_agent: Some("curl".to_owned()),
        ip_address: Some("192.0.2.1".to_owned()),
    };
    store.write_with(move |transaction| Box::pin(async move { transaction.insert_session(&new).await })).await.unwrap();
}

const PLAIN: &str = "version: 1\ncollections: {notes: {fields: {id: {type: id, primary: true}}}}";

fn later() -> Timestamp {
    "2099-01-01T00:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn an_account_is_stored_and_found() {
    let store = Fixture::open(PLAIN).await.store.clone();
    make(&store, "ada").await.unwrap();
    let found = store.credentials_by_email("ada@example.com").await.unwrap().unwrap();
    assert_eq!(found.password_hash.as_deref(), Some("hash"));
    assert!(found.account.has_password && !found.account.verified && !found.account.banned);
    assert_eq!((found.account.created_at, found.account.last_sign_in_at), (noon(), None));
    assert!(!format!("{found:?}").contains("\"hash\""));
    let taken = NewAccount { id: AccountId::new("eve"), ..account("ada") };
    let taken = store.write_with(move |transaction| Box::pin(async move { transaction.insert_account(&taken).await }));
    assert!(matches!(taken.await, Err(Error::Taken { fields }) if fields == ["email"]));
    let metadata = Map::from_iter([("plan".to_owned(), json!("gold"))]);
    let set = AccountUpdate { role: Some("admin".to_owned()), metadata: Some(metadata.clone()), ..Default::default() };
    assert!(update(&store, "ada", set).await);
    assert!(!update(&store, "nobody", AccountUpdate::default()).await);
    let changed = store.account(&AccountId::new("ada")).await.unwrap().unwrap();
    assert_eq!(
        (changed.role.as_str(), &changed.metadata, changed.email.as_str()),
        ("admin", &metadata, "ada@example.com")
    );
    assert!(
        store.has_account_of_role("admin").await.unwrap() && !store.has_account_of_role("moderator").await.unwrap()
    );
}

#[tokio::test]
async fn accounts_are_listed_a_page_at_a_time() {
    let store = Fixture::open(PLAIN).await.store.clone();
    for id in ["a1", "a2", "b1"] {
        make(&store, id).await.unwrap();
    }
    update(&store, "a2", AccountUpdate { banned: Some(true), role: Some("editor".to_owned()), ..Default::default() })
        .await;
    let list = async |query: AccountQuery| {
        let page = store.accounts(&query).await.unwrap();
        (page.accounts.iter().map(|account| account.id.to_string()).collect::<Vec<_>>(), page.total)
    };
    let all = AccountQuery { limit: 2, ..AccountQuery::default() };
    assert_eq!(list(all.clone()).await, (vec!["b1".to_owned(), "a2".to_owned()], 3));
    assert_eq!(list(AccountQuery { offset: 2, ..all.clone() }).await, (vec!["a1".to_owned()], 3));
    assert_eq!(
        list(AccountQuery { email_contains: Some("a".to_owned()), ..all.clone() }).await.1,
        3,
        "example has one"
    );
    assert_eq!(list(AccountQuery { email_contains: Some("b1@".to_owned()), ..all.clone() }).await.1, 1);
    assert_eq!(list(AccountQuery { banned: Some(true), ..all.clone() }).await.0, ["a2"]);
    assert_eq!(list(AccountQuery { role: Some("user".to_owned()), ..all }).await.1, 2);
}

#[tokio::test]
async fn ac06_a_one_time_token_has_one_winner() {
    let store = Fixture::open(PLAIN).await.store.clone();
    make(&store, "ada").await.unwrap();
    let token = |purpose| NewOneTimeToken {
        hash: "hash".to_owned(),
        purpose,
        account: Some(AccountId::new("ada")),
        data: Map::new(),
        at: noon(),
        expires_at: noon() + SignedDuration::from_hours(1),
    };
    let new = token("reset");
    store
        .write_with(move |transaction| Box::pin(async move { transaction.insert_one_time_token(&new).await }))
        .await
        .unwrap();
    let take = |hash: &'static str, purpose: &'static str, at: Timestamp| {
        store.write_with(move |transaction| {
            Box::pin(async move { transaction.take_one_time_token(hash, purpose, at).await })
        })
    };
    assert!(take("hash", "verify", noon()).await.unwrap().is_none(), "it is for something else");
    assert!(take("other", "reset", noon()).await.unwrap().is_none());
    assert!(take("hash", "reset", noon() + SignedDuration::from_hours(1)).await.unwrap().is_none(), "it is late");
    let all = futures_util::future::join_all((0..50).map(|_| take("hash", "reset", noon()))).await;
    let won: Vec<_> = all.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(won.len(), 1);
    assert_eq!(won[0].account, Some(AccountId::new("ada")));
}

#[tokio::test]
async fn a_refusal_keeps_nothing_and_is_the_answer() {
    let store = Fixture::open(PLAIN).await.store.clone();
    let new = account("ada");
    let refused = store.write_or_refuse::<(), _, _>(move |transaction| {
        Box::pin(async move {
            transaction.insert_account(&new).await?;
            Ok(Err("no"))
        })
    });
    assert_eq!(refused.await.unwrap(), Err("no"));
    assert!(store.account(&AccountId::new("ada")).await.unwrap().is_none());
}

#[tokio::test]
async fn whatever_changes_an_account_is_told() {
    let fixture = Fixture::open(PLAIN).await;
    let store = &fixture.store;
    make(store, "ada").await.unwrap();
    begin_session(store, "s1", "ada", later()).await;
    begin_session(store, "s2", "ada", later()).await;
    let position = || *store.account_changes_made().borrow();
    assert_eq!(position(), 0, "what is new was remembered by nobody");
    let signed_in = store.write_with(|transaction| {
        Box::pin(async move {
            transaction.note_sign_in(&AccountId::new("ada"), noon()).await?;
            transaction.replace_password_hash(&AccountId::new("ada"), ("hash", "dearer")).await
        })
    });
    signed_in.await.unwrap();
    assert_eq!(position(), 0, "nobody remembers when somebody signed in, or a hash");
    update(store, "ada", AccountUpdate { role: Some("admin".to_owned()), ..Default::default() }).await;
    assert_eq!(position(), 1);
    let schema = store.schema();
    let job = store.write_with(move |transaction| {
        Box::pin(async move {
            assert!(!transaction.end_session(&AccountId::new("eve"), &SessionId::new("s1")).await?);
            assert!(transaction.end_session(&AccountId::new("ada"), &SessionId::new("s1")).await?);
            transaction.delete_account(&schema, &AccountId::new("ada")).await
        })
    });
    assert!(job.await.unwrap());
    let told = store.account_changes(1, 100).await.unwrap();
    let told: Vec<_> =
        told.changes.iter().map(|change| (change.kind, change.session.as_ref().map(SessionId::as_str))).collect();
    assert_eq!(told[0], (AccountChangeKind::SignedOut, Some("s1")));
    assert!(
        told.contains(&(AccountChangeKind::SignedOut, Some("s2")))
            && told.contains(&(AccountChangeKind::Deleted, None))
    );
    assert_eq!(position(), 1 + i64::try_from(told.len()).unwrap());
    assert!(store.session_state(&SessionId::new("s2")).await.unwrap().is_none());
}

#[tokio::test]
async fn changes_by_another_process_are_told_too() {
    let fixture = Fixture::open(PLAIN).await;
    make(&fixture.store, "ada").await.unwrap();
    let mut told = fixture.store.account_changes_made().clone();
    told.mark_unchanged();
    let mut other = Database::open(&fixture.options).await.unwrap();
    other.execute("UPDATE _alyx_users SET banned = 1").await.unwrap();
    tokio::time::timeout(Duration::from_secs(20), told.changed()).await.expect("it is noticed").unwrap();
    let changes = fixture.store.account_changes(0, 100).await.unwrap();
    assert_eq!(changes.changes[0].account, AccountId::new("ada"));
    assert!(changes.complete);
    other
        .execute(
            "DELETE FROM _alyx_account_changes; UPDATE _alyx_users SET banned = 0; UPDATE _alyx_users SET banned = 1;
        DELETE FROM _alyx_account_changes WHERE id = 1",
        )
        .await
        .unwrap();
    assert!(!fixture.store.account_changes(0, 100).await.unwrap().complete, "the first is gone");
    other.close().await.unwrap();
}

#[tokio::test]
async fn what_has_expired_is_deleted() {
    let fixture = Fixture::open(PLAIN).await;
    make(&fixture.store, "ada").await.unwrap();
    begin_session(&fixture.store, "old", "ada", "2020-01-01T00:00:00Z".parse().unwrap()).await;
    begin_session(&fixture.store, "new", "ada", later()).await;
    fixture.store.close().await;
    let store = Database::open(&fixture.options).await.unwrap().into_store(fixture.store.schema()).await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while store.session_state(&SessionId::new("old")).await.unwrap().is_some() {
        assert!(tokio::time::Instant::now() < deadline, "it is still there");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(store.session_state(&SessionId::new("new")).await.unwrap().is_some());
}

/// Stores a profile and its account, or neither.
pub(crate) async fn make_with_profile(
    store: &Store,
    collection: &str,
    document: alyx_schema::Document,
    guard: Predicate,
) -> Result<Result<(), &'static str>, Error> {
    let collection = store.schema().collection(collection).unwrap().clone();
    let Value::Text(id) = document.values[collection.primary].clone() else { panic!("ids are text") };
    let new = account(&id);
    let collection = Arc::clone(&collection);
    let job = store.write_or_refuse(move |transaction| {
        Box::pin(async move {
            if !transaction.insert_profile(&collection, document, &guard).await? {
                return Ok(Err("denied"));
            }
            transaction.insert_account(&new).await.map(Ok)
        })
    });
    job.await
}
