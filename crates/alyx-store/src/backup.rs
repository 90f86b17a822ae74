//! Copies of a database that is in use, each tried before it is called one, and the way back from them.

mod report;
mod restore;

use std::{
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::Connection;

pub use report::{Error, Report, Result};
pub use restore::{Restored, reset, restore};

use crate::{
    StoreOptions,
    connection::open_reader,
    migration::{Session, bound, with_suffix},
};

/// Hears how many bytes of how many are written.
pub type Progress<'a> = dyn FnMut(u64, u64) + Send + 'a;

/// How often the progress is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Copies the database as it is at one moment, while others read and write it, into a new file.
///
/// The copy is checked as a restore would before it gets its name; what is left of a failed one is removed.
///
/// # Errors
/// Where the target exists, the database cannot be read, or the copy does not pass.
pub async fn backup(options: &StoreOptions, target: &Path, progress: &mut Progress<'_>) -> Result<Report> {
    if target.exists() {
        return Err(Error::Exists(target.to_owned()));
    }
    if !options.path.exists() {
        return Err(Error::Missing(options.path.clone()));
    }
    let partial = Partial::create(with_suffix(target, ".partial")).map_err(Error::file("making", target))?;
    copy(options, &partial.0, progress).await?;
    let report = report::verify(&StoreOptions { path: partial.0.clone(), ..options.clone() }).await?;
    sync(&partial.0)?;
    publish(&partial.0, target)?;
    Ok(report)
}

/// A file that is removed again unless it was given its name.
pub(crate) struct Partial(pub(crate) PathBuf);

impl Partial {
    /// An empty file that only its owner may read.
    pub(crate) fn create(path: PathBuf) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(with_suffix(&self.0, suffix));
        }
    }
}

/// Writes the database of `options` as one consistent file.
pub(super) async fn copy(options: &StoreOptions, target: &Path, progress: &mut Progress<'_>) -> Result<()> {
    let mut reader = open_reader(options).await.map_err(Error::unreadable(&options.path))?;
    let mut session = Session::new(&mut reader);
    session.doing(format!("copying {}", options.path.display()));
    let copied = vacuum(&mut session, target, progress).await;
    let _ = reader.close().await;
    copied
}

async fn vacuum(session: &mut Session<'_>, target: &Path, progress: &mut Progress<'_>) -> Result<()> {
    let pages = session.number("PRAGMA page_count", Vec::new()).await?;
    let size = session.number("PRAGMA page_size", Vec::new()).await?;
    let total = u64::try_from(pages.saturating_mul(size)).unwrap_or(0);
    let written = || std::fs::metadata(target).map_or(0, |metadata| metadata.len());
    let mut copying = std::pin::pin!(session.run("VACUUM INTO ?", vec![bound(target.to_string_lossy())]));
    loop {
        tokio::select! {
            done = &mut copying => { done?; break }
            () = tokio::time::sleep(LOOK_EVERY) => progress(written().min(total), total),
        }
    }
    progress(total, total);
    Ok(())
}

/// Puts the bytes on the disk.
pub(super) fn sync(path: &Path) -> Result<()> {
    File::open(path).and_then(|file| file.sync_all()).map_err(Error::file("writing", path))
}

/// Gives the file its name at once, and never that of another.
fn publish(partial: &Path, target: &Path) -> Result<()> {
    match std::fs::hard_link(partial, target) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(Error::Exists(target.to_owned())),
        // Some file systems have no links.
        Err(_) => std::fs::rename(partial, target).map_err(Error::file("naming", target))?,
    }
    sync_folder(target);
    Ok(())
}

/// Puts the name on the disk, where the system can.
pub(super) fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}
