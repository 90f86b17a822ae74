//! Markdown: links lead somewhere, decisions stay short.

use std::path::{Path, PathBuf};

use super::Findings;
use crate::workspace::Workspace;

const DECISION_WARNING: usize = 20;
const DECISION_LIMIT: usize = 30;

pub(super) fn check(workspace: &Workspace, files: &[PathBuf], findings: &mut Findings) {
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "md")) {
        let Some(text) = workspace.text(file) else { continue };
        links(workspace, file, &text, findings);
        if file.starts_with("docs/adr") && !file.ends_with("README.md") {
            decision(file, &text, findings);
        }
    }
}

fn decision(file: &Path, text: &str, findings: &mut Findings) {
    let lines = text.lines().count();
    if lines > DECISION_LIMIT {
        findings.fault(format!("{} has {lines} lines; a decision has about {DECISION_WARNING}", file.display()));
    } else if lines > DECISION_WARNING {
        findings.warning(format!("{} has {lines} lines; aim at {DECISION_WARNING}", file.display()));
    }
}

fn links(workspace: &Workspace, file: &Path, text: &str, findings: &mut Findings) {
    let folder = workspace.root.join(file.parent().unwrap_or(Path::new("")));
    let mut in_code = false;
    for (line, number) in text.lines().zip(1..) {
        in_code ^= line.trim_start().starts_with("```");
        let dead = targets(line).filter(|_| !in_code).filter(|target| !folder.join(target).exists());
        dead.for_each(|target| findings.fault(format!("{}:{number}: dead link to {target}", file.display())));
    }
}

/// The files that a line of Markdown links to.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let outside_code = line.split('`').step_by(2);
    let links = outside_code.flat_map(|text| text.split("](").skip(1).filter_map(|rest| rest.split_once(')')));
    let paths = links.map(|(target, _)| target.split('#').next().unwrap_or_default());
    paths.filter(|path| !path.is_empty() && !path.contains("://") && !path.starts_with("mailto:"))
}

#[cfg(test)]
mod tests {
    use super::targets;

    #[test]
    fn only_links_to_files_are_followed() {
        let line = "[a](b.md#c), [d](https://e.org), [f](#g), `[h](i.md)` and ![j](k/l.png)";
        assert_eq!(targets(line).collect::<Vec<_>>(), ["b.md", "k/l.png"]);
    }
}
