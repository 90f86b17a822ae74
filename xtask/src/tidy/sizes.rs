//! How long files and functions may be, and how a file begins.

use super::{Findings, source::Source};

/// A line that lets a long table be long: `// tidy: table (reason)`.
const OPT_OUT: &str = "// tidy: table (";

const FILE_WARNING: usize = 300;
const FILE_LIMIT: usize = 500;
const LIB_LIMIT: usize = 60;
const MAIN_LIMIT: usize = 80;
const FUNCTION_WARNING: usize = 40;
const FUNCTION_LIMIT: usize = 60;

pub(super) fn check(source: &Source, findings: &mut Findings) {
    header(source, findings);
    file(source, findings);
    if !source.is_test {
        functions(source, findings);
    }
}

fn header(source: &Source, findings: &mut Findings) {
    let header = source.text.lines().take_while(|line| line.starts_with("//!")).count();
    if header == 0 {
        findings.fault(format!("{} does not begin with //! and what is in it", source.path.display()));
    }
    let is_crate_root = source.path.ends_with("src/lib.rs");
    if header > 10 && !is_crate_root {
        findings.warning(format!("{} begins with {header} lines of //!; five should do", source.path.display()));
    }
}

fn file(source: &Source, findings: &mut Findings) {
    let opted_out = source.text.lines().any(|line| line.trim_start().starts_with(OPT_OUT) && line.ends_with(')'));
    let lines = source.own.len();
    let limit = match source.path.file_name() {
        Some(name) if name == "lib.rs" => LIB_LIMIT,
        Some(name) if name == "main.rs" && !source.is_test => MAIN_LIMIT,
        _ => FILE_LIMIT,
    };
    if lines > limit && !opted_out {
        findings.fault(format!("{} has {lines} own lines; {limit} is the limit", source.path.display()));
    } else if lines > FILE_WARNING && !opted_out {
        findings.warning(format!("{} has {lines} own lines; aim at 150", source.path.display()));
    }
}

fn functions(source: &Source, findings: &mut Findings) {
    for function in source.functions() {
        let said = format!("{}: {} has {} lines", source.at(function.line), function.name, function.length);
        if function.length > FUNCTION_LIMIT {
            findings.fault(format!("{said}; {FUNCTION_LIMIT} is the limit"));
        } else if function.length > FUNCTION_WARNING {
            findings.warning(format!("{said}; aim at 10"));
        }
    }
}
