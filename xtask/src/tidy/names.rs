//! Names that say nothing about what a module holds.

use super::{Findings, source::Source};

const EMPTY: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc", "manager", "base"];

pub(super) fn check(source: &Source, findings: &mut Findings) {
    let path = source.path.with_extension("");
    let empty = path.iter().filter_map(|part| part.to_str()).find(|part| EMPTY.contains(part));
    if let Some(name) = empty {
        findings.fault(format!("{}: the name {name} says nothing", source.path.display()));
    }
    let is_test_root = source.is_test || source.path.iter().any(|part| part == "tests");
    if source.path.ends_with("mod.rs") && !is_test_root {
        findings.fault(format!("{}: write foo.rs with foo/, not foo/mod.rs", source.path.display()));
    }
}
