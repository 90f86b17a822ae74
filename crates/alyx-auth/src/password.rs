//! Passwords: what they must have, how they are hashed, and the threads that do it.

mod hash;
mod policy;
mod pool;

use std::sync::Arc;

use alyx_config::section::Password as Settings;
use alyx_store::transfer::PasswordHasher;

pub use policy::PasswordFault;
pub(crate) use policy::Policy;
pub(crate) use pool::Pool;

/// Hashes the passwords of a seed, each checked like one of a registration.
#[must_use]
pub fn seed_hasher(settings: &Settings) -> Arc<PasswordHasher> {
    let (policy, cost) = (Policy::new(settings), settings.bcrypt_cost);
    Arc::new(move |password| match policy.check(password) {
        Ok(()) => hash::hash(password, cost, &hash::Work::default()).map_err(|_| "cannot be hashed".to_owned()),
        Err(weak) => Err(weak.to_string()),
    })
}
