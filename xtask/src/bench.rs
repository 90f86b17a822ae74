//! `cargo xtask bench`: builds the server and the harness for release, runs Alyx and PocketBase in turn on fresh data,
//! and sets the medians side by side.

mod contest;
mod functions;
mod medians;
mod realtime;
mod table;

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};

use self::contest::{Contest, Contestant};
use crate::{
    command::{cargo, run as run_command},
    docs,
    workspace::Workspace,
};

/// What `cargo xtask bench` can be told.
#[derive(Args)]
pub(crate) struct BenchArguments {
    /// Workloads, in this order; all of them where none is named. `functions` is about functions in both modes
    workloads: Vec<String>,
    /// Runs of each product, of which the medians count
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Measure Alyx alone
    #[arg(long)]
    no_peer: bool,
    /// A small world and short workloads: whether it runs, not how fast
    #[arg(long)]
    quick: bool,
    /// Write every figure here
    #[arg(long)]
    json: Option<PathBuf>,
    /// Write the table into docs/performance.md
    #[arg(long, conflicts_with_all = ["quick", "no_peer"])]
    write_docs: bool,
    /// The port that the servers listen on, one after the other
    #[arg(long, default_value_t = 18_090)]
    port: u16,
}

pub(crate) fn run(workspace: &Workspace, arguments: &BenchArguments) -> Result<()> {
    let mut build = cargo(&workspace.root);
    run_command(build.args(["build", "--locked", "--release", "--package", "alyx-server", "--package", "alyx-bench"]))?;
    let mut parts = Vec::new();
    let (functions, others): (Vec<_>, Vec<_>) =
        arguments.workloads.iter().cloned().partition(|name| name == functions::NAME);
    if functions.is_empty() || !others.is_empty() {
        parts.extend(compare(workspace, arguments, &others)?);
    }
    if !functions.is_empty() || others.is_empty() {
        let (runs, quick) = (if arguments.quick { 1 } else { arguments.runs }, arguments.quick);
        parts.push(("functions", functions::Bench { workspace, runs, quick, port: arguments.port }.run()?));
    }
    parts.iter().filter(|(_, text)| !text.is_empty()).for_each(|(_, text)| println!("\n{text}"));
    if arguments.write_docs {
        // A part whose workloads were not run stays as it is.
        for (part, text) in parts.iter().filter(|(_, text)| !text.is_empty()) {
            let text = table::dated(text, arguments.runs);
            docs::replace_part(&workspace.root.join("docs/performance.md"), part, &text)?;
        }
    }
    Ok(())
}

/// Alyx beside PocketBase; a part of the documentation and the tables for it.
fn compare(
    workspace: &Workspace,
    arguments: &BenchArguments,
    workloads: &[String],
) -> Result<[(&'static str, String); 2]> {
    let mut contestants = vec![Contestant::Alyx];
    if !arguments.no_peer {
        contestants.push(Contestant::pocketbase(workspace)?);
    }
    let contest = Contest { workspace, workloads, quick: arguments.quick, port: arguments.port };
    let mut results: Vec<Vec<Value>> = vec![Vec::new(); contestants.len()];
    for round in 1..=if arguments.quick { 1 } else { arguments.runs } {
        for (contestant, results) in contestants.iter().zip(&mut results) {
            println!("\n== {} run {round}", contestant.title());
            results.push(contest.run(contestant)?);
        }
    }
    let medians: Vec<_> = results.iter().map(|runs| medians::of(runs)).collect();
    let peer = medians.get(1).map(Vec::as_slice);
    let parts = [("bench", table::draw(&medians[0], peer)), ("realtime", realtime::draw(&medians[0], peer))];
    if let Some(path) = &arguments.json {
        let named = contestants.iter().map(Contestant::title).zip(&medians);
        let all: serde_json::Map<_, _> = named.map(|(title, results)| (title.to_owned(), json!(results))).collect();
        fs::write(path, serde_json::to_vec_pretty(&all)?).with_context(|| path.display().to_string())?;
    }
    Ok(parts)
}
