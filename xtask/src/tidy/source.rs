//! A Rust file, cut into what ships and what only tests use. It relies on the layout that rustfmt makes.

use std::path::{Path, PathBuf};

use crate::workspace::Workspace;

/// One Rust file.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: String,
    /// Lines that are not in a test module, with their numbers.
    pub(super) own: Vec<(usize, String)>,
    pub(super) is_test: bool,
}

/// One function with a body.
pub(super) struct Function<'a> {
    pub(super) name: &'a str,
    pub(super) line: usize,
    pub(super) length: usize,
}

impl Source {
    /// Nothing where the file is no Rust.
    pub(super) fn read(workspace: &Workspace, path: &Path) -> Option<Self> {
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        let text = if is_rust { workspace.text(path)? } else { return None };
        Some(Self::new(path, text))
    }

    fn new(path: &Path, text: String) -> Self {
        let in_test_folder = path.iter().any(|part| part == "tests" || part == "benches" || part == "examples");
        let is_test = in_test_folder || path.file_name().is_some_and(|name| name == "tests.rs");
        let own = own_lines(&text);
        Self { path: path.to_owned(), text, own, is_test }
    }

    pub(super) fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path.display())
    }

    /// The functions outside test modules.
    pub(super) fn functions(&self) -> Vec<Function<'_>> {
        let starts = self.own.iter().enumerate();
        starts
            .filter_map(|(index, (line, text))| {
                let length = body_length(&self.own[index..])?;
                Some(Function { name: function_name(text)?, line: *line, length })
            })
            .collect()
    }
}

/// All lines but those of the test module in the file.
fn own_lines(text: &str) -> Vec<(usize, String)> {
    let mut own = Vec::new();
    let mut in_tests = false;
    let mut lines = text.lines().zip(1..).peekable();
    while let Some((line, number)) = lines.next() {
        let next_is_module = lines.peek().is_some_and(|(next, _)| next.starts_with("mod ") && next.ends_with('{'));
        in_tests |= line == "#[cfg(test)]" && next_is_module;
        if !in_tests {
            own.push((number, line.to_owned()));
        }
        in_tests &= line != "}";
    }
    own
}

/// The name in a line that starts a function.
fn function_name(line: &str) -> Option<&str> {
    const BEFORE: [&str; 4] = ["pub ", "const ", "async ", "unsafe "];
    let mut rest = line.trim_start();
    loop {
        let shorter = BEFORE.iter().find_map(|word| rest.strip_prefix(word));
        let shorter = shorter.or_else(|| rest.strip_prefix("pub(")?.split_once(") ").map(|(_, rest)| rest));
        let Some(shorter) = shorter else { break };
        rest = shorter;
    }
    let name = rest.strip_prefix("fn ")?;
    Some(&name[..name.find(['(', '<']).unwrap_or(name.len())])
}

/// The lines from the start of a function to its closing brace; nothing where it has no body.
fn body_length(lines: &[(usize, String)]) -> Option<usize> {
    let first = &lines[0].1;
    if first.ends_with(';') || first.ends_with('}') {
        return first.ends_with('}').then_some(1);
    }
    let indent = first.len() - first.trim_start().len();
    let at_indent =
        |line: &str| line.len() > indent && line[..indent].trim().is_empty() && !line[indent..].starts_with(' ');
    let end = lines.iter().skip(1).position(|(_, line)| {
        line.is_char_boundary(indent) && at_indent(line) && (line[indent..].starts_with('}') || line.ends_with(");"))
    })? + 1;
    lines[end].1.trim_start().starts_with('}').then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Source;

    const TEXT: &str = "//! A.\n\npub(crate) const fn one() -> u8 {\n    1\n}\n\ntrait T {\n    fn none(&self);\n    \
        async fn two<'a>(\n        &'a self,\n    ) {\n        two();\n    }\n}\n\n#[cfg(test)]\nmod tests {\n    \
        fn hidden() {\n    }\n}\n\nfn last() {}\n";

    #[test]
    fn functions_are_found_with_their_lengths() {
        let source = Source::new(Path::new("src/a.rs"), TEXT.to_owned());
        let found: Vec<_> = source.functions().iter().map(|found| (found.name, found.line, found.length)).collect();
        assert_eq!(found, [("one", 3, 3), ("two", 9, 5), ("last", 22, 1)]);
    }

    #[test]
    fn the_test_module_is_not_counted() {
        let source = Source::new(Path::new("src/a.rs"), TEXT.to_owned());
        assert!(source.own.iter().all(|(_, line)| !line.contains("hidden")));
        assert!(source.own.iter().any(|(_, line)| line.contains("last")));
    }
}
