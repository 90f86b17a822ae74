//! The keys that sign tokens: one signs, those of before still count, so that a new key signs nobody out.
//!
//! A configured secret comes first; other keys are made once and kept in the data folder, and a running server
//! notices when they change.

mod file;
mod key;
mod rotate;

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use alyx_config::section::Jwt;
use alyx_schema::clock::Clock;
use serde_json::{Value as Json, json};

use crate::{Error, Result, random::Random};
use file::{KeyFile, Stamp};
pub(crate) use key::Key;
#[cfg(test)]
pub(crate) use key::pkcs8_of_seed;
pub use rotate::{RotatedKey, rotate_keys};

/// Milliseconds between two looks at the file.
const LOOK_EVERY: i64 = 1000;

/// Every key, and which one signs.
pub(crate) struct Keyring {
    jwt: Jwt,
    file: KeyFile,
    clock: Arc<dyn Clock>,
    looked_at: AtomicI64,
    stamp: Mutex<Option<Stamp>>,
    keys: RwLock<Arc<Keys>>,
    version: AtomicU64,
}

/// The keys at one moment; the first one signs.
pub(crate) struct Keys {
    keys: Vec<Arc<Key>>,
}

impl Keyring {
    /// Reads the keys, and makes the first one where there is none.
    pub(crate) fn open(jwt: &Jwt, data_folder: &Path, (clock, random): (&Arc<dyn Clock>, &dyn Random)) -> Result<Self> {
        let file = KeyFile::new(data_folder);
        if jwt.secret.is_none() {
            file.make_first(jwt.algorithm, clock.now(), random)?;
        }
        let stamp = file.stamp();
        let keys = Keys::read(jwt, &file)?;
        Ok(Self {
            jwt: jwt.clone(),
            file,
            clock: Arc::clone(clock),
            looked_at: AtomicI64::new(clock.now().as_millisecond()),
            stamp: Mutex::new(stamp),
            keys: RwLock::new(Arc::new(keys)),
            version: AtomicU64::new(0),
        })
    }

    /// The key that signs.
    pub(crate) fn signing(&self) -> Arc<Key> {
        self.look();
        Arc::clone(&self.now().keys[0])
    }

    /// The key of this id.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Key>> {
        let known = self.now().find(id);
        if known.is_none() && self.look() {
            return self.now().find(id);
        }
        known
    }

    /// Rises whenever there are other keys.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// The public halves of the keys (RFC 7517); secrets have none.
    pub(crate) fn public(&self) -> Json {
        self.look();
        let keys: Vec<Json> = self.now().keys.iter().filter_map(|key| key.public()).collect();
        json!({ "keys": keys })
    }

    fn now(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the file again if it changed, looking at most once a second; whether there are other keys now.
    fn look(&self) -> bool {
        let now = self.clock.now().as_millisecond();
        let last = self.looked_at.load(Ordering::Relaxed);
        let is_early = (0..LOOK_EVERY).contains(&(now - last));
        if is_early || self.looked_at.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return false;
        }
        let stamp = self.file.stamp();
        let mut known = self.stamp.lock().unwrap_or_else(PoisonError::into_inner);
        if stamp.is_none() || *known == stamp {
            return false;
        }
        match Keys::read(&self.jwt, &self.file) {
            Ok(keys) => {
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
                *known = stamp;
                self.version.fetch_add(1, Ordering::Release);
                tracing::info!("the keys that sign tokens have changed");
                true
            }
            Err(error) => {
                tracing::warn!(%error, "the keys that sign tokens changed and cannot be read; the old ones stay");
                false
            }
        }
    }
}

impl Keys {
    fn read(jwt: &Jwt, file: &KeyFile) -> Result<Self> {
        let mut keys: Vec<Key> =
            jwt.secret.iter().chain(&jwt.previous_secrets).map(|secret| Key::of_secret(secret.expose())).collect();
        let stored = file.read()?;
        if jwt.secret.is_none() {
            let signing = stored.iter().position(|key| key.algorithm == jwt.algorithm && key.retired_at.is_none());
            let signing = signing.ok_or_else(|| file.damaged("it has no key that signs"))?;
            keys.insert(0, file.key(&stored[signing])?);
        }
        for entry in &stored {
            let key = file.key(entry)?;
            if keys.iter().all(|known| known.id() != key.id()) {
                keys.push(key);
            }
        }
        Ok(Self { keys: keys.into_iter().map(Arc::new).collect() })
    }

    fn find(&self, id: &str) -> Option<Arc<Key>> {
        self.keys.iter().find(|key| key.id() == id).map(Arc::clone)
    }
}

impl KeyFile {
    fn damaged(&self, why: &'static str) -> Error {
        self.failed("read", std::io::Error::new(std::io::ErrorKind::InvalidData, why))
    }
}

#[cfg(test)]
mod tests;
