//! Passwords: what they must have, how they are hashed, and the threads that do it.

mod hash;
mod policy;
mod pool;

pub use policy::PasswordFault;
pub(crate) use policy::Policy;
pub(crate) use pool::Pool;
