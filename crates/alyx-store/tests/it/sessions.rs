//! Transactions over several calls: what they see, when they may write, and how they end.

mod history;

use std::{sync::Arc, time::Duration};

use alyx_query::{Everything, FieldRef, Predicate};
use alyx_schema::Value;
use alyx_store::{
    Error, Projection, Result, Store,
    session::{Ended, Session},
};
use serde_json::{Value as Json, json};

use crate::fixture::{Fixture, document, ids, value};

/// Longer than any test here holds up others.
const LONG: Duration = Duration::from_secs(60);

/// An open transaction and what is inside of it.
struct Inside {
    session: Session,
    store: Store,
}

impl Inside {
    async fn begin(fixture: &Fixture) -> Self {
        let session = fixture.store.begin(LONG).await.unwrap();
        let store = fixture.store.within(&session);
        Self { session, store }
    }

    async fn create(&self, collection: &str, json: Json) -> Result<Json> {
        let collection = self.store.schema().collection(collection).unwrap().clone();
        let document = document(&collection, &json);
        let written = self.store.create(&collection, document, &Predicate::TRUE, &Everything).await?.unwrap();
        Ok(serde_json::from_slice(&written.json).unwrap())
    }

    async fn rename(&self, id: &str, name: &str) -> Result<bool> {
        let users = self.store.schema().collection("users").unwrap().clone();
        let field = FieldRef::named(&users, "name").unwrap();
        let changes = vec![(field, value(&users.fields[2], &json!(name)))];
        let id = Value::Text(id.to_owned());
        let written = self.store.update(&users, &id, changes, &Predicate::TRUE, &Everything).await?;
        Ok(written.is_some())
    }

    async fn name(&self, id: &str) -> Result<Option<Json>> {
        let users = self.store.schema().collection("users").unwrap().clone();
        let found = self.store.get(&users, &Value::Text(id.to_owned()), &Projection::default(), &Everything).await?;
        Ok(found.map(|json| serde_json::from_slice::<Json>(&json).unwrap()["name"].clone()))
    }

    async fn commit(self) -> Result<i64> {
        self.session.commit().await
    }
}

#[track_caller]
fn ended<T: std::fmt::Debug>(result: Result<T>, expected: Ended) {
    match result {
        Err(Error::TransactionEnded { how }) => assert_eq!(how, expected),
        other => panic!("{other:?} in place of {expected:?}"),
    }
}

#[tokio::test]
async fn it_reads_its_own_writes_and_others_do_not_until_it_is_committed() {
    let fixture = Fixture::blog().await;
    fixture.user("a").await;
    let inside = Inside::begin(&fixture).await;
    assert_eq!(inside.name("a").await.unwrap(), Some(Json::Null));
    inside.create("users", json!({"id": "b", "email": "b@example.com"})).await.unwrap();
    assert!(inside.rename("a", "Ann").await.unwrap());
    assert_eq!(inside.name("a").await.unwrap(), Some(json!("Ann")));
    let list = inside.store.list(&fixture.query("users"), &Everything).await.unwrap();
    assert_eq!((ids(&list), list.total), (vec!["a".to_owned(), "b".to_owned()], Some(2)));

    assert_eq!(fixture.get("users", "a").await.unwrap()["name"], Json::Null);
    assert_eq!(fixture.list(&fixture.query("users")).await.total, Some(1));
    let position = inside.commit().await.unwrap();
    assert_eq!(*fixture.store.commits().borrow(), position);
    assert_eq!(fixture.get("users", "a").await.unwrap()["name"], "Ann");
    assert_eq!(fixture.list(&fixture.query("users")).await.total, Some(2));
}

