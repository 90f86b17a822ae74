//! Migrations on real files: each operation with data, references, indexes and triggers, and the way back.

mod crash;
mod dry_run;
mod guide;
mod history;
mod operations;
mod property;
mod refusals;
mod rollback;
mod safe_changes;

use alyx_schema::migration::{MigrationFile, parse_migrations};
use alyx_store::{
    Database, StoreOptions,
    migration::{self, Applied, Error, Project},
};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection, Row, TypeInfo, ValueRef, sqlite::SqliteConnectOptions};

use crate::fixture::schema;

/// Users and posts, with everything that a rebuild must keep.
pub(crate) const BLOG: &str = "
version: 1
collections:
  users:
    fields:
      id: {type: uuid, primary: true, default: auto}
      name: {type: string, nullable: true}
      email: {type: string, unique: true}
  posts:
    fields:
      id: {type: id, primary: true, default: auto}
      title: {type: string, index: true}
      views: {type: string, nullable: true}
      author_id: {type: uuid, references: users.id, onDelete: cascade}
      excerpt: {type: string, nullable: true}
    indexes:
      - {name: posts_by_title_and_views, fields: [title, views]}
";

/// Two users, three posts.
pub(crate) const ROWS: &str = "
INSERT INTO users (id, name, email) VALUES
  ('00000000-0000-4000-8000-000000000001', 'Ada', 'ada@example.com'),
  ('00000000-0000-4000-8000-000000000002', NULL, 'bob@example.com');
INSERT INTO posts (id, title, views, author_id, excerpt) VALUES
  ('aaaaaaaaaaaaaaa', 'One', '1', '00000000-0000-4000-8000-000000000001', 'first'),
  ('bbbbbbbbbbbbbbb', 'Two', '22', '00000000-0000-4000-8000-000000000001', NULL),
  ('ccccccccccccccc', 'Three', NULL, '00000000-0000-4000-8000-000000000002', 'third');
DELETE FROM _alyx_changes;
";

/// A database in a folder of its own, and the migration files that it has seen.
pub(crate) struct Lab {
    pub(crate) options: StoreOptions,
    pub(crate) files: Vec<(String, String)>,
    pub(crate) folder: tempfile::TempDir,
}

impl Lab {
    /// A database with this schema and these rows.
    pub(crate) async fn new(schema: &str, rows: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::new(folder.path().join("alyx.db"));
        let mut lab = Self { options, files: Vec::new(), folder };
        lab.migrate(schema, &[]).await.unwrap();
        lab.sql(rows).await;
        lab
    }

    /// The blog with its rows.
    pub(crate) async fn blog() -> Self {
        Self::new(BLOG, ROWS).await
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) fn parsed(&self) -> Vec<MigrationFile> {
        parse_migrations(&self.files).unwrap_or_else(|faults| panic!("{faults:#?}"))
    }

    /// Starts with this schema and these further files.
    pub(crate) async fn migrate(&mut self, text: &str, files: &[(&str, &str)]) -> Result<Vec<Applied>, Error> {
        self.files.extend(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
        let (schema, files) = (schema(text), self.parsed());
        let project = Project { schema_text: text, schema: &schema, files: &files };
        let mut database = Database::open(&self.options).await.unwrap();
        let applied = migration::prepare(&mut database, &project, &mut |_| ()).await;
        database.close().await.unwrap();
        applied
    }

    pub(crate) async fn rollback(&self, count: usize) -> Result<Vec<String>, Error> {
        let mut database = Database::open(&self.options).await.unwrap();
        let undone = migration::rollback(&mut database, count, &mut |_| ()).await;
        database.close().await.unwrap();
        Ok(undone?.into_iter().map(|undone| undone.title).collect())
    }

    async fn connect(&self) -> sqlx::SqliteConnection {
        let options = SqliteConnectOptions::new().filename(&self.options.path).foreign_keys(true);
        options.connect().await.unwrap()
    }

    /// Runs statements as another program would.
    pub(crate) async fn sql(&self, script: &str) {
        let mut connection = self.connect().await;
        sqlx::raw_sql(AssertSqlSafe(script.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// The rows of a query, cells separated by `|`, rows by line ends.
    pub(crate) async fn rows(&self, sql: &str) -> String {
        let mut connection = self.connect().await;
        let rows = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// What the tables are: columns, references, indexes, triggers, each sorted.
    pub(crate) async fn shape(&self) -> String {
        self.rows(SHAPE).await
    }

    /// What is in the feed: collection, operation, document, fields, values before.
    pub(crate) async fn feed(&self) -> String {
        self.rows("SELECT collection, operation, doc_id, changed_fields, before FROM _alyx_changes ORDER BY id").await
    }
}

const SHAPE: &str = "
WITH tables AS (SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 5) <> '_alyx' AND substr(name, 1, 5) <> '_sqlx')
SELECT * FROM (
  SELECT 'column', t.name, c.name, c.type, c.\"notnull\", c.pk FROM tables t, pragma_table_xinfo(t.name) c
  UNION ALL SELECT 'reference', t.name, f.\"from\", f.\"table\", f.\"to\", f.on_delete FROM tables t, pragma_foreign_key_list(t.name) f
  UNION ALL SELECT 'index', t.name, i.name, i.\"unique\", group_concat(x.name || x.desc, ','), i.origin
    FROM tables t, pragma_index_list(t.name) i, pragma_index_xinfo(i.name) x WHERE x.key = 1 GROUP BY t.name, i.name
  UNION ALL SELECT 'trigger', tbl_name, name, sql, '', '' FROM sqlite_schema WHERE type = 'trigger'
  UNION ALL SELECT 'strict', t.name, l.strict, '', '', '' FROM tables t, pragma_table_list(t.name) l
) ORDER BY 1, 2, 3, 4, 5, 6";

/// What a new database of this schema looks like.
pub(crate) async fn fresh_shape(schema: &str) -> String {
    Lab::new(schema, "").await.shape().await
}

fn line(row: &sqlx::sqlite::SqliteRow) -> String {
    let cells = row.columns().iter().map(|column| {
        let raw = row.try_get_raw(column.ordinal()).unwrap();
        match raw.type_info().name() {
            _ if raw.is_null() => "null".to_owned(),
            "INTEGER" => row.get::<i64, _>(column.ordinal()).to_string(),
            "REAL" => format!("{:?}", row.get::<f64, _>(column.ordinal())),
            "BLOB" => format!("{:?}", row.get::<Vec<u8>, _>(column.ordinal())),
            _ => row.get::<String, _>(column.ordinal()),
        }
    });
    cells.collect::<Vec<_>>().join("|")
}

/// The schema with one piece of text replaced; the piece must be there.
pub(crate) fn edited(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in the schema");
    text.replace(from, to)
}

/// A migration file with these operations.
pub(crate) fn file(operations: &str) -> String {
    format!("operations:\n{operations}")
}
