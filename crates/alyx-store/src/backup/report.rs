//! Whether a file is a database of ours that a restore would take, and what is in it.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use sqlx::Connection;

use crate::{
    StoreOptions,
    connection::open_reader,
    database::latest_system_version,
    migration::{self, Session, bound},
    sql::quote,
};

/// The result of a backup or restore.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no backup, or no restore.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The target is there already.
    #[error("{} exists already and is not overwritten", .0.display())]
    Exists(PathBuf),
    /// There is no such file.
    #[error("there is no file {}", .0.display())]
    Missing(PathBuf),
    /// The file is no database of Alyx.
    #[error("{} is not an Alyx database: {reason}", .path.display())]
    NotAlyx {
        /// The file.
        path: PathBuf,
        /// What speaks against it.
        reason: String,
    },
    /// The file was written by a newer Alyx.
    #[error("{} was written by a newer Alyx (its system tables are of version {found}, this binary knows {known}); update this binary first", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its system tables.
        found: i64,
        /// The newest that this binary knows.
        known: i64,
    },
    /// The file is damaged.
    #[error("{} is damaged: {}", .path.display(), .problems.join("; "))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        problems: Vec<String>,
    },
    /// A process has the database open.
    #[error("a server or another process has {} open; stop it first", .0.display())]
    Running(PathBuf),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] migration::Error),
    /// A file could not be written, named or removed.
    #[error("{doing} {}: {source}", .path.display())]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

impl Error {
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }

    pub(super) fn unreadable(path: &Path) -> impl FnOnce(crate::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::NotAlyx { path, reason: error.to_string() }
    }
}

/// What is in a backup.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Collections and how many documents each has.
    pub documents: Vec<(String, u64)>,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Version of its system tables.
    pub system_version: i64,
}

const SYSTEM_VERSION: &str = r#"SELECT max("version") FROM "_sqlx_migrations" WHERE "success""#;
const SYSTEM_TABLES: &str = r#"SELECT count(*) FROM "sqlite_schema" WHERE "type" = 'table' AND "name" IN ('_sqlx_migrations', '_alyx_changes')"#;
const HAS_SCHEMA: &str = r#"SELECT count(*) FROM "sqlite_schema" WHERE "name" = '_alyx_schema'"#;
const TABLE: &str = r#"SELECT count(*) FROM "sqlite_schema" WHERE "type" = 'table' AND "name" = ?"#;

/// Opens the file as a restore would, and reads all of it.
pub(super) async fn verify(options: &StoreOptions) -> Result<Report> {
    let path = &options.path;
    check_header(path)?;
    let mut reader = open_reader(options).await.map_err(Error::unreadable(path))?;
    let report = inspect(&mut Session::new(&mut reader), path).await;
    let _ = reader.close().await;
    report
}

fn check_header(path: &Path) -> Result<()> {
    let mut header = [0; 16];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut header));
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::Missing(path.to_owned())),
        Ok(()) if header == *b"SQLite format 3\0" => Ok(()),
        Ok(()) => Err(Error::NotAlyx { path: path.to_owned(), reason: "it is no SQLite file".to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(Error::NotAlyx { path: path.to_owned(), reason: "it is too short".to_owned() })
        }
        Err(error) => Err(Error::file("reading", path)(error)),
    }
}

async fn inspect(session: &mut Session<'_>, path: &Path) -> Result<Report> {
    session.doing(format!("reading {}", path.display()));
    let not_alyx = |reason: &str| Error::NotAlyx { path: path.to_owned(), reason: reason.to_owned() };
    let tables = session.number(SYSTEM_TABLES, Vec::new()).await;
    if tables.map_err(|error| not_alyx(&error.to_string()))? < 2 {
        return Err(not_alyx("its system tables are missing"));
    }
    let (found, known) = (session.number(SYSTEM_VERSION, Vec::new()).await?, latest_system_version());
    if found > known {
        return Err(Error::Newer { path: path.to_owned(), found, known });
    }
    let mut problems = session.texts("PRAGMA integrity_check(10)", Vec::new()).await?;
    problems.retain(|line| line != "ok");
    let broken = session.rows("PRAGMA foreign_key_check", Vec::new()).await?;
    if !broken.is_empty() {
        problems.push(format!("{} references point at nothing", broken.len()));
    }
    if !problems.is_empty() {
        return Err(Error::Damaged { path: path.to_owned(), problems });
    }
    let documents = count_documents(session, path).await?;
    let bytes = std::fs::metadata(path).map_err(Error::file("reading", path))?.len();
    Ok(Report { documents, bytes, system_version: found })
}

async fn count_documents(session: &mut Session<'_>, path: &Path) -> Result<Vec<(String, u64)>> {
    if session.number(HAS_SCHEMA, Vec::new()).await? == 0 {
        return Ok(Vec::new());
    }
    let Some(stored) = session.stored().await? else { return Ok(Vec::new()) };
    let mut documents = Vec::new();
    for name in stored.schema.collections.keys() {
        if session.number(TABLE, vec![bound(name.as_str())]).await? == 0 {
            let problems = vec![format!("the table of {name} is missing")];
            return Err(Error::Damaged { path: path.to_owned(), problems });
        }
        let count = session.number(format!("SELECT count(*) FROM {}", quote(name.as_str())), Vec::new()).await?;
        documents.push((name.as_str().to_owned(), u64::try_from(count).unwrap_or(0)));
    }
    Ok(documents)
}
