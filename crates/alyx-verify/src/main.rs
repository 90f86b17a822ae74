//! Checks live queries of a running server against what REST answers, while clients and servers die.
//! `cargo xtask verify-realtime` builds and runs it. What a client holds to is in `copy.rs` and `client.rs`, what a
//! caller may see in `model/`, what goes wrong in `trouble.rs`, and what must be so at rest in `rest.rs`.

#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

mod arguments;
mod client;
mod copy;
mod counts;
mod design;
mod fault;
mod link;
mod model;
mod names;
mod people;
mod query;
mod random;
mod rest;
mod run;
mod server;
mod stage;
mod trouble;
mod writer;

use std::process::ExitCode;

use alyx_testing::json;
use clap::Parser;

use crate::{arguments::Arguments, run::Ended};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run::run(&arguments) {
        Ok(ended) => tell(&ended, arguments.json),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn tell(ended: &Ended, as_json: bool) -> ExitCode {
    let Ended { seed, counts, fault } = ended;
    match (fault, as_json) {
        (None, true) => println!("{:#}", counts.json(*seed)),
        (None, false) => println!("{}\n0 lost, 0 duplicated, 0 forbidden", counts.text()),
        (Some(fault), true) => println!("{:#}", json!({"seed": seed, "fault": fault})),
        (Some(fault), false) => println!("{fault}"),
    }
    if fault.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
