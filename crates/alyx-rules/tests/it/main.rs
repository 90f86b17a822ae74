//! Tests of the crate from outside.

mod channels;
mod contract;
mod deciding;
mod fixture;
mod golden;
mod hostile;
mod lowering;
mod operators;
mod property;
