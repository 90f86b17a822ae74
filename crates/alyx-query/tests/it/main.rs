//! What queries mean and what is refused, through the public face of the crate.
#![expect(clippy::unwrap_used, reason = "in a test it is an assertion")]

mod canonical;
mod cursor;
mod expand;
mod fixture;
mod hostile;
mod operators;
mod parameters;
mod truth;
mod unknown;
