//! The database of a project, brought in line with its files.

use alyx_store::{
    Database, Store, StoreOptions,
    migration::{self, Applied, Progress, Work},
};

use crate::{Error, MIGRATIONS, Project, Result, lock::DataLock, options::store_options};

/// A database that fits its project and that nothing serves yet.
pub struct Opened {
    database: Database,
    lock: Option<DataLock>,
    applied: Vec<Applied>,
}

impl Opened {
    /// The open database.
    pub fn database(&mut self) -> &mut Database {
        &mut self.database
    }

    /// What was changed to make it fit.
    #[must_use]
    pub fn applied(&self) -> &[Applied] {
        &self.applied
    }

    /// Whether another process serves it meanwhile.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.lock.is_none()
    }

    /// Starts reading and writing documents.
    ///
    /// # Errors
    /// The database fails.
    pub async fn into_store(self, project: &Project) -> Result<Store> {
        Ok(self.database.into_store(project.schema.clone()).await?)
    }

    /// Closes the database again.
    ///
    /// # Errors
    /// The database fails to close.
    pub async fn close(self) -> Result<()> {
        Ok(self.database.close().await?)
    }

    pub(crate) fn into_parts(self) -> (Database, Option<DataLock>) {
        (self.database, self.lock)
    }
}

impl Project {
    /// What the migrations are judged by.
    #[must_use]
    pub fn target(&self) -> migration::Project<'_> {
        migration::Project { schema_text: &self.schema_text, schema: &self.schema, files: &self.migrations }
    }

    /// How its database is opened.
    #[must_use]
    pub fn store_options(&self) -> StoreOptions {
        store_options(&self.settings.config, self.folder())
    }

    /// The database as it is, changed in nothing.
    ///
    /// # Errors
    /// The database cannot be opened.
    pub async fn open_database(&self) -> Result<Database> {
        self.data_folder()?;
        Ok(Database::open(&self.store_options()).await?)
    }

    /// Brings the database in line with the project, which no other process may be serving.
    ///
    /// # Errors
    /// The project is being served, or a change needs a migration file.
    pub async fn open(&self, lock: DataLock, progress: &mut Progress<'_>) -> Result<Opened> {
        let (database, applied) = self.prepare(progress).await?;
        Ok(Opened { database, lock: Some(lock), applied })
    }

    pub(crate) async fn prepare(&self, progress: &mut Progress<'_>) -> Result<(Database, Vec<Applied>)> {
        let mut database = self.open_database().await?;
        let applied = migration::prepare(&mut database, &self.target(), progress).await;
        Ok((database, applied.map_err(|fault| self.explain(fault))?))
    }

    /// The database for reading and writing, whether another process serves it or not.
    ///
    /// # Errors
    /// A change needs a migration file, or the server that runs has another data model.
    pub async fn open_shared(&self, progress: &mut Progress<'_>) -> Result<Opened> {
        match self.lock() {
            Ok(lock) => return self.open(lock, progress).await,
            Err(Error::Served { .. }) => {}
            Err(fault) => return Err(fault),
        }
        let mut database = self.open_database().await?;
        let plan = migration::plan(&mut database, &self.target()).await.map_err(|fault| self.explain(fault))?;
        if !plan.is_empty() {
            return Err(Error::Outdated);
        }
        Ok(Opened { database, lock: None, applied: Vec::new() })
    }

    /// The migration files that were not applied yet.
    pub(crate) async fn waiting(&self) -> Result<Vec<String>> {
        let mut database = self.open_database().await?;
        let plan = migration::plan(&mut database, &self.target()).await;
        database.close().await?;
        let stages = plan.map_err(|fault| self.explain(fault))?.stages;
        let files = stages.into_iter().filter_map(|stage| match stage.work {
            Work::File(file) => Some(format!("{MIGRATIONS}/{}", file.file)),
            Work::Create(_) | Work::Automatic(_) => None,
        });
        Ok(files.collect())
    }

    /// The right to change the database as a whole.
    ///
    /// # Errors
    /// Another process has it.
    pub fn lock(&self) -> Result<DataLock> {
        DataLock::take(&self.data_folder()?)
    }
}
