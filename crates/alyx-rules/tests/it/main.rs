//! Tests of the crate from outside.

mod golden;
mod property;
