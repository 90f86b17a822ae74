//! Tests of the store on real database files.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod advise;
mod backup;
mod constraints;
mod counts;
mod documents;
mod feed;
mod fixture;
mod lists;
mod migration;
mod lowering;
mod oracle;
mod transfer;
