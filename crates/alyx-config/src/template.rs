//! The table as a configuration file in which every setting stands, commented out, with its default.

use crate::{Item, Section, Setting, table::table};

const HEAD: &str = "\
# Configuration of this project. Every setting is here with its default, commented out:
# take the `#` away from a setting and from the sections around it to change it.
# The value of a variable can stand anywhere: ${NAME}, or ${NAME:-default}.
# Each setting can also be set by a variable: server.port by ALYX_SERVER_PORT.
";

/// A configuration file that sets nothing and shows everything.
#[must_use]
pub fn default_yaml() -> String {
    let mut out = HEAD.to_owned();
    items(table(), 0, &mut out);
    out
}

fn items(section: &Section, depth: usize, out: &mut String) {
    for item in &section.items {
        if depth == 0 {
            out.push('\n');
        }
        match item {
            Item::Setting(of) => setting(of, depth, out),
            Item::Section(below) => {
                line(depth, &format!("# {}", below.doc), out);
                line(depth, &format!("{}:", below.key()), out);
                items(below, depth + 1, out);
            }
            Item::Named(below) => named(item.key(), below, depth, out),
        }
    }
}

/// Sections under names of the project's choosing: one stays a comment even where the rest is taken in.
fn named(key: &str, section: &Section, depth: usize, out: &mut String) {
    line(depth, &format!("# {}", section.doc), out);
    line(depth, &format!("{key}:"), out);
    line(depth + 1, &format!("# {}:", section.key()), out);
    for setting in section.settings() {
        line(depth + 2, &format!("# # {}", setting.doc), out);
        line(depth + 2, format!("# {}: {}", setting.key(), yaml_default(setting)).trim_end(), out);
    }
}

fn setting(setting: &Setting, depth: usize, out: &mut String) {
    line(depth, &format!("# {}", setting.doc), out);
    line(depth, format!("{}: {}", setting.key(), yaml_default(setting)).trim_end(), out);
}

fn line(depth: usize, text: &str, out: &mut String) {
    out.push_str(&format!("# {}{text}\n", "  ".repeat(depth)));
}

/// The default as YAML; nothing for what is unset.
fn yaml_default(setting: &Setting) -> String {
    match (&setting.kind, setting.default) {
        (crate::Kind::List(_), Some("*")) => "[\"*\"]".to_owned(),
        (crate::Kind::List(_), Some(items)) => format!("[{items}]"),
        (_, default) => default.unwrap_or_default().to_owned(),
    }
}
