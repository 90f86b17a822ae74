//! What is remembered, and what is refused because of it.

use alyx_schema::migration::parse_migrations;
use alyx_store::{
    Database,
    migration::{self, Project},
};

use super::{BLOG, Lab, edited, file};
use crate::fixture::schema;

const SQL: &str = "  - {type: sql, up: \"UPDATE users SET name = 'Anonymous' WHERE name IS NULL\", down: \"\"}\n";

#[tokio::test]
async fn an_edited_file_is_refused() {
    let mut lab = Lab::blog().await;
    lab.migrate(BLOG, &[("002_names.yaml", &file(SQL))]).await.unwrap();
    lab.files[0].1.push_str("# an afterthought\n");
    let refused = lab.migrate(BLOG, &[]).await.unwrap_err().to_string();
    assert!(refused.starts_with("migrations/002_names.yaml was changed after it was applied on 20"), "{refused}");
    lab.files[0].1 = file(SQL).replace('\n', "\r\n");
    assert!(lab.migrate(BLOG, &[]).await.unwrap().is_empty(), "line ends do not count");
}

#[tokio::test]
async fn a_file_that_is_gone_is_refused() {
    let mut lab = Lab::blog().await;
    lab.migrate(BLOG, &[("002_names.yaml", &file(SQL))]).await.unwrap();
    lab.files.clear();
    let refused = lab.migrate(BLOG, &[]).await.unwrap_err().to_string();
    assert!(
        refused.contains("migration 002_names was applied on") && refused.contains("its file is gone"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_new_database_notes_files_without_running_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut lab = Lab { options: alyx_store::StoreOptions::new(folder.path().join("a.db")), files: Vec::new(), folder };
    let rename = file("  - {type: rename_field, collection: users, from: handle, to: name}\n");
    lab.migrate(BLOG, &[("001_rename.yaml", &rename)]).await.unwrap();
    assert_eq!(lab.rows("SELECT kind, version FROM _alyx_migrations ORDER BY id").await, "initial|null\nbaseline|1");
    assert!(lab.migrate(BLOG, &[]).await.unwrap().is_empty());
    let kept = std::mem::take(&mut lab.files);
    assert!(lab.migrate(BLOG, &[]).await.unwrap().is_empty(), "what never ran here may go");
    lab.files = kept;
    let refused = lab.rollback(1).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "001_rename cannot be rolled back: the database was made after it, so there is nothing that it changed"
    );
}

#[tokio::test]
async fn files_run_by_number_and_gaps_are_fine() {
    let mut lab = Lab::blog().await;
    let upper = file("  - {type: sql, up: \"UPDATE users SET name = name || 'b'\", down: \"\"}\n");
    let first = file("  - {type: sql, up: \"UPDATE users SET name = coalesce(name, '') || 'a'\", down: \"\"}\n");
    let applied = lab.migrate(BLOG, &[("020_second.yaml", &upper), ("003_first.yaml", &first)]).await.unwrap();
    assert_eq!(applied.iter().map(|applied| &*applied.title).collect::<Vec<_>>(), ["003_first", "020_second"]);
    assert_eq!(applied.iter().map(|applied| applied.rows_changed).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(lab.rows("SELECT name FROM users ORDER BY id").await, "Adaab\nab");
}

#[tokio::test]
async fn a_file_can_fill_a_field_that_applies_by_itself() {
    let mut lab = Lab::blog().await;
    let changed = edited(BLOG, "excerpt: {", "slug: {type: string, nullable: true}\n      excerpt: {");
    let fill = file("  - {type: sql, up: UPDATE posts SET slug = lower(title), down: \"\"}\n");
    lab.migrate(&changed, &[("002_fill.yaml", &fill)]).await.unwrap();
    assert_eq!(lab.rows("SELECT slug FROM posts ORDER BY id").await, "one\ntwo\nthree");
}

#[tokio::test]
async fn a_failing_file_leaves_nothing_and_those_before_it_stay() {
    let mut lab = Lab::blog().await;
    let broken =
        file("  - {type: sql, up: \"UPDATE users SET name = 'x'\"}\n  - {type: sql, up: UPDATE absent SET x = 1}\n");
    let refused = lab.migrate(BLOG, &[("002_names.yaml", &file(SQL)), ("003_broken.yaml", &broken)]).await.unwrap_err();
    let said = "003_broken: running its SQL: error returned from database: (code: 1) no such table: absent";
    assert_eq!(refused.to_string(), said);
    assert_eq!(lab.rows("SELECT name FROM users ORDER BY id").await, "Ada\nAnonymous");
    assert_eq!(lab.rows("SELECT name FROM _alyx_migrations WHERE kind = 'file'").await, "names");
}

#[tokio::test]
async fn sql_cannot_end_the_transaction_or_break_references_or_tables() {
    for (sql, said) in [
        ("UPDATE users SET name = 'x'; COMMIT; BEGIN", "its SQL must not end the transaction"),
        ("ALTER TABLE users ADD COLUMN more TEXT", "there is a column \"more\""),
        (
            "PRAGMA defer_foreign_keys = ON; UPDATE posts SET author_id = 'nobody' WHERE title = 'Two'",
            "1 document of posts would refer",
        ),
    ] {
        let mut lab = Lab::blog().await;
        let text = format!("operations:\n  - type: sql\n    up: |\n      {sql}\n");
        let refused = lab.migrate(BLOG, &[("002_bad.yaml", &text)]).await.unwrap_err().to_string();
        assert!(refused.contains(said), "{sql}: {refused}");
        if !sql.contains("COMMIT") {
            assert_eq!(lab.rows("SELECT count(*) FROM users WHERE name = 'x'").await, "0", "{sql}");
        }
        assert_eq!(lab.rows("SELECT count(*) FROM _alyx_migrations WHERE kind = 'file'").await, "0");
    }
}

#[tokio::test]
async fn sql_alone_cascades() {
    let mut lab = Lab::blog().await;
    let delete = file("  - {type: sql, up: DELETE FROM users WHERE name IS NULL}\n");
    lab.migrate(BLOG, &[("002_delete.yaml", &delete)]).await.unwrap();
    assert_eq!(lab.rows("SELECT title FROM posts ORDER BY id").await, "One\nTwo");
}

#[tokio::test]
async fn of_two_processes_one_migrates() {
    let lab = Lab::blog().await;
    let files = parse_migrations(&[(
        "002_names.yaml".to_owned(),
        file("  - {type: sql, up: \"UPDATE users SET name = coalesce(name, '') || '!'\"}\n"),
    )])
    .unwrap();
    let schema = schema(BLOG);
    let start = async || {
        let project = Project { schema_text: BLOG, schema: &schema, files: &files };
        let mut database = Database::open(&lab.options).await.unwrap();
        let applied = migration::prepare(&mut database, &project, &mut |_| ()).await.unwrap();
        database.close().await.unwrap();
        applied.len()
    };
    let (first, second, third) = tokio::join!(start(), start(), start());
    assert_eq!(first + second + third, 1);
    assert_eq!(lab.rows("SELECT name FROM users ORDER BY id").await, "Ada!\n!");
}

#[tokio::test]
async fn the_status_tells_what_was_and_what_comes() {
    let mut lab = Lab::blog().await;
    lab.migrate(BLOG, &[("002_names.yaml", &file(SQL))]).await.unwrap();
    lab.files.push(("005_later.yaml".to_owned(), file(SQL)));
    let text = edited(BLOG, "excerpt: {", "stars: {type: int, default: 3}\n      excerpt: {");
    let (schema, files) = (schema(&text), lab.parsed());
    let mut database = Database::open(&lab.options).await.unwrap();
    let project = Project { schema_text: &text, schema: &schema, files: &files };
    let status = migration::status(&mut database, &project).await.unwrap();
    database.close().await.unwrap();
    assert_eq!(
        status.applied.iter().map(|entry| (entry.kind, &*entry.name)).collect::<Vec<_>>(),
        [("initial", "initial"), ("file", "names")]
    );
    assert_eq!(status.pending.iter().map(|file| file.version).collect::<Vec<_>>(), [5]);
    assert_eq!(status.automatic, ["+ posts.stars (int)"]);
    assert_eq!((status.refused, status.kept_aside), (None, Vec::new()));
}

#[test]
fn a_new_file_gets_the_next_number_and_parses() {
    let files = parse_migrations(&[("041_x.yaml".to_owned(), file(SQL))]).unwrap();
    let (name, text) = migration::create(&files, "Add Slugs!");
    assert_eq!(name, "042_add_slugs.yaml");
    assert_eq!(parse_migrations(&[(name, text)]).unwrap()[0].operations, []);
}
