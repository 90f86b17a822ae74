//! Live queries against the store's own answers.

mod agreement;
mod client;
mod hub;
mod world;
