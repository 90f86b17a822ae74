//! A process killed in the middle of a migration leaves the old state.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use alyx_schema::migration::parse_migrations;
use alyx_store::{
    Database, StoreOptions,
    migration::{self, Project},
};

use super::{BLOG, Lab, edited, file, fresh_shape};
use crate::fixture::schema;

const DATABASE: &str = "ALYX_TEST_CRASH_DATABASE";
const STOP_AT: &str = "ALYX_TEST_CRASH_AT";
const OPERATIONS: &str = "  - {type: rename_field, collection: posts, from: views, to: hits}
  - {type: sql, up: \"UPDATE users SET name = 'x'\", down: \"\"}
  - {type: drop_field, collection: posts, field: excerpt}
  - {type: change_type, collection: posts, field: hits, to: {type: int, nullable: true}}
";

fn target() -> String {
    let text = edited(BLOG, "      excerpt: {type: string, nullable: true}\n", "");
    edited(&edited(&text, "views: {type: string", "hits: {type: int"), "[title, views]", "[title, hits]")
}

/// The process that is killed: it migrates, and stands still after as many operations as it is told.
#[tokio::test]
async fn child_that_stands_still() {
    let Ok(path) = std::env::var(DATABASE) else { return };
    let stop_at: usize = std::env::var(STOP_AT).unwrap().parse().unwrap();
    let text = target();
    let (schema, files) = (schema(&text), parse_migrations(&[("002_all.yaml".to_owned(), file(OPERATIONS))]).unwrap());
    let project = Project { schema_text: &text, schema: &schema, files: &files };
    let mut database = Database::open(&StoreOptions::new(path)).await.unwrap();
    let mut stand_still = |event: migration::Event<'_>| {
        if event.title == "002_all" && event.done == stop_at {
            let mut output = std::io::stdout();
            output.write_all(b"\nstanding still\n").unwrap();
            output.flush().unwrap();
            loop {
                std::thread::park();
            }
        }
    };
    migration::prepare(&mut database, &project, &mut stand_still).await.unwrap();
}

#[tokio::test]
async fn a_killed_migration_leaves_the_old_state_and_the_next_start_does_it() {
    for stop_at in 0..=4 {
        let mut lab = Lab::blog().await;
        let (shape, rows) =
            (lab.shape().await, lab.rows("SELECT * FROM posts JOIN users ON users.id = author_id").await);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["migration::crash::child_that_stands_still", "--exact", "--nocapture"])
            .env(DATABASE, &lab.options.path)
            .env(STOP_AT, stop_at.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "standing still"), "the child came to its place");
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(lab.shape().await, shape);
        assert_eq!(lab.rows("SELECT * FROM posts JOIN users ON users.id = author_id").await, rows);
        assert_eq!(lab.rows("SELECT count(*) FROM _alyx_migrations").await, "1");
        assert_eq!(lab.rows("PRAGMA integrity_check").await, "ok");
        lab.migrate(&target(), &[("002_all.yaml", &file(OPERATIONS))]).await.unwrap();
        assert_eq!(lab.shape().await, fresh_shape(&target()).await);
    }
}
