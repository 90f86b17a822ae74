//! Accounts.
mod error;
mod jwt_crypto;
mod keyring;
mod password;
mod random;

pub use error::{Error, Result};
pub use jwt_crypto::install_crypto;
pub use keyring::{RotatedKey, rotate_keys};
pub use password::PasswordFault;
pub use random::{Random, SystemRandom};
