//! Reads that take too long, callers that go away, files that are private.

use std::time::Duration;

use alyx_query::{FieldRef, Predicate};
use alyx_store::Error;
use serde_json::json;

use crate::fixture::Fixture;

const MANY: &str = "
INSERT INTO users (id, email) VALUES ('anna', 'anna');
WITH RECURSIVE ids(id) AS (VALUES (0) UNION ALL SELECT id + 1 FROM ids WHERE id < 20000)
INSERT INTO posts (id, title, author_id, published, views, created_at)
SELECT 'p' || id, 'title', 'anna', 0, 0, '2026-01-31T08:30:00.000Z' FROM ids;
";

#[tokio::test]
async fn a_read_past_its_budget_is_stopped_and_its_connection_goes_on() {
    let fixture = Fixture::open_with(crate::fixture::BLOG, |options| {
        options.readers = 1;
        options.read_timeout = Some(Duration::ZERO);
    })
    .await;
    let mut other = alyx_store::Database::open(&fixture.options).await.unwrap();
    other.execute(MANY).await.unwrap();
    let mut query = fixture.query("posts");
    let title = FieldRef::named(&query.collection, "title").unwrap();
    query.predicate = Predicate::Like { field: title, pattern: "%x%y%z%".to_owned() };
    for _ in 0..3 {
        let list = fixture.store.list(&query, &alyx_query::Everything).await;
        assert!(matches!(list, Err(Error::TooSlow { .. })), "{list:?}");
        assert!(fixture.get("posts", "p7").await.is_some(), "a short read is no slow one");
    }
}

#[tokio::test]
async fn a_read_whose_caller_went_away_frees_its_connection() {
    let fixture = Fixture::open_with(crate::fixture::BLOG, |options| {
        options.readers = 1;
        options.read_timeout = None;
    })
    .await;
    let mut other = alyx_store::Database::open(&fixture.options).await.unwrap();
    other.execute(MANY).await.unwrap();
    let mut query = fixture.query("posts");
    let title = FieldRef::named(&query.collection, "title").unwrap();
    query.predicate = Predicate::Like { field: title, pattern: "%x%y%z%".to_owned() };
    // The database has a thread of its own, which now and then answers before the first look.
    let went_away = || futures_util::FutureExt::now_or_never(fixture.store.list(&query, &alyx_query::Everything));
    let abandoned = (0..1000).filter(|_| went_away().is_none()).take(5).count();
    assert_eq!(abandoned, 5, "a read has to wait for the database");
    assert!(fixture.get("posts", "p7").await.is_some());
}

#[tokio::test]
async fn a_write_whose_caller_went_away_is_done_once_and_whole() {
    let fixture = Fixture::blog().await;
    let mut commits = fixture.store.commits();
    for number in 0..20 {
        let write = fixture.create("users", json!({"id": format!("u{number}"), "email": format!("{number}")}));
        // One that was quick enough to be done is as good.
        let _ = futures_util::FutureExt::now_or_never(write);
    }
    commits.wait_for(|position| *position >= 20).await.unwrap();
    assert_eq!(fixture.list(&fixture.query("users")).await.total, Some(20));
    assert_eq!(fixture.store.changes(0, 100).await.unwrap().len(), 20);
}

#[tokio::test]
async fn closing_finishes_what_was_accepted() {
    let fixture = Fixture::blog().await;
    let document = |number| {
        let json = json!({"id": format!("u{number}"), "email": format!("{number}")});
        crate::fixture::document(&fixture.collection("users"), &json)
    };
    let users = fixture.collection("users");
    let writes: Vec<_> = (0..50)
        .map(|number| {
            Box::pin(fixture.store.create(
                &users,
                document(number),
                &alyx_query::Predicate::TRUE,
                &alyx_query::Everything,
            ))
        })
        .collect();
    let (written, ()) = tokio::join!(futures_util::future::join_all(writes), fixture.store.close());
    let accepted = written.iter().filter(|result| result.is_ok()).count();
    assert_eq!(accepted, 50, "all were accepted before the store was closed");
    let late = fixture.create("users", json!({"id": "late", "email": "late"})).await;
    assert!(matches!(late, Err(Error::Closed)), "{late:?}");
    let again = alyx_store::Store::open(fixture.options.clone(), fixture.store.schema()).await.unwrap();
    assert_eq!(again.list(&fixture.query("users"), &alyx_query::Everything).await.unwrap().total, Some(50));
}

#[cfg(unix)]
#[tokio::test]
async fn the_data_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::blog().await;
    let folder = fixture.options.path.parent().unwrap();
    assert_eq!(std::fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn the_feed_is_trimmed_by_age_but_for_its_newest_row() {
    let fixture = Fixture::blog().await;
    for number in 0..5 {
        fixture.user(&format!("u{number}")).await;
    }
    fixture.store.close().await;
    let mut database = alyx_store::Database::open(&fixture.options).await.unwrap();
    let old = "UPDATE _alyx_changes SET timestamp = '2020-01-01T00:00:00.000Z'";
    database.execute(old).await.unwrap();
    let store = database.into_store(fixture.store.schema()).await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    loop {
        let kept: Vec<i64> = store.changes(0, 10).await.unwrap().iter().map(|change| change.position).collect();
        if kept == [5] {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{kept:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn an_answer_beyond_64_mib_is_refused_and_a_part_of_it_is_not() {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    let megabyte = "é".repeat(512 * 1024);
    for number in 0..66 {
        fixture
            .create("posts", json!({"id": format!("p{number:02}"), "title": megabyte, "author_id": "anna"}))
            .await
            .unwrap();
    }
    let mut query = fixture.query("posts");
    let list = fixture.store.list(&query, &alyx_query::Everything).await;
    assert!(matches!(list, Err(Error::AnswerTooLarge)), "{:?}", list.map(|list| list.docs.len()));
    query.limit = 50;
    assert_eq!(crate::fixture::ids(&fixture.list(&query).await).len(), 50);
    query.limit = 100;
    query.fields = Some(vec![FieldRef::primary(&query.collection)]);
    assert_eq!(fixture.list(&query).await.total, Some(66));
}

#[tokio::test]
async fn a_document_beyond_64_mib_is_refused_alone() {
    let fixture = Fixture::blog().await;
    let large = json!({"id": "large", "email": "l", "name": "n".repeat(65 << 20)});
    let (before, refused, after) = tokio::join!(
        fixture.create("users", json!({"id": "a", "email": "a"})),
        fixture.create("users", large),
        fixture.create("users", json!({"id": "b", "email": "b"})),
    );
    assert!(matches!(refused, Err(Error::DocumentTooLarge)), "{refused:?}");
    assert!(before.is_ok() && after.is_ok());
}

#[tokio::test]
async fn a_store_that_was_replaced_serves_those_who_hold_it() {
    let fixture = Fixture::blog().await;
    let retiring = tokio::spawn(fixture.store.clone().retire(Duration::from_secs(60)));
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    fixture.create("users", json!({"id": "a", "email": "a"})).await.unwrap();
    assert!(fixture.get("users", "a").await.is_some());
    drop(fixture);
    retiring.await.unwrap();
}
