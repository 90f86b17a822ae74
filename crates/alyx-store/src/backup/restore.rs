//! A backup put in the place of the database, and a database thrown away.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use alyx_schema::clock::Clock;
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

use super::{Error, Partial, Report, Result, copy, report, sync, sync_folder};
use crate::{
    Database, StoreOptions, SystemClock,
    connection::make_folder,
    migration::{Session, with_suffix},
};

/// What a restore did.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Restored {
    /// What is in the database now.
    pub report: Report,
    /// Where the database that was replaced is now, if there was one.
    pub kept: Option<PathBuf>,
}

/// Puts a backup in the place of the database, which is kept beside it.
///
/// The backup is checked, and brought up to date if an older Alyx wrote it, before anything is replaced.
///
/// # Errors
/// Where a server has the database open, or the file is none of ours, damaged, or of a newer Alyx.
pub async fn restore(options: &StoreOptions, source: &Path) -> Result<Restored> {
    report::verify(&StoreOptions { path: source.to_owned(), ..options.clone() }).await?;
    make_folder(&options.path).map_err(Error::file("making the folder of", &options.path))?;
    let partial = Partial::create(with_suffix(&options.path, ".restoring"));
    let partial = partial.map_err(Error::file("making a copy beside", &options.path))?;
    copy(&StoreOptions { path: source.to_owned(), ..options.clone() }, &partial.0, &mut |_, _| {}).await?;
    let fresh = StoreOptions { path: partial.0.clone(), ..options.clone() };
    Database::open(&fresh)
        .await
        .map_err(Error::unreadable(source))?
        .close()
        .await
        .map_err(Error::unreadable(source))?;
    close_alone(&fresh.path).await?;
    let report = report::verify(&fresh).await?;
    sync(&partial.0)?;
    close_alone(&options.path).await?;
    let kept = set_aside(&options.path)?;
    std::fs::rename(&partial.0, &options.path).map_err(Error::file("naming", &options.path))?;
    sync_folder(&options.path);
    Ok(Restored { report, kept })
}

/// Removes the database with all that is in it.
///
/// # Errors
/// Where a process has it open, or it cannot be removed.
pub async fn reset(options: &StoreOptions) -> Result<()> {
    close_alone(&options.path).await?;
    for suffix in ["", "-wal", "-shm"] {
        let path = with_suffix(&options.path, suffix);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::file("removing", &path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes the database one file again, which only works where no other connection has it open.
async fn close_alone(path: &Path) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let connect = SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_millis(500));
    // A file that cannot be opened is in nobody's use, and may be the very reason for the restore.
    let Ok(mut connection) = connect.disable_statement_logging().connect().await else { return Ok(()) };
    let mut session = Session::new(&mut connection);
    let mode = session.texts("PRAGMA journal_mode = DELETE", Vec::new()).await;
    let _ = connection.close().await;
    match mode {
        Ok(modes) if modes.iter().any(|mode| mode == "delete") => Ok(()),
        Err(error) if !error.to_string().contains("locked") => Ok(()),
        _ => Err(Error::Running(path.to_owned())),
    }
}

/// Gives the database and the files beside it another name.
fn set_aside(path: &Path) -> Result<Option<PathBuf>> {
    if !path.exists() {
        return Ok(None);
    }
    let time = SystemClock.now().strftime("%Y%m%dT%H%M%S").to_string();
    let names = std::iter::once(time.clone()).chain((2..).map(|number| format!("{time}-{number}")));
    let free = names.map(|name| with_suffix(path, &format!(".before-restore-{name}"))).find(|kept| !kept.exists());
    let kept = free.expect("some number is free");
    for suffix in ["-wal", "-shm", ""] {
        let from = with_suffix(path, suffix);
        if from.exists() {
            std::fs::rename(&from, with_suffix(&kept, suffix)).map_err(Error::file("setting aside", &from))?;
        }
    }
    Ok(Some(kept))
}