#[tokio::test]
async fn its_moment_stays_while_others_write() {
    let fixture = Fixture::blog().await;
    for number in 0..200 {
        fixture.user(&format!("u{number}")).await;
    }
    let query = fixture.query("users");
    assert_eq!(fixture.list(&query).await.total, Some(200));
    let inside = Inside::begin(&fixture).await;
    fixture.user("later").await;
    fixture.update("users", "u1", json!({"name": "New"})).await.unwrap();
    assert_eq!(fixture.list(&query).await.total, Some(201));
    assert_eq!(inside.store.list(&query, &Everything).await.unwrap().total, Some(200));
    assert_eq!(inside.name("u1").await.unwrap(), Some(Json::Null));
    assert_eq!(inside.name("later").await.unwrap(), None);
    // What it counted is of no use to others.
    assert_eq!(fixture.list(&query).await.total, Some(201));
    inside.commit().await.unwrap();
}

#[tokio::test]
async fn what_it_has_read_must_not_have_changed_when_it_writes() {
    let fixture = Fixture::blog().await;
    fixture.user("a").await;
    fixture.user("b").await;
    let inside = Inside::begin(&fixture).await;
    inside.name("a").await.unwrap();
    fixture.update("users", "a", json!({"name": "Other"})).await.unwrap();
    ended(inside.rename("a", "Mine").await, Ended::Stale);
    ended(inside.name("a").await, Ended::Stale);
    ended(inside.session.commit().await, Ended::Stale);
    assert_eq!(fixture.get("users", "a").await.unwrap()["name"], "Other");
    // Nobody waits for it.
    fixture.update("users", "a", json!({"name": "Again"})).await.unwrap();
}

#[tokio::test]
async fn what_it_has_not_read_may_change() {
    let fixture = Fixture::blog().await;
    fixture.user("a").await;
    fixture.user("b").await;
    let inside = Inside::begin(&fixture).await;
    inside.name("a").await.unwrap();
    fixture.update("users", "b", json!({"name": "Other"})).await.unwrap();
    assert!(inside.rename("a", "Mine").await.unwrap());
    assert_eq!(inside.name("b").await.unwrap(), Some(json!("Other")));
    inside.commit().await.unwrap();

    let inside = Inside::begin(&fixture).await;
    inside.store.list(&fixture.query("users"), &Everything).await.unwrap();
    fixture.user("c").await;
    ended(inside.rename("a", "Late").await, Ended::Stale);

    // One that has read nothing has nothing to rely on.
    let inside = Inside::begin(&fixture).await;
    fixture.user("d").await;
    assert!(inside.rename("d", "Blind").await.unwrap());
    inside.commit().await.unwrap();
    assert_eq!(fixture.get("users", "d").await.unwrap()["name"], "Blind");
}

#[tokio::test]
async fn a_failed_write_leaves_nothing_of_itself_and_the_rest_stands() {
    let fixture = Fixture::blog().await;
    fixture.user("a").await;
    let inside = Inside::begin(&fixture).await;
    inside.create("users", json!({"id": "b", "email": "b@example.com"})).await.unwrap();
    let taken = inside.create("users", json!({"id": "c", "email": "b@example.com"})).await;
    assert!(matches!(taken, Err(Error::Taken { .. })), "{taken:?}");
    let missing = inside.create("posts", json!({"id": "p", "title": "x", "author_id": "zzz"})).await;
    assert!(matches!(missing, Err(Error::MissingReference { .. })), "{missing:?}");
    // The one it refers to is there for the transaction alone.
    inside.create("posts", json!({"id": "p", "title": "x", "author_id": "b"})).await.unwrap();
    inside.commit().await.unwrap();
    assert!(fixture.get("users", "b").await.is_some() && fixture.get("users", "c").await.is_none());
    assert!(fixture.get("posts", "p").await.is_some());
}

