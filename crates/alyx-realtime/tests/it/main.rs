//! Live queries against the store's own answers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agreement;
mod client;
mod hub;
mod lookout;
mod world;
