//! The function on a real connection.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use alyx_sqlite::{RowTest, SqlValue, install, keep};
use sqlx::{Connection, SqliteConnection};

/// Says what its closure says, and counts how often it lives.
struct Test<F>(F, Arc<AtomicUsize>);

impl<F> Drop for Test<F> {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::SeqCst);
    }
}

impl<F: Fn(&[SqlValue<'_>]) -> Option<bool> + Send + Sync> RowTest for Test<F> {
    fn test(&self, values: &[SqlValue<'_>]) -> Option<bool> {
        (self.0)(values)
    }
}

async fn connect() -> SqliteConnection {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.expect("memory can be opened");
    install(&mut connection).await.expect("the function is taken");
    connection
}

fn test<F>(test: F) -> (Arc<Test<F>>, Arc<AtomicUsize>)
where
    F: Fn(&[SqlValue<'_>]) -> Option<bool> + Send + Sync,
{
    let alive = Arc::new(AtomicUsize::new(1));
    (Arc::new(Test(test, Arc::clone(&alive))), alive)
}

const ROWS: &str = "SELECT count(*) FROM (VALUES (1), (2), (3), (4), (NULL)) WHERE alyx_scan(?, column1)";

#[tokio::test]
async fn each_row_is_asked_and_the_test_is_let_go() {
    let mut connection = connect().await;
    let (even, alive) = test(|values| match values {
        [SqlValue::Integer(number)] => Some(number % 2 == 0),
        _ => None,
    });
    let kept = keep(even);
    for _ in 0..3 {
        let count: i64 = sqlx::query_scalar(ROWS).bind(kept.number()).fetch_one(&mut connection).await.unwrap();
        assert_eq!(count, 2);
    }
    // The same prepared statement with another test must not ask the one that it remembers.
    let (all, _) = test(|_| Some(true));
    let other = keep(all);
    let count: i64 = sqlx::query_scalar(ROWS).bind(other.number()).fetch_one(&mut connection).await.unwrap();
    assert_eq!(count, 5);
    drop(kept);
    assert_eq!(alive.load(Ordering::SeqCst), 0, "nothing holds the test any more");
}

#[tokio::test]
async fn values_arrive_as_they_are() {
    let mut connection = connect().await;
    let (same, _) = test(|values| {
        let expected = [
            SqlValue::Null,
            SqlValue::Integer(i64::MIN),
            SqlValue::Real(0.1),
            SqlValue::Text("né\u{1}'"),
            SqlValue::Text(""),
            SqlValue::Blob(&[0, 255]),
            SqlValue::Blob(&[]),
        ];
        Some(values == expected)
    });
    let kept = keep(same);
    let statement = "SELECT alyx_scan(?, NULL, -9223372036854775808, 0.1, 'né'||char(1)||'''', '', x'00ff', x'')";
    let passes: i64 = sqlx::query_scalar(statement).bind(kept.number()).fetch_one(&mut connection).await.unwrap();
    assert_eq!(passes, 1);
}

#[tokio::test]
async fn what_goes_wrong_ends_the_statement_and_not_the_process() {
    let mut connection = connect().await;
    let (wild, _) = test(|_| panic!("the test is wild"));
    let kept = keep(wild);
    let fault = sqlx::query(ROWS).bind(kept.number()).execute(&mut connection).await.unwrap_err();
    assert!(fault.to_string().contains("a test panicked"), "{fault}");
    drop(kept);
    for (number, expected) in [(-1, "the test is not kept"), (i64::MAX, "the test is not kept")] {
        let fault = sqlx::query(ROWS).bind(number).execute(&mut connection).await.unwrap_err();
        assert!(fault.to_string().contains(expected), "{fault}");
    }
    for wrong in ["SELECT alyx_scan()", "SELECT alyx_scan('x', 1)", "SELECT alyx_scan(1, CAST(x'ff' AS TEXT))"] {
        assert!(sqlx::query(wrong).execute(&mut connection).await.is_err(), "{wrong}");
    }
    let fine: i64 = sqlx::query_scalar("SELECT 1").fetch_one(&mut connection).await.unwrap();
    assert_eq!(fine, 1);
}

#[tokio::test]
async fn text_in_the_file_cannot_call_it() {
    let mut connection = connect().await;
    sqlx::query("CREATE TABLE t (a)").execute(&mut connection).await.unwrap();
    let view = "CREATE VIEW v AS SELECT alyx_scan(1, a) FROM t";
    sqlx::query(view).execute(&mut connection).await.unwrap();
    assert!(sqlx::query("SELECT * FROM v").fetch_all(&mut connection).await.is_err());
}
