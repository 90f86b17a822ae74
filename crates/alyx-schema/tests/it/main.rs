//! What the crate promises, tried from outside.

mod errors;
mod valid;
