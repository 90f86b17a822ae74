//! The load harness: the same workloads on Alyx and on its peers, one product a run.
//! Ratios between products are drawn by `cargo xtask bench`, not here.

#![expect(clippy::print_stdout, reason = "the table of results is what this program is for")]

mod arguments;
mod connections;
mod data;
mod drive;
mod fanout;
mod functions;
mod http;
mod idle;
mod procfs;
mod product;
mod report;
mod server;
mod session;
mod subscriber;
mod teams;
mod workloads;
mod world;

use anyhow::Result;
use clap::Parser;

use crate::arguments::Arguments;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    arguments.check()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(arguments.threads).enable_all().build()?;
    runtime.block_on(session::run(arguments))
}
