//! What the crate promises, tried from outside.

#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test may panic, and short calls read better"
)]

mod channels;
mod diffs;
mod documents;
mod editor;
mod errors;
mod migrations;
mod operators;
mod properties;
mod reference;
mod round_trip;
mod types;
mod valid;
