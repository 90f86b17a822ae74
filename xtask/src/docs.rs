//! `cargo xtask docs`: writes what is generated. `tidy` says where it is out of date.
//!
//! In a document the generated part stands between `<!-- generated: NAME -->` and `<!-- /generated: NAME -->`.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{command, layers, workspace::Workspace};

/// A generated part of a document: the file, the name of the part and what writes it.
type Part = (&'static str, &'static str, fn() -> String);

const PARTS: &[Part] = &[("docs/architecture.md", "layers", layers::figure)];

/// Crates whose tests write their golden files when `UPDATE_GOLDEN=1`, and compare them otherwise.
const GOLDEN: &[&str] = &["alyx-config", "alyx-schema", "alyx-http", "alyx-cli"];

pub(crate) fn run(workspace: &Workspace, only_figures: bool) -> Result<()> {
    for (file, name, write) in PARTS {
        replace_part(&workspace.root.join(file), name, &write())?;
        println!("{file}: {name}");
    }
    for package in GOLDEN.iter().filter(|_| !only_figures) {
        let mut test = command::cargo(&workspace.root);
        test.args(["test", "--quiet", "--package", package]).env("UPDATE_GOLDEN", "1");
        command::run(&mut test)?;
    }
    Ok(())
}

/// The generated parts that are not what would be written now. Golden files are compared by the tests.
pub(crate) fn stale(workspace: &Workspace) -> Vec<String> {
    let parts = PARTS.iter().filter_map(|(file, name, write)| {
        let text = fs::read_to_string(workspace.root.join(file)).unwrap_or_default();
        match with_part(&text, name, &write()) {
            None => Some(format!("{file} has no part <!-- generated: {name} -->")),
            Some(new) if new != text => Some(format!("{file}: {name} is stale; run cargo xtask docs")),
            Some(_) => None,
        }
    });
    parts.collect()
}

/// Writes a generated part into its document.
pub(crate) fn replace_part(file: &Path, name: &str, body: &str) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let new = with_part(&text, name, body).with_context(|| format!("{} has no part {name}", file.display()))?;
    Ok(fs::write(file, new)?)
}

fn with_part(text: &str, name: &str, body: &str) -> Option<String> {
    let (open, close) = (format!("<!-- generated: {name} -->\n"), format!("<!-- /generated: {name} -->"));
    let (before, rest) = text.split_once(&open)?;
    let (_, after) = rest.split_once(&close)?;
    Some(format!("{before}{open}\n{}\n\n{close}{after}", body.trim()))
}

#[cfg(test)]
mod tests {
    use super::with_part;

    #[test]
    fn a_part_is_replaced_and_nothing_else() {
        let text = "a\n<!-- generated: x -->\nold\n<!-- /generated: x -->\nb\n";
        let new = with_part(text, "x", "new\n").expect("the part is there");
        assert_eq!(new, "a\n<!-- generated: x -->\n\nnew\n\n<!-- /generated: x -->\nb\n");
        assert_eq!(with_part(&new, "x", "new"), Some(new.clone()));
    }
}
