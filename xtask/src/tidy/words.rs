//! Words that may not be committed: unfinished code, panics without a reason, traces of one machine.

use std::path::{Path, PathBuf};

use super::{Findings, source::Source};
use crate::workspace::Workspace;

/// Split up, so that this file does not find itself.
const UNFINISHED: &[&str] = &[concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!(")];
const UNWRAP: &str = concat!(".unwrap", "()");
const NOTES: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
const MACHINE: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("C:\\Us", "ers"),
    concat!("--index", "-url"),
    concat!("--extra-index", "-url"),
    concat!("--find", "-links"),
    concat!("[sour", "ce."),
    concat!("[regis", "tries"),
    concat!("replace", "-with"),
];
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(super) fn check_source(source: &Source, findings: &mut Findings) {
    for (number, line) in &source.own {
        let code = line.trim_start();
        let is_comment = code.starts_with("//");
        let unfinished = UNFINISHED.iter().find(|word| code.contains(*word));
        if let (false, Some(word)) = (is_comment, unfinished) {
            findings.fault(format!("{}: {word}", source.at(*number)));
        }
        if !is_comment && !source.is_test && code.contains(UNWRAP) {
            findings.fault(format!("{}: say in an expect why this holds", source.at(*number)));
        }
        let comment = line.find("//").map_or("", |start| &line[start..]);
        if NOTES.iter().any(|note| has_word(comment, note)) {
            findings.fault(format!("{}: a note to oneself; open an issue", source.at(*number)));
        }
    }
}

pub(super) fn check_files(workspace: &Workspace, files: &[PathBuf], findings: &mut Findings) {
    for file in files {
        let Some(text) = workspace.text(file) else { continue };
        if file.ends_with("Cargo.lock") {
            check_lock(&text, findings);
            continue;
        }
        let traces = text.lines().zip(1..).filter(|(line, _)| MACHINE.iter().any(|trace| line.contains(trace)));
        for (line, number) in traces {
            findings.fault(format!("{}:{number}: trace of one machine: {}", file.display(), line.trim()));
        }
        if text.contains('\r') && !is_data(file) {
            findings.fault(format!("{}: carriage returns", file.display()));
        }
    }
}

/// Every package comes from crates.io itself.
fn check_lock(text: &str, findings: &mut Findings) {
    let sources = text.lines().filter_map(|line| line.strip_prefix("source = "));
    for source in sources.filter(|source| source.trim_matches('"') != REGISTRY) {
        findings.fault(format!("Cargo.lock: {source} is not crates.io"));
    }
}

fn is_data(file: &Path) -> bool {
    file.iter().any(|part| part == "golden" || part == "tests")
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|letter: char| !letter.is_alphanumeric()).any(|part| part == word)
}
