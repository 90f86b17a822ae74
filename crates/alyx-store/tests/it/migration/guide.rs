//! The files of `docs/migrations.md`, run in the order of the page.

use super::{Lab, fresh_shape};

const GUIDE: &str = include_str!("../../../../../docs/migrations.md");
const ROWS: &str = "
INSERT INTO users (id, name, joined) VALUES ('018f0000-0000-7000-8000-000000000001', NULL, '2026-01-31');
INSERT INTO posts (id, title, views, author_id) VALUES
  ('018f0000-0000-7000-8000-00000000000a', 'Hello World', '12', '018f0000-0000-7000-8000-000000000001');
";

/// The files on the page: name and text.
fn files() -> Vec<(&'static str, &'static str)> {
    let blocks = GUIDE.split("```yaml\n# ").skip(1).map(|block| block.split("\n```").next().unwrap());
    blocks.map(|block| block.split_once('\n').unwrap()).collect()
}

#[tokio::test]
async fn the_guide_works_word_by_word() {
    let mut lab: Option<Lab> = None;
    let mut waiting = Vec::new();
    for (name, text) in files() {
        match name.strip_prefix("migrations/") {
            Some(name) => waiting.push((name, text)),
            None => match &mut lab {
                None => lab = Some(Lab::new(text, ROWS).await),
                Some(lab) => {
                    lab.migrate(text, &waiting).await.unwrap_or_else(|error| panic!("{waiting:?}\n{error}"));
                    waiting.clear();
                    assert_eq!(lab.shape().await, fresh_shape(text).await);
                }
            },
        }
    }
    let lab = lab.unwrap();
    assert_eq!((lab.files.len(), waiting.len()), (2, 0), "the page has two migrations, each followed by its schema");
    let rows = lab.rows("SELECT title, views, featured, slug, display_name, joined FROM articles JOIN users ON users.id = author_id").await;
    assert_eq!(rows, "Hello World|12|0|hello-world-000a|Anonymous|2026-01-31T00:00:00.000Z");
    lab.rollback(2).await.unwrap();
    assert_eq!(lab.rows("SELECT title, views FROM posts").await, "Hello World|12");
}
