//! The file of keys in the data folder, for its owner alone.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use alyx_config::section::Algorithm;
use alyx_schema::clock::format_timestamp;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Key;
use crate::{
    Error, Result,
    random::{self, Random},
};

const FOLDER: &str = "secrets";
const FILE: &str = "token_keys.json";

/// The file and its folder.
pub(super) struct KeyFile {
    folder: PathBuf,
    path: PathBuf,
}

/// What tells that a file is another one now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    number: u64,
}

/// A key as it is kept.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) algorithm: Algorithm,
    pub(super) material: Vec<u8>,
    pub(super) created_at: Timestamp,
    pub(super) retired_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    keys: Vec<WrittenKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    id: String,
    algorithm: String,
    material: String,
    created_at: String,
    retired_at: Option<String>,
}

impl KeyFile {
    pub(super) fn new(data_folder: &Path) -> Self {
        let folder = data_folder.join(FOLDER);
        Self { path: folder.join(FILE), folder }
    }

    pub(super) fn failed(&self, doing: &'static str, source: io::Error) -> Error {
        Error::Keys { doing, path: self.path.clone(), source }
    }

    pub(super) fn stamp(&self) -> Option<Stamp> {
        let metadata = fs::metadata(&self.path).ok()?;
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let number = 0;
        Some(Stamp { modified: metadata.modified().ok(), length: metadata.len(), number })
    }

    /// The keys, newest first; none where there is no file.
    pub(super) fn read(&self) -> Result<Vec<Entry>> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.failed("read", error)),
        };
        self.shut_out_others()?;
        // The parser's message could show what stands in the file.
        let written: Written = serde_json::from_str(&text).map_err(|_| self.damaged("it is not a file of keys"))?;
        if written.version != 1 {
            return Err(self.damaged("it was written by a newer Alyx"));
        }
        written.keys.iter().map(|key| entry(key).ok_or_else(|| self.damaged("one of its keys is none"))).collect()
    }

    pub(super) fn key(&self, entry: &Entry) -> Result<Key> {
        Key::of_material(&entry.id, entry.algorithm, &entry.material)
            .ok_or_else(|| self.damaged("one of its keys is none"))
    }

    /// Makes a key that signs, unless there is one of this algorithm.
    pub(super) fn make_first(&self, algorithm: Algorithm, now: Timestamp, random: &dyn Random) -> Result<()> {
        let mut keys = self.read()?;
        if keys.iter().any(|key| key.algorithm == algorithm && key.retired_at.is_none()) {
            return Ok(());
        }
        let is_new = keys.is_empty();
        keys.insert(0, new_key(algorithm, now, random)?);
        match self.write(&keys, if is_new { Mode::New } else { Mode::Replace }, random) {
            // Another process was quicker: its key is as good.
            Err(Error::Keys { source, .. }) if is_new && source.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            written => written,
        }
    }

    /// Writes all keys at once: a reader sees the old file or the new one.
    pub(super) fn write(&self, keys: &[Entry], mode: Mode, random: &dyn Random) -> Result<()> {
        let written = Written { version: 1, keys: keys.iter().map(written).collect() };
        let text = serde_json::to_string_pretty(&written).map_err(|error| self.failed("write", error.into()))?;
        make_private_folder(&self.folder).map_err(|error| self.failed("make the folder of", error))?;
        let unique = URL_SAFE_NO_PAD.encode(random::bytes::<9>(random)?);
        let partial = self.folder.join(format!(".{FILE}.{unique}"));
        let named = write_private(&partial, &text).and_then(|()| match mode {
            Mode::Replace => fs::rename(&partial, &self.path),
            Mode::New => fs::hard_link(&partial, &self.path),
        });
        let _ = fs::remove_file(&partial);
        named.map_err(|error| self.failed("write", error))
    }

    /// A file that others could read is closed to them.
    fn shut_out_others(&self) -> Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let metadata = fs::metadata(&self.path).map_err(|error| self.failed("read", error))?;
            if metadata.permissions().mode() & 0o077 != 0 {
                tracing::warn!(path = %self.path.display(), "others could read the keys that sign tokens; now they cannot");
                fs::set_permissions(&self.path, fs::Permissions::from_mode(0o600))
                    .map_err(|error| self.failed("protect", error))?;
            }
        }
        Ok(())
    }
}

/// Whether the file may be there already.
#[derive(Clone, Copy)]
pub(super) enum Mode {
    New,
    Replace,
}

pub(super) fn new_key(algorithm: Algorithm, now: Timestamp, random: &dyn Random) -> Result<Entry> {
    let id = URL_SAFE_NO_PAD.encode(random::bytes::<9>(random)?);
    let material = random::bytes::<32>(random)?.to_vec();
    Ok(Entry { id, algorithm, material, created_at: now, retired_at: None })
}

fn entry(key: &WrittenKey) -> Option<Entry> {
    let algorithm = [Algorithm::Hs256, Algorithm::EdDsa].into_iter().find(|known| known.as_str() == key.algorithm)?;
    Some(Entry {
        id: key.id.clone(),
        algorithm,
        material: URL_SAFE_NO_PAD.decode(&key.material).ok()?,
        created_at: key.created_at.parse().ok()?,
        retired_at: key.retired_at.as_ref().map(|time| time.parse()).transpose().ok()?,
    })
}

fn written(entry: &Entry) -> WrittenKey {
    WrittenKey {
        id: entry.id.clone(),
        algorithm: entry.algorithm.as_str().to_owned(),
        material: URL_SAFE_NO_PAD.encode(&entry.material),
        created_at: format_timestamp(entry.created_at),
        retired_at: entry.retired_at.map(format_timestamp),
    }
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
