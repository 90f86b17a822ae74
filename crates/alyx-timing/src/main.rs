//! Measures whether answers of a running server that must not differ can be told apart by their time.
//! `cargo xtask attack-timing` builds and runs it; the flows are in `flows/`, the statistics in `statistics.rs`.

#![expect(clippy::print_stdout, reason = "the table of results is what this program is for")]

mod answer;
mod arguments;
mod comparison;
mod flow;
mod flows;
mod machine;
mod message;
mod random;
mod report;
mod sampling;
mod statistics;
mod verdict;
mod world;

use std::{fs, process::ExitCode};

use anyhow::{Context, Result};
use clap::Parser;

use crate::{arguments::Arguments, verdict::Finding};

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("error: {fault:#}");
            ExitCode::from(2)
        }
    }
}

/// Measures what is asked for; whether all of it is as it must be.
fn run(arguments: &Arguments) -> Result<bool> {
    let flows = flows::named(&arguments.flow)?;
    let mut findings: Vec<Finding> = Vec::new();
    // All of it takes half an hour: each flow is shown when it is done.
    let shown = |text: &str| _ = (!arguments.json).then(|| println!("{text}"));
    shown(&report::HEAD.join("\n"));
    for flow in flows {
        let finding = verdict::find(flow, arguments).with_context(|| format!("flow {}", flow.name))?;
        shown(&report::row(&finding));
        findings.push(finding);
    }
    shown(&report::notes(&findings));
    if arguments.json {
        println!("{:#}", report::json(&findings));
    }
    if let Some(path) = &arguments.table {
        fs::write(path, report::table(&findings)).with_context(|| path.display().to_string())?;
    }
    Ok(findings.iter().all(|finding| !finding.verdict.is_failure()))
}
