//! Suites against the running server: operators, paging, hostile input, attacks, sudden death.
//!
//! `ALYX_TEST_FULL=1` runs the long ones in full; `cargo xtask test --full` sets it.

mod attacks;
mod contract;
mod hostile;
mod injection;
mod matrix;
mod oauth;
mod operators;
mod paging;
mod random;
mod realtime;
mod realtime_events;
mod realtime_guide;
mod recipes;
mod sudden_death;