#[tokio::test]
async fn a_part_is_undone_alone() {
    let fixture = Fixture::blog().await;
    let inside = Inside::begin(&fixture).await;
    inside.create("users", json!({"id": "a", "email": "a@example.com"})).await.unwrap();
    let part = inside.session.begin_part().await.unwrap();
    inside.create("users", json!({"id": "b", "email": "b@example.com"})).await.unwrap();
    drop(part);
    assert_eq!(inside.name("b").await.unwrap(), None);
    let part = inside.session.begin_part().await.unwrap();
    inside.create("users", json!({"id": "c", "email": "c@example.com"})).await.unwrap();
    part.keep().await.unwrap();
    inside.commit().await.unwrap();
    assert_eq!(ids(&fixture.list(&fixture.query("users")).await), ["a", "c"]);
}

#[tokio::test]
async fn a_part_can_hold_the_first_write() {
    let fixture = Fixture::blog().await;
    let inside = Inside::begin(&fixture).await;
    fixture.user("other").await;
    let part = inside.session.begin_part().await.unwrap();
    inside.create("users", json!({"id": "a", "email": "a@example.com"})).await.unwrap();
    part.keep().await.unwrap();
    inside.commit().await.unwrap();
    assert_eq!(ids(&fixture.list(&fixture.query("users")).await), ["a", "other"]);
}

