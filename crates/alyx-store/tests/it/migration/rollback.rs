//! The way back in less simple cases.

use alyx_store::{Database, migration};

use super::{BLOG, Lab, edited, file, fresh_shape};

const WITHOUT_EXCERPT: (&str, &str) = ("      excerpt: {type: string, nullable: true}\n", "");
const DROP_EXCERPT: &str = "  - {type: drop_field, collection: posts, field: excerpt}\n";

#[tokio::test]
async fn documents_changed_since_a_drop_keep_their_changes() {
    let mut lab = Lab::blog().await;
    let schema = edited(BLOG, WITHOUT_EXCERPT.0, WITHOUT_EXCERPT.1);
    lab.migrate(&schema, &[("002_drop.yaml", &file(DROP_EXCERPT))]).await.unwrap();
    lab.sql("UPDATE posts SET title = 'Uno' WHERE id = 'aaaaaaaaaaaaaaa'; DELETE FROM posts WHERE id = 'bbbbbbbbbbbbbbb';
        INSERT INTO posts (id, title, author_id) VALUES ('ddddddddddddddd', 'Four', '00000000-0000-4000-8000-000000000001');").await;
    lab.rollback(1).await.unwrap();
    let rows = lab.rows("SELECT id, title, excerpt FROM posts ORDER BY id").await;
    assert_eq!(rows, "aaaaaaaaaaaaaaa|Uno|first\nccccccccccccccc|Three|third\nddddddddddddddd|Four|null");
}

#[tokio::test]
async fn a_required_field_does_not_come_back_for_documents_that_never_had_it() {
    let mut lab = Lab::blog().await;
    let schema = edited(BLOG, "      title: {type: string, index: true}\n", "");
    let schema =
        edited(&schema, "    indexes:\n      - {name: posts_by_title_and_views, fields: [title, views]}\n", "");
    lab.migrate(&schema, &[("002_drop.yaml", &file("  - {type: drop_field, collection: posts, field: title}\n"))])
        .await
        .unwrap();
    lab.sql("INSERT INTO posts (id, author_id) VALUES ('ddddddddddddddd', '00000000-0000-4000-8000-000000000001')")
        .await;
    let shape = lab.shape().await;
    let refused = lab.rollback(1).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "002_drop: 1 document of posts cannot keep title\n  ddddddddddddddd: null was never its value; it was written since the drop"
    );
    assert_eq!(lab.shape().await, shape, "nothing happened");
}

#[tokio::test]
async fn values_changed_since_a_conversion_are_converted_back() {
    let mut lab = Lab::blog().await;
    let schema = edited(BLOG, "views: {type: string", "views: {type: int");
    let text = file("  - {type: change_type, collection: posts, field: views, to: {type: int, nullable: true}}\n");
    lab.migrate(&schema, &[("002_int.yaml", &text)]).await.unwrap();
    lab.sql("UPDATE posts SET views = 99 WHERE title = 'Two'; UPDATE posts SET views = 5 WHERE title = 'Three'").await;
    lab.rollback(1).await.unwrap();
    assert_eq!(lab.rows("SELECT views, typeof(views) FROM posts ORDER BY id").await, "1|text\n99|text\n5|text");
}

#[tokio::test]
async fn what_applied_by_itself_goes_back_with_the_file_it_came_with() {
    let mut lab = Lab::blog().await;
    let before = lab.shape().await;
    let schema = edited(
        BLOG,
        "excerpt: {type: string, nullable: true}",
        "summary: {type: string, nullable: true}\n      stars: {type: int, default: 3, index: true}",
    );
    let text = file("  - {type: rename_field, collection: posts, from: excerpt, to: summary}\n");
    lab.migrate(&schema, &[("002_rename.yaml", &text)]).await.unwrap();
    assert_eq!(lab.shape().await, fresh_shape(&schema).await);
    assert_eq!(lab.rows("SELECT kind FROM _alyx_migrations ORDER BY id").await, "initial\nautomatic\nfile\nautomatic");
    assert_eq!(lab.rollback(1).await.unwrap(), ["automatic", "002_rename", "automatic"]);
    assert_eq!(lab.shape().await, before);
    assert_eq!(lab.rows("SELECT text FROM _alyx_schema").await, BLOG, "the schema of before is kept, word by word");
}

#[tokio::test]
async fn sql_without_a_way_back_is_said_to_have_none() {
    let mut lab = Lab::blog().await;
    lab.migrate(BLOG, &[("002_sql.yaml", &file("  - {type: sql, up: DELETE FROM posts}\n"))]).await.unwrap();
    assert_eq!(
        lab.rollback(1).await.unwrap_err().to_string(),
        "002_sql cannot be rolled back: its `sql` has no `down`"
    );
    assert_eq!(lab.rollback(2).await.unwrap_err().to_string(), "2 migrations were to be rolled back and there are 1");
}

#[tokio::test]
async fn after_a_prune_a_drop_cannot_be_undone() {
    let mut lab = Lab::blog().await;
    let schema = edited(BLOG, WITHOUT_EXCERPT.0, WITHOUT_EXCERPT.1);
    lab.migrate(&schema, &[("002_drop.yaml", &file(DROP_EXCERPT))]).await.unwrap();
    let mut database = Database::open(&lab.options).await.unwrap();
    assert_eq!(migration::prune(&mut database).await.unwrap(), ["_alyx_dropped_2_1_posts_excerpt"]);
    assert!(migration::prune(&mut database).await.unwrap().is_empty());
    database.close().await.unwrap();
    assert_eq!(
        lab.rollback(1).await.unwrap_err().to_string(),
        "002_drop cannot be rolled back: what it dropped was pruned"
    );
}
