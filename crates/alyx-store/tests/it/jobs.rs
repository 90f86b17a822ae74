//! Requests of several statements.

use alyx_store::Error;
use serde_json::json;

use crate::fixture::Fixture;

#[tokio::test]
async fn a_failing_job_is_rolled_back_alone() {
    let fixture = Fixture::blog().await;
    let insert = |id: &'static str, fail: bool| {
        fixture.store.write_with(move |transaction| {
            Box::pin(async move {
                transaction.script(&format!("INSERT INTO users (id, email) VALUES ('{id}', '{id}')")).await?;
                transaction.script(&format!("UPDATE users SET name = 'n' WHERE id = '{id}'")).await?;
                if fail { Err(Error::Busy) } else { Ok(id) }
            })
        })
    };
    let (kept, undone, user, other) =
        tokio::join!(insert("a", false), insert("b", true), fixture.user("c"), insert("d", false));
    assert_eq!((kept.unwrap(), other.unwrap()), ("a", "d"));
    assert!(matches!(undone, Err(Error::Busy)));
    let () = user;
    let list = fixture.list(&fixture.query("users")).await;
    assert_eq!(crate::fixture::ids(&list), ["a", "c", "d"]);
}

#[tokio::test]
async fn a_panic_in_a_job_leaves_the_queue_working() {
    let fixture = Fixture::blog().await;
    let panicked = fixture.store.write_with::<(), _>(|transaction| {
        Box::pin(async move {
            transaction.script("INSERT INTO users (id, email) VALUES ('a', 'a')").await?;
            panic!("a job may be wrong")
        })
    });
    assert!(panicked.await.is_err());
    fixture.create("users", json!({"id": "b", "email": "b"})).await.unwrap();
    assert_eq!(crate::fixture::ids(&fixture.list(&fixture.query("users")).await), ["b"]);
}

#[tokio::test]
async fn jobs_and_statements_share_commits() {
    let fixture = Fixture::blog().await;
    let jobs = (0..40).map(|number| async move { number }).map(|number| async {
        let number = number.await;
        if number % 2 == 0 {
            fixture.user(&format!("u{number}")).await;
        } else {
            let script = format!("INSERT INTO users (id, email) VALUES ('u{number}', '{number}')");
            let job =
                fixture.store.write_with(|transaction| Box::pin(async move { transaction.script(&script).await }));
            job.await.unwrap();
        }
    });
    futures_util::future::join_all(jobs).await;
    assert_eq!(fixture.list(&fixture.query("users")).await.total, Some(40));
    let stats = fixture.store.stats();
    assert!(stats.commits < 40, "{stats:?}");
    let sizes = stats.commit_sizes;
    assert_eq!((sizes.writes, sizes.counts.iter().sum::<u64>()), (40, stats.commits), "{stats:?}");
    assert!(sizes.counts[1..].iter().any(|count| *count > 0), "{stats:?}");
}
