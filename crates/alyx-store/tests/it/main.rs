//! Tests of the store on real database files.

mod constraints;
mod counts;
mod documents;
mod feed;
mod fixture;
mod lists;
mod migration;
mod lowering;
mod oracle;
