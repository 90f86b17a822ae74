//! What applies by itself.

use super::{BLOG, Lab, edited, fresh_shape};

/// Applies the change to the blog and compares the tables with a new database's.
#[track_caller]
fn check(from: &str, to: &str, expected: &[&str]) -> Lab {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let changed = edited(BLOG, from, to);
        let mut lab = Lab::blog().await;
        let applied = lab.migrate(&changed, &[]).await.unwrap_or_else(|error| panic!("{error}"));
        let lines: Vec<_> = applied.iter().flat_map(|applied| applied.lines.clone()).collect();
        assert_eq!(lines, expected);
        assert_eq!(lab.shape().await, fresh_shape(&changed).await);
        assert_eq!(lab.feed().await, "", "what applies by itself tells the feed nothing");
        assert!(lab.migrate(&changed, &[]).await.unwrap().is_empty(), "a second start has nothing to do");
        lab
    })
}

#[tokio::test]
async fn a_new_database_gets_all_tables() {
    let lab = Lab::blog().await;
    assert_eq!(lab.rows("SELECT count(*) FROM posts").await, "3");
    assert_eq!(lab.rows("SELECT kind, name FROM _alyx_migrations").await, "initial|initial");
}

#[test]
fn a_nullable_field_is_added_to_a_full_table() {
    let lab = check(
        "excerpt: {",
        "subtitle: {type: string, nullable: true}\n      excerpt: {",
        &["+ posts.subtitle (string)"],
    );
    let rows = tokio::runtime::Runtime::new().unwrap().block_on(lab.rows("SELECT id, subtitle FROM posts ORDER BY id"));
    assert_eq!(rows, "aaaaaaaaaaaaaaa|null\nbbbbbbbbbbbbbbb|null\nccccccccccccccc|null");
}

#[test]
fn a_field_with_a_default_is_added_to_a_full_table() {
    let field = "view_count: {type: int, default: 7}\n      excerpt: {";
    let lab = check("excerpt: {", field, &["+ posts.view_count (int)"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    assert_eq!(runtime.block_on(lab.rows("SELECT group_concat(view_count) FROM posts")), "7,7,7");
    assert_eq!(runtime.block_on(lab.rows("SELECT rowid FROM posts ORDER BY id")), "1\n2\n3");
}

#[test]
fn a_field_with_default_now_is_added_to_a_full_table() {
    let field = "made_at: {type: timestamp, default: now}\n      excerpt: {";
    let lab = check("excerpt: {", field, &["+ posts.made_at (timestamp)"]);
    let sql = "SELECT count(*), min(length(made_at)), max(made_at) LIKE '20__-__-__T__:__:__.___Z' FROM posts";
    assert_eq!(tokio::runtime::Runtime::new().unwrap().block_on(lab.rows(sql)), "3|24|1");
}

#[test]
fn a_field_with_default_auto_gets_another_value_in_each_row() {
    let field = "token: {type: uuid, default: auto, unique: true}\n      excerpt: {";
    let lab = check("excerpt: {", field, &["+ posts.token (uuid)"]);
    let sql = "SELECT count(DISTINCT token), min(token LIKE '________-____-7___-____-____________') FROM posts";
    assert_eq!(tokio::runtime::Runtime::new().unwrap().block_on(lab.rows(sql)), "3|1");
}

#[test]
fn an_index_is_added() {
    check(
        "name: {type: string, nullable: true}",
        "name: {type: string, nullable: true, index: true}",
        &["~ field \"name\" of \"users\" is indexed"],
    );
}

#[test]
fn a_looser_constraint_needs_no_file() {
    check(
        "email: {type: string, unique: true}",
        "email: {type: string, nullable: true}",
        &["~ field \"email\" of \"users\" may be null", "~ field \"email\" of \"users\" is no longer unique"],
    );
}

#[test]
fn a_collection_that_refers_to_another_is_added() {
    let comments = "  comments:
    fields:
      id: {type: uuid, primary: true, default: auto}
      post_id: {type: id, references: posts.id, onDelete: cascade}
  posts:
";
    check("  posts:\n", comments, &["+ comments (2 fields)"]);
}

#[test]
fn fields_in_another_order_change_no_table() {
    let lab = check(
        "      name: {type: string, nullable: true}\n      email: {type: string, unique: true}",
        "      email: {type: string, unique: true}\n      name: {type: string, nullable: true}",
        &["~ the fields of \"users\" stand in another order"],
    );
    assert_eq!(
        tokio::runtime::Runtime::new().unwrap().block_on(lab.rows("SELECT name FROM users ORDER BY id")),
        "Ada\nnull"
    );
}

#[tokio::test]
async fn objects_that_a_person_made_survive_a_rebuild() {
    let mut lab = Lab::blog().await;
    lab.sql(
        "CREATE INDEX mine ON posts (length(title)); CREATE VIEW titles AS SELECT title FROM posts;
        CREATE TRIGGER watch AFTER DELETE ON posts BEGIN SELECT 1; END;",
    )
    .await;
    let changed = edited(BLOG, "excerpt: {", "view_count: {type: int, default: 7}\n      excerpt: {");
    lab.migrate(&changed, &[]).await.unwrap();
    assert_eq!(
        lab.rows("SELECT name FROM sqlite_schema WHERE name IN ('mine', 'titles', 'watch') ORDER BY 1").await,
        "mine\ntitles\nwatch"
    );
    assert_eq!(lab.rows("SELECT title FROM titles ORDER BY 1").await, "One\nThree\nTwo");
}