#[tokio::test]
async fn several_statements_are_one_request_of_it() {
    let fixture = Fixture::blog().await;
    let inside = Inside::begin(&fixture).await;
    let insert = |id: &str| format!(r#"INSERT INTO "users" ("id", "email") VALUES ('{id}', '{id}@example.com')"#);
    let (first, second) = (insert("a"), insert("b"));
    inside.store.write_with(move |job| Box::pin(async move { job.script(&first).await })).await.unwrap();
    let refused: Result<Result<(), &str>> = inside
        .store
        .write_or_refuse(move |job| {
            Box::pin(async move {
                job.script(&second).await?;
                Ok(Err("no"))
            })
        })
        .await;
    assert_eq!(refused.unwrap(), Err("no"));
    assert!(inside.name("a").await.unwrap().is_some() && inside.name("b").await.unwrap().is_none());
    inside.commit().await.unwrap();
    assert_eq!(ids(&fixture.list(&fixture.query("users")).await), ["a"]);
}

#[tokio::test]
async fn it_is_committed_or_rolled_back_once() {
    let fixture = Fixture::blog().await;
    let inside = Arc::new(Inside::begin(&fixture).await);
    inside.create("users", json!({"id": "a", "email": "a@example.com"})).await.unwrap();
    let commits = (0..8).map(|_| {
        let inside = inside.clone();
        tokio::spawn(async move { inside.session.commit().await })
    });
    let commits: Vec<_> = futures_util::future::join_all(commits).await;
    let (done, refused): (Vec<_>, Vec<_>) = commits.into_iter().map(|end| end.unwrap()).partition(Result::is_ok);
    assert_eq!((done.len(), refused.len()), (1, 7));
    refused.into_iter().for_each(|end| ended(end, Ended::Committed));
    ended(inside.session.roll_back().await, Ended::Committed);

    let inside = Inside::begin(&fixture).await;
    inside.rename("a", "Never").await.unwrap();
    inside.session.roll_back().await.unwrap();
    ended(inside.session.commit().await, Ended::RolledBack);
    assert_eq!(fixture.get("users", "a").await.unwrap()["name"], Json::Null);
}

#[tokio::test]
async fn who_keeps_others_from_writing_for_too_long_is_rolled_back() {
    let fixture = Fixture::blog().await;
    fixture.user("a").await;
    let session = fixture.store.begin(Duration::from_millis(30)).await.unwrap();
    let inside = Inside { store: fixture.store.within(&session), session };
    inside.rename("a", "Never").await.unwrap();
    // It waits for the lease to end.
    fixture.update("users", "a", json!({"name": "Other"})).await.unwrap();
    ended(inside.rename("a", "Never").await, Ended::LeaseOver);
    ended(inside.session.commit().await, Ended::LeaseOver);
    assert_eq!(fixture.get("users", "a").await.unwrap()["name"], "Other");
}

#[tokio::test]
async fn a_write_that_changes_nothing_holds_up_nobody() {
    let fixture = Fixture::blog().await;
    fixture.user("a").await;
    let inside = Inside::begin(&fixture).await;
    assert!(!inside.rename("nobody", "x").await.unwrap());
    let taken = inside.create("users", json!({"id": "b", "email": "a@example.com"})).await;
    assert!(matches!(taken, Err(Error::Taken { .. })), "{taken:?}");
    // Were it to hold the lease, this would wait for a minute.
    tokio::time::timeout(LONG / 2, fixture.user("c")).await.unwrap();
    inside.session.roll_back().await.unwrap();
}

#[tokio::test]
async fn one_that_is_dropped_is_rolled_back() {
    let fixture = Fixture::blog().await;
    fixture.user("a").await;
    let inside = Inside::begin(&fixture).await;
    inside.rename("a", "Never").await.unwrap();
    drop(inside);
    tokio::time::timeout(LONG / 2, fixture.update("users", "a", json!({"secret": "x"}))).await.unwrap().unwrap();
    assert_eq!(fixture.get("users", "a").await.unwrap()["name"], Json::Null);
}

#[tokio::test]
async fn only_so_many_are_open_and_closing_ends_them() {
    let fixture = Fixture::open_with(crate::fixture::BLOG, |options| options.transactions = 2).await;
    let first = Inside::begin(&fixture).await;
    let second = Inside::begin(&fixture).await;
    assert_eq!(fixture.store.stats().transactions, 2);
    assert!(matches!(fixture.store.begin(LONG).await, Err(Error::TooManyTransactions)));
    // One that writes at once is not among them.
    let batch = fixture.store.begin_writing(LONG).await.unwrap();
    batch.commit().await.unwrap();
    first.session.roll_back().await.unwrap();
    let third = Inside::begin(&fixture).await;
    third.create("users", json!({"id": "a", "email": "a@example.com"})).await.unwrap();
    fixture.store.close().await;
    ended(third.session.commit().await, Ended::Closed);
    ended(second.name("a").await, Ended::Closed);
}

#[tokio::test]
async fn a_commit_is_one_step_of_the_feed() {
    let fixture = Fixture::blog().await;
    fixture.user("a").await;
    let before = *fixture.store.commits().borrow();
    let inside = Inside::begin(&fixture).await;
    for id in ["b", "c", "d"] {
        inside.create("users", json!({"id": id, "email": id})).await.unwrap();
    }
    let position = inside.commit().await.unwrap();
    fixture.user("e").await;
    let after = *fixture.store.commits().borrow();
    assert_eq!(position, before + 3);
    assert_eq!(fixture.store.commits_between(before, after + 1), [position, after]);
    let changes = fixture.store.changes(before, 100).await.unwrap();
    assert_eq!(changes.len(), 4);
}

#[tokio::test]
async fn lost_updates_cannot_be() {
    let fixture = Arc::new(Fixture::blog().await);
    fixture.create("users", json!({"id": "a", "email": "a", "name": "0"})).await.unwrap();
    let loops = (0..4).map(|_| {
        let fixture = fixture.clone();
        tokio::spawn(async move {
            for _ in 0..10 {
                while !increment(&fixture).await {}
            }
        })
    });
    futures_util::future::join_all(loops).await.into_iter().for_each(|end| end.unwrap());
    assert_eq!(fixture.get("users", "a").await.unwrap()["name"], "40");
}

/// Whether there was no conflict.
async fn increment(fixture: &Fixture) -> bool {
    let inside = Inside::begin(fixture).await;
    let name = inside.name("a").await.unwrap().unwrap();
    let number: u32 = name.as_str().unwrap().parse().unwrap();
    match inside.rename("a", &(number + 1).to_string()).await {
        Ok(true) => inside.commit().await.is_ok(),
        Err(Error::TransactionEnded { how: Ended::Stale }) => false,
        other => panic!("{other:?}"),
    }
}
