//! Access tokens whose signature was checked already.

use ring::digest;

use crate::{cache::Cache, token::access::Verified};

/// Tokens that are remembered.
const MOST: usize = 100_000;

type Digest = [u8; 32];

/// Tokens by their SHA-256: nobody learns anything from how long a look takes.
pub(crate) struct VerifiedTokens {
    known: Cache<Digest, (u64, Verified)>,
}

impl VerifiedTokens {
    pub(crate) fn new() -> Self {
        Self { known: Cache::new(MOST) }
    }

    /// What is known of a token, checked with the keys of this version; or what its check says.
    pub(crate) fn get_or<E>(
        &self,
        token: &str,
        keys: u64,
        check: impl FnOnce() -> Result<Verified, E>,
    ) -> Result<Verified, E> {
        let mut digest: Digest = [0; 32];
        digest.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        if let Some((version, known)) = self.known.get(&digest)
            && version == keys
        {
            return Ok(known);
        }
        let verified = check()?;
        self.known.insert(digest, (keys, verified.clone()));
        Ok(verified)
    }
}
