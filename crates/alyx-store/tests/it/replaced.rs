//! What `INSERT OR REPLACE` and `UPDATE OR REPLACE` remove is in the feed, once, and nothing that they left is.

use alyx_store::{
    Database, Operation,
    migration::{self, Project},
};
use serde_json::json;

use crate::fixture::Fixture;

const SCHEMA: &str = "
version: 1
collections:
  pages:
    fields:
      id: {type: string, primary: true}
      slug: {type: string, unique: true, nullable: true}
      part: {type: int, nullable: true}
      parent_id: {type: string, references: pages.id, onDelete: set null, nullable: true}
    indexes:
      - {name: pages_by_part_and_parent, fields: [part, parent_id], unique: true}
  notes:
    fields:
      id: {type: int, primary: true}
      page_id: {type: string, references: pages.id, onDelete: cascade, nullable: true}
      tag: {type: string, unique: true, nullable: true}
";

const PAGES: &str = "INSERT INTO pages (id, slug) VALUES ('a', 'x'), ('b', 'y'), ('c', 'z')";

/// Runs statements one after the other on a connection of somebody else; gives what the last one told the feed, a sign
/// and a key for each row. The documents are in order of their keys: only what happened to the same one has an order.
async fn told_by(statements: &[&str]) -> String {
    let fixture = Fixture::open(SCHEMA).await;
    let mut other = Database::open(&fixture.options).await.unwrap();
    let (last, first) = statements.split_last().unwrap();
    for statement in first {
        run(&mut other, statement).await;
    }
    let newest = |changes: Vec<alyx_store::Change>| changes.last().map_or(0, |change| change.position);
    let before = newest(fixture.store.changes(0, 1000).await.unwrap());
    run(&mut other, last).await;
    let mut changes = fixture.store.changes(before, 1000).await.unwrap();
    changes.sort_by(|one, another| one.document_id.cmp(&another.document_id));
    other.close().await.unwrap();
    fixture.store.close().await;
    let told = changes.iter().map(|change| {
        let sign = match change.operation {
            Operation::Insert => '+',
            Operation::Update => '~',
            Operation::Delete => '-',
        };
        format!("{sign}{}", change.document_id)
    });
    told.collect::<Vec<_>>().join(" ")
}

/// Only `OR FAIL` stops half way, and keeps what it has done.
async fn run(database: &mut Database, statement: &str) {
    let ran = database.execute(statement).await;
    assert_eq!(ran.is_err(), statement.starts_with("INSERT OR FAIL"), "{statement}: {ran:?}");
}

#[track_caller]
fn check(statements: &[&str], expected: &str) {
    let statements: Vec<&str> = [PAGES].into_iter().chain(statements.iter().copied()).collect();
    let told = tokio::runtime::Runtime::new().unwrap().block_on(told_by(&statements));
    assert_eq!(told, expected, "{statements:?}");
}

#[test]
fn a_replaced_document_is_deleted_before_the_new_one_is_there() {
    check(&["REPLACE INTO pages (id, slug) VALUES ('a', 'new')"], "-a +a");
    check(&["REPLACE INTO pages (id, slug) VALUES ('d', 'y')"], "-b +d");
    check(&["REPLACE INTO pages (id, slug) VALUES ('a', 'y')"], "-a +a -b");
    check(&["REPLACE INTO pages (id, slug) VALUES ('d', NULL)"], "+d");
    check(&["REPLACE INTO pages (id, slug) VALUES ('a', '1'), ('a', '2'), ('d', '2')"], "-a +a -a +a -a +d");
}

#[test]
fn indexes_of_several_fields_count_and_nulls_are_never_in_the_way() {
    let set = "UPDATE pages SET part = 1, parent_id = 'c' WHERE id = 'a'";
    check(&[set, "REPLACE INTO pages (id, part, parent_id) VALUES ('d', 1, 'c')"], "-a +d");
    check(&[set, "REPLACE INTO pages (id, part, parent_id) VALUES ('d', 1, NULL)"], "+d");
    check(&[set, "UPDATE OR REPLACE pages SET part = 1, parent_id = 'c' WHERE id = 'b'"], "-a ~b");
}

