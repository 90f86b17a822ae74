//! Every fixed statement is one that the tables of a fresh database know.

use sqlx::Row;

use super::{audit, changes, deploy_token, oauth, one_time_token, session, user};
use crate::{Database, StoreOptions, connection::statement};

#[tokio::test]
async fn every_statement_can_be_prepared() {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::open(&StoreOptions::new(folder.path().join("alyx.db"))).await.unwrap();
    let modules = [
        user::STATEMENTS,
        session::STATEMENTS,
        one_time_token::STATEMENTS,
        oauth::STATEMENTS,
        deploy_token::STATEMENTS,
        audit::STATEMENTS,
        changes::STATEMENTS,
    ];
    for text in modules.concat() {
        let explained = statement(format!("EXPLAIN {text}"), Vec::new()).fetch_all(database.writer()).await;
        assert!(explained.is_ok_and(|rows| !rows.is_empty()), "{text}");
    }
    database.close().await.unwrap();
}

#[tokio::test]
async fn what_is_looked_up_has_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::open(&StoreOptions::new(folder.path().join("alyx.db"))).await.unwrap();
    let lookups = [user::STATEMENTS, session::STATEMENTS, one_time_token::STATEMENTS, oauth::STATEMENTS].concat();
    for text in lookups.iter().filter(|text| text.contains(" = ?") && !text.contains("?1 IS NULL")) {
        let plan =
            statement(format!("EXPLAIN QUERY PLAN {text}"), Vec::new()).fetch_all(database.writer()).await.unwrap();
        let steps: Vec<String> = plan.iter().map(|row| row.get::<String, _>(3)).collect();
        assert!(steps.iter().all(|step| !step.starts_with("SCAN")), "{text}: {steps:?}");
    }
    database.close().await.unwrap();
}
