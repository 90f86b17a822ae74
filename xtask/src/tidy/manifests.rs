//! What every crate's manifest must say, and that every dependency is used.

use std::{collections::BTreeSet, fs};

use super::{Findings, source::Source};
use crate::workspace::{Package, Workspace};

pub(super) fn check(workspace: &Workspace, sources: &[Source], findings: &mut Findings) {
    for package in &workspace.packages {
        let text = fs::read_to_string(workspace.root.join(&package.folder).join("Cargo.toml")).unwrap_or_default();
        manifest(package, &text, findings);
        readme(workspace, package, findings);
        dependencies(package, sources, findings);
    }
    shared_dependencies(workspace, findings);
}

/// Crates that call C, which the workspace's lints forbid; they list their own.
const CALLS_C: &[&str] = &["alyx-sqlite"];

fn manifest(package: &Package, text: &str, findings: &mut Findings) {
    let takes_all = text.contains("[lints]\nworkspace = true") || text.contains("lints.workspace = true");
    let takes_own = CALLS_C.contains(&package.name.as_str()) && text.contains("undocumented_unsafe_blocks = \"warn\"");
    if !takes_all && !takes_own {
        findings.fault(format!("{} does not take the lints of the workspace", package.name));
    }
    for (line, number) in dependency_lines(text) {
        if !line.contains("workspace = true") {
            findings.fault(format!(
                "{}/Cargo.toml:{number}: declare it in the workspace: {line}",
                package.folder.display()
            ));
        }
    }
}

/// The lines of a manifest that name a dependency.
fn dependency_lines(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut inside = false;
    text.lines().zip(1..).filter(move |(line, _)| {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
            return false;
        }
        inside && line.contains('=') && !line.starts_with([' ', '#', ']'])
    })
}

fn readme(workspace: &Workspace, package: &Package, findings: &mut Findings) {
    let is_library = package.folder.starts_with("crates");
    if is_library && !workspace.root.join(&package.folder).join("README.md").is_file() {
        findings.fault(format!("{} has no README.md", package.name));
    }
}

/// A dependency is used where a source of the crate names it.
fn dependencies(package: &Package, sources: &[Source], findings: &mut Findings) {
    let own: Vec<&Source> = sources.iter().filter(|source| source.path.starts_with(&package.folder)).collect();
    for dependency in &package.dependencies {
        let named = own.iter().any(|source| names(&source.text, &dependency.known_as));
        if !named && !package.unnamed_dependencies.contains(&dependency.name) {
            findings.fault(format!("{} does not use its dependency {}", package.name, dependency.name));
        }
    }
}

/// Whether the word stands in a text outside comments.
fn names(text: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let code = text.lines().filter(|line| !line.trim_start().starts_with("// "));
    code.filter(|line| line.contains(word)).any(|line| line.split(|letter| !is_part(letter)).any(|part| part == word))
}

/// Every dependency that the workspace declares is wanted by a crate.
fn shared_dependencies(workspace: &Workspace, findings: &mut Findings) {
    let text = fs::read_to_string(workspace.root.join("Cargo.toml")).unwrap_or_default();
    let mut wanted = BTreeSet::new();
    for package in &workspace.packages {
        let manifest = fs::read_to_string(workspace.root.join(&package.folder).join("Cargo.toml")).unwrap_or_default();
        wanted.extend(dependency_lines(&manifest).map(|(line, _)| key(line).to_owned()));
    }
    for (line, number) in dependency_lines(&text) {
        if !wanted.contains(key(line)) {
            findings.fault(format!("Cargo.toml:{number}: no crate wants {}", key(line)));
        }
    }
}

fn key(line: &str) -> &str {
    line.split(['.', ' ', '=']).next().unwrap_or_default()
}