#[test]
fn an_update_that_replaces_tells_both() {
    check(&["UPDATE OR REPLACE pages SET id = 'b' WHERE id = 'a'"], "-a -b +b");
    check(&["UPDATE OR REPLACE pages SET id = 'b', slug = 'z' WHERE id = 'a'"], "-a -b +b -c");
    check(&["UPDATE OR REPLACE pages SET slug = 'same'"], "~a -a ~b -b ~c");
    check(&["UPDATE OR REPLACE pages SET slug = slug, id = id"], "");
}

#[test]
fn the_number_of_a_row_can_be_in_the_way_too() {
    check(&["REPLACE INTO pages (rowid, id) VALUES (2, 'd')"], "-b +d");
    check(&["REPLACE INTO pages (oid, id) VALUES (9, 'd')"], "+d");
    check(&["UPDATE OR REPLACE pages SET _rowid_ = 3 WHERE id = 'a'"], "-c");
    let notes = "INSERT INTO notes (id, tag) VALUES (1, 'p'), (-1, 'q')";
    check(&[notes, "REPLACE INTO notes (tag) VALUES ('p')"], "-1 +2");
    check(&[notes, "REPLACE INTO notes (id, tag) VALUES (-1, 'p')"], "--1 +-1 -1");
    check(&[notes, "UPDATE OR REPLACE notes SET rowid = 1 WHERE id = -1"], "--1 -1 +1");
}

#[test]
fn what_is_left_where_it_is_is_not_told() {
    check(&["INSERT OR IGNORE INTO pages (id, slug) VALUES ('a', 'n'), ('d', 'y')"], "");
    check(&["INSERT INTO pages (id) VALUES ('a') ON CONFLICT DO NOTHING"], "");
    check(&["INSERT INTO pages (id) VALUES ('a') ON CONFLICT (id) DO UPDATE SET slug = 'n'"], "~a");
    check(&["INSERT INTO pages (id) VALUES ('a') ON CONFLICT (id) DO UPDATE SET id = 'n'"], "-a +n");
    check(&["UPDATE OR IGNORE pages SET slug = 'y' WHERE id = 'a'"], "");
    check(&["INSERT OR FAIL INTO pages (id) VALUES ('d'), ('a')"], "+d");
    check(&["BEGIN; REPLACE INTO pages (id, slug) VALUES ('a', 'y'); ROLLBACK"], "");
    check(&["BEGIN; SAVEPOINT s; REPLACE INTO pages (id) VALUES ('a'); ROLLBACK TO s; COMMIT"], "");
}

#[test]
fn what_was_put_aside_for_nothing_misleads_nobody_later() {
    let ignored = "INSERT OR IGNORE INTO pages (id, slug) VALUES ('d', 'y')";
    check(&[ignored, "DELETE FROM pages WHERE id = 'b'; INSERT INTO pages (id) VALUES ('e')"], "-b +e");
    check(&[ignored, "UPDATE pages SET id = 'e' WHERE id = 'b'; INSERT INTO pages (id) VALUES ('f')"], "-b +e +f");
    check(&[ignored, "DELETE FROM pages WHERE id = 'b'; INSERT INTO pages (id) VALUES ('b')"], "-b +b");
    check(&[ignored, "UPDATE pages SET slug = 'w' WHERE id = 'b'; REPLACE INTO pages (id) VALUES ('b')"], "~b -b +b");
    let failed = "INSERT OR FAIL INTO pages (id, slug) VALUES ('e', 'e'), ('d', 'y')";
    check(&[failed, "DELETE FROM pages WHERE id = 'b'; INSERT INTO pages (id) VALUES ('f')"], "-b +f");
}

#[test]
fn cascades_of_a_replaced_document_are_told() {
    let notes = "INSERT INTO notes (id, page_id) VALUES (1, 'a'), (2, 'b')";
    check(&[notes, "REPLACE INTO pages (id, slug) VALUES ('a', 'x')"], "-1 -a +a");
    // Both are in the way, and removing the one touches a third before the other goes.
    let children = "UPDATE pages SET parent_id = 'a' WHERE id = 'c'";
    check(&[children, "REPLACE INTO pages (id, slug) VALUES ('a', 'y')"], "-a +a -b ~c");
    let restricted = "PRAGMA foreign_keys = OFF; REPLACE INTO pages (id, slug) VALUES ('a', 'x')";
    check(&[notes, restricted], "-a +a");
}

