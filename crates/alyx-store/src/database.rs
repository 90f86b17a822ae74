//! The database before it serves: one writing connection and the tables of the store itself.

use std::sync::Arc;

use alyx_schema::Schema;
use sqlx::{
    Connection, SqlSafeStr, SqliteConnection,
    migrate::{Migration, MigrationType, Migrator},
};

use crate::{Error, Result, Store, StoreOptions, connection, sql::FEED_POSITION};

/// Tables of the store itself, never edited after release: version, name, text.
const SYSTEM_MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "changes", include_str!("../migrations/0001_changes.sql")),
    (2, "migrations", include_str!("../migrations/0002_migrations.sql")),
    (3, "accounts", include_str!("../migrations/0003_accounts.sql")),
    (4, "replaced", include_str!("../migrations/0004_replaced.sql")),
    (5, "executions", include_str!("../migrations/0005_executions.sql")),
    (6, "changes checked sooner", include_str!("../migrations/0006_changes_checked_sooner.sql")),
];

/// The newest form of the system tables that this binary knows.
pub(crate) fn latest_system_version() -> i64 {
    SYSTEM_MIGRATIONS.last().map_or(0, |(version, _, _)| *version)
}

/// An open database that nothing serves yet: for migrations, seeds and tests.
pub struct Database {
    options: StoreOptions,
    writer: SqliteConnection,
}

impl Database {
    /// Opens the file, making it and its folder where absent, and brings the system tables up to date.
    pub async fn open(options: &StoreOptions) -> Result<Self> {
        connection::make_folder(&options.path)
            .map_err(|source| Error::Database { doing: "making the data folder", source: Box::new(source) })?;
        let mut writer = connection::open_writer(options).await?;
        system_migrator().run(&mut writer).await.map_err(Error::database("preparing the system tables"))?;
        Ok(Self { options: options.clone(), writer })
    }

    /// Whether no document was ever stored in it.
    pub async fn is_untouched(&mut self) -> Result<bool> {
        let position = connection::statement(FEED_POSITION, Vec::new()).fetch_one(&mut self.writer).await;
        let position = position.map_err(Error::database("reading the feed's position"))?;
        Ok(connection::integer(&position, 0) == Some(0))
    }

    /// The one connection that writes.
    pub(crate) fn writer(&mut self) -> &mut SqliteConnection {
        &mut self.writer
    }

    /// How it was opened.
    #[must_use]
    pub fn options(&self) -> &StoreOptions {
        &self.options
    }

    /// Runs statements separated by `;` outside of any schema: for repairs and tests.
    pub async fn execute(&mut self, script: &str) -> Result<()> {
        connection::execute_script(&mut self.writer, script).await.map_err(Error::database("running a script"))
    }

    /// Makes the tables, indexes and triggers of every collection of a schema, in an empty database.
    pub async fn create_collections(&mut self, schema: &Schema) -> Result<()> {
        let statements =
            schema.collections.values().flat_map(|collection| crate::sql::ddl::create_statements(collection));
        let mut script = String::from("BEGIN IMMEDIATE;\n");
        for statement in statements {
            script.push_str(&statement);
            script.push_str(";\n");
        }
        script.push_str("COMMIT;");
        connection::execute_script(&mut self.writer, &script).await.map_err(Error::database("creating tables"))
    }

    /// Starts serving: the tables fit `schema`.
    pub async fn into_store(self, schema: Arc<Schema>) -> Result<Store> {
        Store::start(self.options, self.writer, schema).await
    }

    /// Closes the file.
    pub async fn close(self) -> Result<()> {
        self.writer.close().await.map_err(Error::database("closing the database"))
    }
}

fn system_migrator() -> Migrator {
    let migrations = SYSTEM_MIGRATIONS.iter().map(|(version, name, text)| {
        Migration::new(*version, (*name).into(), MigrationType::Simple, text.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}
