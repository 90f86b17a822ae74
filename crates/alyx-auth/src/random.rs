//! Randomness as an argument, so that tests can fix it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::rand::{SecureRandom, SystemRandom as System};

use crate::{Error, Result};

/// Makes bytes that nobody can guess.
pub trait Random: Send + Sync {
    /// Fills the slice.
    ///
    /// # Errors
    /// Where the system has no randomness to give.
    fn fill(&self, bytes: &mut [u8]) -> Result<()>;
}

/// The system's randomness.
#[derive(Debug)]
pub struct SystemRandom(System);

impl Default for SystemRandom {
    fn default() -> Self {
        Self(System::new())
    }
}

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        self.0.fill(bytes).map_err(|_| Error::NoRandomness)
    }
}

/// So many random bytes.
pub(crate) fn bytes<const COUNT: usize>(random: &dyn Random) -> Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    random.fill(&mut bytes)?;
    Ok(bytes)
}

/// Text with 256 random bits in it, fit for a URL.
pub(crate) fn token(random: &dyn Random) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<32>(random)?))
}