#[test]
fn recursive_triggers_tell_nothing_twice() {
    let on = "PRAGMA recursive_triggers = ON";
    check(&[on, "REPLACE INTO pages (id, slug) VALUES ('a', 'y')"], "-a +a -b");
    check(&[on, "UPDATE OR REPLACE pages SET id = 'b', slug = 'z' WHERE id = 'a'"], "-a -b +b -c");
    check(&[on, "UPDATE OR REPLACE pages SET slug = 'y' WHERE id = 'a'"], "~a -b");
}

#[tokio::test]
async fn the_feed_has_what_was_replaced() {
    let fixture = Fixture::blog().await;
    fixture.user("anna").await;
    let mut other = Database::open(&fixture.options).await.unwrap();
    other.execute("REPLACE INTO users (id, email) VALUES ('bert', 'anna@example.com')").await.unwrap();
    let changes = fixture.store.changes(1, 10).await.unwrap();
    let whole = json!({"id": "anna", "email": "anna@example.com", "name": null, "secret": null});
    assert_eq!((changes[0].document_id.as_str(), json!(changes[0].before)), ("anna", whole));
    other.close().await.unwrap();
    fixture.store.close().await;
}

#[tokio::test]
async fn a_database_of_an_earlier_version_gets_the_triggers() {
    let fixture = Fixture::open(SCHEMA).await;
    fixture.store.close().await;
    let schema = fixture.store.schema();
    let project = Project { schema_text: SCHEMA, schema: &schema, files: &[] };
    let mut database = Database::open(&fixture.options).await.unwrap();
    // The tables are there already; this is how the store's journal hears of them.
    database.execute("DROP TABLE notes; DROP TABLE pages").await.unwrap();
    migration::prepare(&mut database, &project, &mut |_| ()).await.unwrap();
    let earlier =
        "DROP TRIGGER _alyx_pages_inserting; DROP TRIGGER _alyx_pages_updating; DROP TRIGGER _alyx_pages_displaced;
        DROP TRIGGER _alyx_pages_insert; CREATE TRIGGER _alyx_pages_insert AFTER INSERT ON pages BEGIN SELECT 1; END;";
    database.execute(earlier).await.unwrap();
    assert!(migration::prepare(&mut database, &project, &mut |_| ()).await.unwrap().is_empty());
    database.execute(&format!("{PAGES}; REPLACE INTO pages (id, slug) VALUES ('d', 'x')")).await.unwrap();
    let store = database.into_store(schema.clone()).await.unwrap();
    let changes = store.changes(0, 10).await.unwrap();
    let told: Vec<_> = changes.iter().map(|change| (change.operation, change.document_id.as_str())).collect();
    assert_eq!(told[3..], [(Operation::Delete, "a"), (Operation::Insert, "d")]);
    store.close().await;
}

#[tokio::test]
async fn the_feed_of_an_earlier_version_goes_on() {
    let fixture = Fixture::open(SCHEMA).await;
    let mut earlier = Database::open(&fixture.options).await.unwrap();
    earlier.execute(PAGES).await.unwrap();
    let before = fixture.store.changes(0, 10).await.unwrap();
    assert_eq!(before.len(), 3);
    fixture.store.close().await;
    // The table of changes is made anew once more, now with everything in it and triggers that name it.
    earlier.execute("DELETE FROM _sqlx_migrations WHERE version = 6").await.unwrap();
    earlier.close().await.unwrap();
    let mut database = Database::open(&fixture.options).await.unwrap();
    database.execute("REPLACE INTO pages (id, slug) VALUES ('d', 'x')").await.unwrap();
    assert!(database.execute("UPDATE _alyx_changes SET operation = 'REPLACE'").await.is_err());
    let store = database.into_store(fixture.store.schema()).await.unwrap();
    let changes = store.changes(0, 10).await.unwrap();
    assert_eq!(changes[..3], before[..]);
    let told: Vec<_> = changes[3..].iter().map(|change| (change.position, change.document_id.as_str())).collect();
    assert_eq!(told, [(4, "a"), (5, "d")]);
    store.close().await;
}
