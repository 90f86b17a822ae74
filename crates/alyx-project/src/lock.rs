//! One process at a time serves, migrates or replaces a database.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

use crate::{Error, Result};

const FILE: &str = "alyx.lock";

/// The right to change the database as a whole; the system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the right, or says who has it.
    pub(crate) fn take(data: &Path) -> Result<Self> {
        let path = data.join(FILE);
        let failed = |path: PathBuf| move |source| Error::File { doing: "lock", path, source };
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = options.map_err(failed(path.clone()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Served { holder: holder(&mut file) }),
            Err(TryLockError::Error(source)) => return Err(failed(path)(source)),
        }
        let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", own_name()));
        written.map_err(failed(path))?;
        Ok(Self { _file: file })
    }
}

fn own_name() -> String {
    let program = std::env::current_exe().ok();
    let name = program.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    format!("{} (process {})", name.unwrap_or_else(|| "alyx".to_owned()), std::process::id())
}

fn holder(file: &mut File) -> Option<String> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_taker_learns_who_was_first() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataLock::take(folder.path()).unwrap();
        let refused = DataLock::take(folder.path()).unwrap_err();
        assert!(matches!(refused, Error::Served { holder: Some(name) } if name.contains("process")));
        drop(first);
        assert!(DataLock::take(folder.path()).is_ok());
    }
}
