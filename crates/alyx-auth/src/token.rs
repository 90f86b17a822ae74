//! Tokens: access tokens are JWTs, refresh tokens are opaque, one-time and deploy tokens are random. Each kind looks
//! different, and none is taken for another.

pub(crate) mod access;
pub(crate) mod deploy;
pub(crate) mod refresh;

use ring::digest;
use subtle::ConstantTimeEq;

/// The SHA-256 of a token, which is all that is kept of it. A token has 256 random bits, so that is enough.
pub(crate) fn hash(token: &str) -> String {
    use std::fmt::Write;
    let digest = digest::digest(&digest::SHA256, token.as_bytes());
    digest.as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub(crate) fn is_same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// The pair that a sign-in or a refresh gives; shows neither.
#[derive(Clone)]
pub struct Tokens {
    /// Sent with each request.
    pub access_token: String,
    /// Traded for the next pair.
    pub refresh_token: String,
    /// When the access token is good no longer.
    pub expires_at: jiff::Timestamp,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
