//! `cargo xtask tidy`: the house rules that a program can check. One module a kind of rule.

mod documents;
mod manifests;
mod names;
mod sizes;
mod source;
mod words;

use anyhow::{Result, ensure};

use self::source::Source;
use crate::{docs, layers, workspace::Workspace};

/// What the rules found; only faults make `tidy` fail.
#[derive(Default)]
pub(crate) struct Findings {
    faults: Vec<String>,
    warnings: Vec<String>,
}

impl Findings {
    fn fault(&mut self, text: impl Into<String>) {
        self.faults.push(text.into());
    }

    fn warning(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }
}

/// Checks everything and prints every finding.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut findings = Findings { faults: layers::faults(workspace), ..Findings::default() };
    let files = workspace.files()?;
    let sources: Vec<Source> = files.iter().filter_map(|file| Source::read(workspace, file)).collect();
    for source in &sources {
        sizes::check(source, &mut findings);
        names::check(source, &mut findings);
        words::check_source(source, &mut findings);
    }
    words::check_files(workspace, &files, &mut findings);
    manifests::check(workspace, &sources, &mut findings);
    documents::check(workspace, &files, &mut findings);
    findings.faults.extend(docs::stale(workspace));
    report(&findings, sources.len())
}

fn report(findings: &Findings, sources: usize) -> Result<()> {
    for warning in &findings.warnings {
        println!("warning: {warning}");
    }
    for fault in &findings.faults {
        println!("fault: {fault}");
    }
    let (faults, warnings) = (findings.faults.len(), findings.warnings.len());
    println!("tidy: {sources} sources, {faults} faults, {warnings} warnings");
    ensure!(faults == 0, "tidy found {faults} faults");
    Ok(())
}
