//! Tests of the store on real database files.

mod advise;
mod backup;
mod constraints;
mod counts;
mod documents;
mod feed;
mod fixture;
mod jobs;
mod limits;
mod lists;
mod lowering;
mod migration;
mod oracle;
mod plans;
mod transfer;
