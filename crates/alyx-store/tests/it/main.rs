//! Tests of the store on real database files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod advise;
mod backup;
mod constraints;
mod counts;
mod documents;
mod feed;
mod fixture;
mod jobs;
mod kill;
mod limits;
mod lists;
mod lowering;
mod migration;
mod operators;
mod oracle;
mod past;
mod plans;
mod reach;
mod replaced;
mod sessions;
mod transfer;
