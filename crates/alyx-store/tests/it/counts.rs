//! Totals that are remembered are the totals there are.

use alyx_query::{Comparison, Everything, FieldRef, Predicate, Query};
use alyx_schema::Value;
use alyx_store::Database;
use proptest::prelude::*;
use serde_json::json;

use crate::fixture::Fixture;

/// One write among many.
#[derive(Clone, Debug)]
enum Write {
    Create {
        id: u8,
        author: u8,
        views: i64,
        published: bool,
    },
    Views {
        id: u8,
        views: Option<i64>,
    },
    Title {
        id: u8,
    },
    Delete {
        id: u8,
    },
    DeleteAuthor {
        author: u8,
    },
    /// By another process, in one transaction.
    Foreign {
        id: u8,
        published: bool,
    },
    Look,
}

fn write() -> impl Strategy<Value = Write> {
    let id = 0..150u8;
    prop_oneof![
        8 => (id.clone(), 0..4u8, 0..6i64, any::<bool>()).prop_map(|(id, author, views, published)| Write::Create { id, author, views, published }),
        4 => (id.clone(), proptest::option::of(0..6i64)).prop_map(|(id, views)| Write::Views { id, views }),
        2 => id.clone().prop_map(|id| Write::Title { id }),
        3 => id.clone().prop_map(|id| Write::Delete { id }),
        1 => (0..4u8).prop_map(|author| Write::DeleteAuthor { author }),
        1 => (id, any::<bool>()).prop_map(|(id, published)| Write::Foreign { id, published }),
        6 => Just(Write::Look),
    ]
}

const SCHEMA: &str = "
version: 1
collections:
  users:
    fields:
      id: {type: id, primary: true}
  posts:
    fields:
      id: {type: int, primary: true}
      author_id: {type: id, references: users.id, onDelete: cascade}
      editor_id: {type: id, references: users.id, onDelete: set null, nullable: true}
      views: {type: int, nullable: true}
      published: {type: bool}
      title: {type: string}
";

/// Enough documents that a few changes are cheaper than a count; the lower ids are those that change.
const MANY: &str = "
INSERT INTO users (id) VALUES ('u0'), ('u1'), ('u2'), ('u3'), ('all');
WITH RECURSIVE ids(id) AS (VALUES (0) UNION ALL SELECT id + 1 FROM ids WHERE id < 1500)
INSERT INTO posts (id, author_id, editor_id, views, published, title)
SELECT id, iif(id < 150, 'u' || (id % 4), 'all'), iif(id % 5 = 0, NULL, 'all'), nullif(id % 6, 4), id % 3 > 0, '' FROM ids;
";

fn queries(fixture: &Fixture) -> Vec<Query> {
    let posts = fixture.collection("posts");
    let field = |name: &str| FieldRef::named(&posts, name).unwrap();
    let views = Predicate::Compare { field: field("views"), comparison: Comparison::Gt, value: Value::Int(2) };
    let published =
        Predicate::Compare { field: field("published"), comparison: Comparison::Eq, value: Value::Bool(true) };
    let edited = Predicate::IsNull(field("editor_id"));
    [
        Predicate::TRUE,
        views.clone(),
        published.clone(),
        edited,
        Predicate::And(vec![published, views.clone()]),
        Predicate::Not(Box::new(views)),
    ]
    .into_iter()
    .map(|predicate| Query { predicate, limit: 1, ..fixture.query("posts") })
    .collect()
}

async fn apply(fixture: &Fixture, other: &mut Database, write: &Write) {
    match write {
        Write::Create { id, author, views, published } => {
            let author = format!("u{author}");
            let post =
                json!({"id": id, "author_id": author, "editor_id": author, "views": views, "published": published});
            let _ = fixture.create("users", json!({"id": author})).await;
            let _ = fixture.create("posts", post).await;
        }
        Write::Views { id, views } => set(fixture, *id, "views", views.map_or(Value::Null, Value::Int)).await,
        Write::Title { id } => set(fixture, *id, "title", Value::Text(format!("{id}{id}"))).await,
        Write::Delete { id } => {
            let id = Value::Int((*id).into());
            fixture.store.delete(&fixture.collection("posts"), &id, &Predicate::TRUE).await.unwrap();
        }
        Write::DeleteAuthor { author } => {
            fixture.delete("users", &format!("u{author}")).await.unwrap();
        }
        Write::Foreign { id, published } => {
            let flag = i32::from(*published);
            let script = format!(
                "BEGIN IMMEDIATE; UPDATE posts SET published = {flag} WHERE id % 7 = {id} % 7; \
                 DELETE FROM posts WHERE id = {id}; UPDATE posts SET editor_id = NULL WHERE id = {id} + 1; COMMIT;"
            );
            other.execute(&script).await.unwrap();
        }
        Write::Look => {}
    }
}

async fn set(fixture: &Fixture, id: u8, name: &str, value: Value) {
    let posts = fixture.collection("posts");
    let changes = vec![(FieldRef::named(&posts, name).unwrap(), value)];
    fixture.store.update(&posts, &Value::Int(id.into()), changes, &Predicate::TRUE, &Everything).await.unwrap();
}

/// The count by SQL alone: a fresh store remembers nothing.
async fn check(fixture: &Fixture, fresh: &alyx_store::Store, queries: &[Query]) {
    for query in queries {
        let remembered = fixture.list(query).await.total;
        // A limit of its own gives the other store no advantage: it has never seen the query.
        let counted = fresh.list(query, &Everything).await.unwrap().total;
        assert_eq!(remembered, counted, "{:?}", query.predicate);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_remembered_total_is_the_count(writes in proptest::collection::vec(write(), 100..300)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::open(SCHEMA).await;
            let mut other = Database::open(&fixture.options).await.unwrap();
            other.execute(MANY).await.unwrap();
            let queries = queries(&fixture);
            for write in &writes {
                apply(&fixture, &mut other, write).await;
                if matches!(write, Write::Look) {
                    let fresh = alyx_store::Store::open(fixture.options.clone(), fixture.store.schema()).await.unwrap();
                    check(&fixture, &fresh, &queries).await;
                    fresh.close().await;
                }
            }
            let stats = fixture.store.stats();
            assert!(stats.counts_reused > 0, "none was ever brought forward: {stats:?}");
        });
    }
}
