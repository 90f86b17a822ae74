//! Suites against the running server: operators, paging, hostile input, attacks, sudden death.
//!
//! `ALYX_TEST_FULL=1` runs the long ones in full; `cargo xtask test --full` sets it.

mod atomic_changes;
mod attacks;
mod batch;
mod channels;
mod contract;
mod following;
mod functions;
mod hostile;
mod injection;
mod live_page;
mod matrix;
mod oauth;
mod operators;
mod paging;
mod random;
mod realtime;
mod realtime_beside;
mod realtime_described;
mod realtime_events;
mod realtime_guide;
mod recipes;
mod sudden_death;
mod transactions;
