//! Backups of a database in use, restores, and what both refuse.

use std::path::Path;

use alyx_store::{
    StoreOptions,
    backup::{self, Error},
};
use serde_json::json;

use crate::migration::Lab;

async fn take(options: &StoreOptions, target: &Path) -> Result<backup::Report, Error> {
    backup::backup(options, target, &mut |_, _| ()).await
}

#[tokio::test]
async fn a_backup_made_while_others_write_is_whole_and_restores() {
    let lab = Lab::blog().await;
    let target = lab.folder().join("copy.db");
    let database = alyx_store::Database::open(&lab.options).await.unwrap();
    let schema = crate::fixture::schema(crate::migration::BLOG);
    let store = database.into_store(std::sync::Arc::new(schema)).await.unwrap();
    let users = store.schema().collection("users").unwrap().clone();
    let write = async {
        for number in 0..200 {
            let id = format!("10000000-0000-4000-8000-{number:012}");
            let document =
                crate::fixture::document(&users, &json!({"id": id, "email": format!("{number}@example.com")}));
            store.create(&users, document, &alyx_query::Predicate::TRUE, &alyx_query::Everything).await.unwrap();
        }
    };
    let (report, ()) = tokio::join!(take(&lab.options, &target), write);
    let report = report.unwrap();
    let copied = report.documents.iter().find(|(name, _)| name == "users").unwrap().1;
    assert!((2..=202).contains(&copied), "{report:?}");
    assert!(matches!(backup::restore(&lab.options, &target).await, Err(Error::Running(_))), "a server is running");
    store.close().await;
    drop(store);
    let restored = backup::restore(&lab.options, &target).await.unwrap();
    assert_eq!(restored.report.documents, report.documents);
    assert_eq!(lab.rows("SELECT count(*) FROM users").await, copied.to_string());
    let kept = restored.kept.unwrap();
    let kept = Lab { options: StoreOptions::new(kept), files: Vec::new(), folder: tempfile::tempdir().unwrap() };
    assert_eq!(kept.rows("SELECT count(*) FROM users").await, "202", "what was replaced is kept, whole");
}

#[tokio::test]
async fn a_backup_overwrites_nothing_and_leaves_nothing_half_done() {
    let lab = Lab::blog().await;
    let target = lab.folder().join("copy.db");
    std::fs::write(&target, "precious").unwrap();
    assert!(matches!(take(&lab.options, &target).await, Err(Error::Exists(_))));
    assert_eq!(std::fs::read(&target).unwrap(), b"precious");
    let absent = StoreOptions::new(lab.folder().join("absent.db"));
    assert!(matches!(take(&absent, &lab.folder().join("other.db")).await, Err(Error::Missing(_))));
    let mut names: Vec<_> = std::fs::read_dir(lab.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.retain(|name| name.to_string_lossy().contains("partial"));
    assert!(names.is_empty(), "{names:?}");
}

#[tokio::test]
async fn what_is_no_backup_is_not_restored() {
    let lab = Lab::blog().await;
    let file = lab.folder().join("file");
    let refused = async |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        backup::restore(&lab.options, &file).await.unwrap_err()
    };
    assert!(matches!(refused(b"short").await, Error::NotAlyx { .. }));
    assert!(matches!(refused(&[b'x'; 5000]).await, Error::NotAlyx { .. }));
    let target = lab.folder().join("copy.db");
    take(&lab.options, &target).await.unwrap();
    let mut bytes = std::fs::read(&target).unwrap();
    let page = bytes.len() - 4096..bytes.len() - 2048;
    bytes[page].fill(0xa5);
    assert!(matches!(refused(&bytes).await, Error::Damaged { .. } | Error::NotAlyx { .. } | Error::Database(_)));
    assert_eq!(lab.rows("SELECT count(*) FROM posts").await, "3", "the database is as it was");
}

#[tokio::test]
async fn a_newer_backup_is_refused_and_an_older_one_is_brought_up_to_date() {
    let lab = Lab::blog().await;
    lab.sql(
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
        VALUES (9999, 'later', '2030-01-01', 1, x'00', 0)",
    )
    .await;
    let newer = take(&lab.options, &lab.folder().join("newer.db")).await.unwrap_err().to_string();
    assert!(
        newer.contains("was written by a newer Alyx (its system tables are of version 9999, this binary knows"),
        "{newer}"
    );
    lab.sql("DELETE FROM _sqlx_migrations WHERE version = 9999").await;
    let target = lab.folder().join("older.db");
    take(&lab.options, &target).await.unwrap();
    let older = Lab { options: StoreOptions::new(&target), files: Vec::new(), folder: tempfile::tempdir().unwrap() };
    older.sql(BEFORE_MIGRATIONS_AND_ACCOUNTS).await;
    let restored = backup::restore(&lab.options, &target).await.unwrap();
    assert!(restored.report.system_version > 1);
    assert_eq!(lab.rows("SELECT count(*) FROM _alyx_migrations").await, "0");
    assert_eq!(lab.rows("SELECT count(*) FROM posts").await, "3");
}

/// Takes from a database what came to it after its first version.
const BEFORE_MIGRATIONS_AND_ACCOUNTS: &str = "
DROP TABLE _alyx_schema; DROP TABLE _alyx_migrations;
DROP TRIGGER _alyx_users_closed; DROP TRIGGER _alyx_users_kept; DROP TRIGGER _alyx_users_entered;
DROP TABLE _alyx_sessions; DROP TABLE _alyx_oauth_accounts; DROP TABLE _alyx_oauth_states; DROP TABLE _alyx_one_time_tokens;
DROP TABLE _alyx_users; DROP TABLE _alyx_tokens; DROP TABLE _alyx_audit; DROP TABLE _alyx_account_changes;
DROP TABLE _alyx_executions; DROP TABLE IF EXISTS _alyx_replaced;
DELETE FROM _sqlx_migrations WHERE version > 1";

#[tokio::test]
async fn a_reset_removes_the_database_unless_it_is_in_use() {
    let lab = Lab::blog().await;
    let open = alyx_store::Database::open(&lab.options).await.unwrap();
    assert!(matches!(backup::reset(&lab.options).await, Err(Error::Running(_))));
    open.close().await.unwrap();
    backup::reset(&lab.options).await.unwrap();
    assert_eq!(std::fs::read_dir(lab.folder()).unwrap().count(), 0);
    backup::reset(&lab.options).await.unwrap();
}
