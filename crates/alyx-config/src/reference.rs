//! The table as `docs/configuration.md`.

use crate::{Item, Section, Setting, table::table};

const HEAD: &str = include_str!("reference_head.md");

/// The reference of every setting, in Markdown.
#[must_use]
pub fn reference_markdown() -> String {
    let mut out = HEAD.to_owned();
    let root = table();
    out.push_str("\n## All settings\n\n");
    settings(root, &mut out);
    for item in &root.items {
        if let Item::Section(below) = item {
            section(below, &mut out);
        }
    }
    out
}

fn section(of: &Section, out: &mut String) {
    let level = "#".repeat(3 + of.path.matches('.').count());
    out.push_str(&format!("\n{level} `{}`\n\n{}\n", of.path, of.doc));
    let has_settings = of.items.iter().any(|item| matches!(item, Item::Setting(_)));
    if has_settings {
        out.push('\n');
        settings(of, out);
    }
    for item in &of.items {
        if let Item::Section(below) | Item::Named(below) = item {
            section(below, out);
        }
    }
}

fn settings(of: &Section, out: &mut String) {
    out.push_str("| setting | kind | default | variable | what it does |\n|---|---|---|---|---|\n");
    for item in &of.items {
        if let Item::Setting(of) = item {
            out.push_str(&row(of));
        }
    }
}

fn row(setting: &Setting) -> String {
    let default = match setting.default {
        Some("") => "empty".to_owned(),
        Some(default) => format!("`{default}`"),
        None => "unset".to_owned(),
    };
    let [key, kind, variable, doc] = [setting.key(), &setting.kind.name(), &setting.variable(), &setting.doc];
    format!("| `{key}` | {kind} | {default} | `{variable}` | {doc} |\n")
}
