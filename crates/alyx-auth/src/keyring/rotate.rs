//! A new key in the place of the one that signs.

use std::path::Path;

use alyx_config::section::Jwt;
use alyx_schema::clock::Clock;

use super::file::{KeyFile, Mode, new_key};
use crate::{Error, Result, random::Random};

/// What a rotation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotatedKey {
    /// The id of the key that signs from now on.
    pub id: String,
    /// How many keys of before still count.
    pub previous: usize,
    /// How many went, since everything that they signed has expired.
    pub removed: usize,
}

/// Makes a new key that signs tokens. Those of before count until all that they signed has expired, so nobody is
/// signed out; a server that runs takes the new key within a second.
///
/// # Errors
/// A configured secret signs tokens, or the keys cannot be read or written.
pub fn rotate_keys(jwt: &Jwt, data_folder: &Path, clock: &dyn Clock, random: &dyn Random) -> Result<RotatedKey> {
    if jwt.secret.is_some() {
        return Err(Error::KeyIsConfigured);
    }
    let (file, now) = (KeyFile::new(data_folder), clock.now());
    let mut keys = file.read()?;
    let count = keys.len();
    let oldest = now.checked_sub(jwt.refresh_ttl.max(jwt.access_ttl)).unwrap_or(jiff::Timestamp::MIN);
    keys.retain(|key| key.retired_at.is_none_or(|retired| retired >= oldest));
    let removed = count - keys.len();
    for key in &mut keys {
        key.retired_at.get_or_insert(now);
    }
    let new = new_key(jwt.algorithm, now, random)?;
    let id = new.id.clone();
    keys.insert(0, new);
    file.write(&keys, Mode::Replace, random)?;
    Ok(RotatedKey { id, previous: keys.len() - 1, removed })
}
