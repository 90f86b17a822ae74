//! What can go wrong while a query is live.

use alyx_store::Error as StoreError;

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a query is not live.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store that it was asked of has been replaced.
    #[error("what is served has changed")]
    Replaced,
}
