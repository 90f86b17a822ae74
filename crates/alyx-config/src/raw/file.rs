//! `alyx.yaml` against the table: known keys, the right shape, variables put in.

use std::collections::{BTreeMap, BTreeSet};

use alyx_yaml::{Entry, Kind as NodeKind, Node, ScalarStyle, Span, did_you_mean};

use super::{Place, Raw, RawItem, Settings, Shape, quoted, substitution::substitute};
use crate::{
    Item, Section, Setting, SourceFile,
    table::{is_name, join, table},
};

/// Takes what the file says; answers with the names of the variables that it uses.
pub(super) fn collect(
    file: SourceFile<'_>,
    variables: &BTreeMap<String, String>,
    settings: &mut Settings,
) -> BTreeSet<String> {
    let mut walk = Walk { file: file.name, variables, used: BTreeSet::new(), settings };
    match alyx_yaml::parse(file.name, file.text) {
        Ok(root) => walk.section(table(), &root),
        Err(faults) => faults.into_iter().for_each(|fault| walk.settings.report(fault)),
    }
    walk.used
}

struct Walk<'a> {
    file: &'a str,
    variables: &'a BTreeMap<String, String>,
    used: BTreeSet<String>,
    settings: &'a mut Settings,
}

impl Walk<'_> {
    fn place(&self, span: Span) -> Place {
        Place { source: self.file.to_owned(), span }
    }

    fn section(&mut self, section: &Section, node: &Node) {
        if node.is_null() {
            return;
        }
        let Some(entries) = node.as_mapping() else {
            let name = if section.path.is_empty() { "the file" } else { &section.path };
            let message = format!("{name} must hold settings, one \"key: value\" a line, not {}", node.describe());
            let keys: Vec<_> = section.items.iter().take(3).map(Item::key).collect();
            let hint = format!("its keys are {} and so on", keys.join(", "));
            let fault = self.place(node.span).fault("config_shape", message).with_hint(Some(hint));
            return self.settings.report(fault);
        };
        for entry in entries {
            match section.item(&entry.key) {
                Some(Item::Setting(setting)) => self.setting(setting, &entry.value),
                Some(Item::Section(below)) => self.section(below, &entry.value),
                Some(Item::Named(below)) => self.named(&join(&section.path, &entry.key), below, &entry.value),
                None => self.unknown(section, entry),
            }
        }
    }

    /// Sections under names that the project chooses.
    fn named(&mut self, path: &str, section: &Section, node: &Node) {
        if node.is_null() {
            return;
        }
        let Some(entries) = node.as_mapping() else {
            let message = format!("{path} must hold sections, each under its name, not {}", node.describe());
            return self.settings.report(self.place(node.span).fault("config_shape", message));
        };
        for entry in entries {
            let place = self.place(entry.key_span);
            if is_name(&entry.key) {
                let section = section.with_name(&entry.key);
                self.settings.name(&section.path, &place);
                self.section(&section, &entry.value);
                continue;
            }
            let message = format!("\"{}\" is no name for a section of {path}", entry.key.escape_debug());
            let hint = "small letters, digits and _, 32 at most, a letter first";
            self.settings.report(place.fault("config_name", message).with_hint(Some(hint.to_owned())));
        }
    }

    fn unknown(&mut self, section: &Section, entry: &Entry) {
        let message = format!("there is no setting {}", join(&section.path, &entry.key));
        let near = did_you_mean(&entry.key, section.items.iter().map(Item::key));
        let hint = near.or_else(|| elsewhere(&section.path, &entry.key));
        let fault = self.place(entry.key_span).fault("config_unknown_setting", message).with_hint(hint);
        self.settings.report(fault);
    }

    fn setting(&mut self, setting: &Setting, node: &Node) {
        let place = self.place(node.span);
        let raw = match &node.kind {
            NodeKind::Mapping(_) => {
                let message = format!("{} must be {}, not a mapping", setting.path, setting.kind.expected());
                self.settings.wrong.insert(setting.path.clone());
                return self.settings.report(place.fault("config_shape", message));
            }
            NodeKind::Sequence(nodes) => self.list(setting, nodes).map(|items| Raw {
                shape: Shape::List(items),
                place,
                shown: "a list".to_owned(),
            }),
            NodeKind::Scalar { .. } => {
                let text = self.scalar(node);
                text.map(|(text, shown)| Raw { shape: Shape::Scalar(text), place, shown })
            }
        };
        match raw {
            Some(raw) => self.settings.take(setting, raw),
            None => _ = self.settings.wrong.insert(setting.path.clone()),
        }
    }

    fn list(&mut self, setting: &Setting, nodes: &[Node]) -> Option<Vec<RawItem>> {
        let mut items = Some(Vec::new());
        for node in nodes {
            let place = self.place(node.span);
            if node.as_str().is_none() {
                let message = format!("an item of {} must be one value, not {}", setting.path, node.describe());
                self.settings.report(place.fault("config_shape", message));
                items = None;
                continue;
            }
            match (self.scalar(node), &mut items) {
                (Some((text, shown)), Some(items)) => items.push(RawItem { text, place, shown }),
                _ => items = None,
            }
        }
        items
    }

    /// The text with its variables put in, and how to show it: never with what a variable held.
    fn scalar(&mut self, node: &Node) -> Option<(String, String)> {
        if node.is_null() {
            return Some((String::new(), "nothing".to_owned()));
        }
        let before = node.as_str().unwrap_or_default();
        match substitute(before, self.variables, &mut self.used) {
            Ok(done) if done.changed => Some((done.text, format!("what {before} holds"))),
            Ok(done) => Some((done.text, quoted(before))),
            Err(faults) => {
                for fault in faults {
                    let place = self.place(within(node, before, fault.offset));
                    let report = place.fault("config_substitution", fault.message).with_hint(Some(fault.hint));
                    self.settings.report(report);
                }
                None
            }
        }
    }
}

/// The place of a character of a scalar, where it stands on the scalar's first line.
fn within(node: &Node, text: &str, offset: usize) -> Span {
    let quotes = match &node.kind {
        NodeKind::Scalar { style: ScalarStyle::Plain, .. } => 0,
        NodeKind::Scalar { style: ScalarStyle::Quoted, .. } => 1,
        _ => return node.span,
    };
    if text.chars().take(offset).any(|c| c == '\n') {
        return node.span;
    }
    Span { line: node.span.line, column: node.span.column + quotes + offset }
}

/// What people look for under another name.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("address", "write server.host and server.port"),
    ("listen", "write server.host and server.port"),
    ("bind", "write server.host and server.port"),
    ("smtp", "the keys of mail are host, port, encryption, user, password and from"),
    ("min", "the name is min_length"),
    ("log", "the section is logging"),
    ("admin", "the section is admin_ui"),
    ("storage", "the database's settings are under database"),
];

fn elsewhere(path: &str, key: &str) -> Option<String> {
    let settings = table().settings();
    let mut paths =
        settings.iter().map(|setting| setting.path.as_str()).filter(|other| other.ends_with(&format!(".{key}")));
    if let Some(found) = paths.next() {
        return Some(format!("did you mean {found}?"));
    }
    let other = OTHER_NAMES.iter().find(|(name, _)| *name == key).map(|(_, hint)| (*hint).to_owned());
    other.or_else(|| path.is_empty().then(|| "every section is listed in docs/configuration.md".to_owned()))
}
