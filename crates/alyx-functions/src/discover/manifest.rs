//! A function's manifest: `name.yaml` beside it, or `function.yaml` in its folder.

use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

use alyx_config::value::{ByteSize, Value};
use alyx_schema::parse_rule;
use alyx_yaml::{Diagnostic, Entry, Node, Span, did_you_mean};

use super::{Variables, source::Source};
use crate::{Manifest, Runtime};

const KEYS: &[&str] =
    &["name", "runtime", "timeout", "memory", "cpu", "concurrency", "env", "dependencies", "rules", "description"];

/// A manifest as read.
pub(super) struct Read {
    pub(super) manifest: Manifest,
    /// The dependencies that it lists, as a file of the package manager.
    pub(super) dependencies: Option<String>,
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    variables: &'a Variables,
    faults: Vec<Diagnostic>,
}

/// Reads the text of a manifest.
pub(super) fn read(file: &str, text: &str, source: &Source, variables: &Variables) -> Result<Read, Vec<Diagnostic>> {
    let root = alyx_yaml::parse(file, text)?;
    let mut reader = Reader { file, text, variables, faults: Vec::new() };
    let read = reader.manifest(&root, source);
    reader.faults.sort_by_key(|fault| fault.span);
    if reader.faults.is_empty() { Ok(read) } else { Err(reader.faults) }
}

impl Reader<'_> {
    fn fault(&mut self, span: Span, message: impl Into<String>, hint: Option<String>) {
        self.faults.push(Diagnostic::error("function_manifest", self.file, span, message).with_hint(hint));
    }

    fn manifest(&mut self, root: &Node, source: &Source) -> Read {
        let entries = self.mapping(root, "the manifest").unwrap_or_default();
        self.known(entries, KEYS);
        self.same(root.get("name"), "name", &source.name);
        self.same(root.get("runtime"), "runtime", source.runtime.name());
        let manifest = Manifest {
            timeout: self.value::<Duration>(root, "timeout").filter(|timeout| !timeout.is_zero()),
            memory: self.value::<ByteSize>(root, "memory").map(|size| size.0),
            cpu: self.value::<f64>(root, "cpu"),
            concurrency: self.value::<NonZeroU32>(root, "concurrency"),
            env: root.get("env").map(|node| self.env(node)).unwrap_or_default(),
            invoke: root.get("rules").and_then(|node| self.rules(node)),
        };
        if let (Some(cpu), Some(node)) = (manifest.cpu, root.get("cpu"))
            && !(0.01..=1024.0).contains(&cpu)
        {
            self.fault(node.span, "cpu must be from 0.01 to 1024 cores", None);
        }
        let listed = root.get("dependencies").map(|node| self.dependencies(node, source.runtime));
        Read { manifest, dependencies: listed.flatten() }
    }

    fn mapping<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Entry]> {
        if node.is_null() {
            return None;
        }
        let entries = node.as_mapping();
        if entries.is_none() {
            self.fault(node.span, format!("{what} must be a mapping, not {}", node.describe()), None);
        }
        entries
    }

    fn known(&mut self, entries: &[Entry], known: &[&str]) {
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let hint = did_you_mean(&entry.key, known.iter().copied())
                .or_else(|| Some(format!("the keys are {}", known.join(", "))));
            self.fault(entry.key_span, format!("there is no key {:?} here", entry.key), hint);
        }
    }

    fn same(&mut self, node: Option<&Node>, key: &str, is: &str) {
        if let Some(node) = node.filter(|node| node.as_str() != Some(is)) {
            let hint = Some(format!("write {is}, or leave {key} out: the file's name says it"));
            self.fault(node.span, format!("{key} is {}, not {}", is, node.describe()), hint);
        }
    }

    fn value<V: Value>(&mut self, root: &Node, key: &str) -> Option<V> {
        let node = root.get(key)?;
        // Units may be small here, as in `512mb`.
        let text = node.as_str().unwrap_or_default();
        let read = V::parse(text).or_else(|wrong| V::parse(&text.to_uppercase()).map_err(|_| wrong));
        match read {
            Ok(value) => Some(value),
            Err(wrong) => {
                let message = format!("{key} must be {}, not {}", V::kind().expected(), node.describe());
                self.fault(node.span, message, wrong.hint);
                None
            }
        }
    }

    fn env(&mut self, node: &Node) -> BTreeMap<String, String> {
        let mut env = BTreeMap::new();
        for entry in self.mapping(node, "env").unwrap_or_default() {
            let name = &entry.key;
            let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && !name.starts_with(|first: char| first.is_ascii_digit())
                && !name.is_empty();
            if !is_name || name.starts_with("ALYX_") {
                self.fault(entry.key_span, format!("{name:?} is no name for a variable of a function"), None);
                continue;
            }
            let Some(text) = entry.value.as_str() else {
                self.fault(entry.value.span, format!("{name} must be a text, not {}", entry.value.describe()), None);
                continue;
            };
            match alyx_config::substitute(text, self.variables) {
                Ok(value) => drop(env.insert(name.clone(), value)),
                Err(faults) => {
                    for (offset, message, hint) in faults {
                        let span = entry.value.span;
                        self.fault(Span { column: span.column + offset, ..span }, message, Some(hint));
                    }
                }
            }
        }
        env
    }

    fn rules(&mut self, node: &Node) -> Option<alyx_schema::Rule> {
        let entries = self.mapping(node, "rules")?;
        self.known(entries, &["invoke"]);
        match parse_rule(self.file, node.entry("invoke")?, self.text) {
            Ok(rule) => Some(rule),
            Err(faults) => {
                self.faults.extend(faults);
                None
            }
        }
    }

    /// A list such as `pillow==10.0.0`, or a mapping from names to versions, as the package manager's own file.
    fn dependencies(&mut self, node: &Node, runtime: Runtime) -> Option<String> {
        let mut listed: Vec<(String, Option<String>)> = Vec::new();
        if let Some(items) = node.as_sequence() {
            for item in items {
                match item.as_str().filter(|text| is_requirement(text)) {
                    Some(text) => listed.push(split(text, runtime)),
                    None => self.fault(item.span, format!("{} is no dependency", item.describe()), None),
                }
            }
        } else {
            for entry in self.mapping(node, "dependencies")? {
                match entry.value.as_str().filter(|text| is_requirement(text) && is_requirement(&entry.key)) {
                    Some(version) => listed.push((entry.key.clone(), Some(version.to_owned()))),
                    None => self.fault(entry.value.span, format!("{:?} needs a version", entry.key), None),
                }
            }
        }
        (!listed.is_empty()).then(|| write(&listed, runtime))
    }
}

/// One line, so that nothing else comes along into the file that it is written to.
fn is_requirement(text: &str) -> bool {
    !text.is_empty() && text.len() <= 500 && !text.starts_with('-') && text.chars().all(|c| !c.is_control())
}

fn split(text: &str, runtime: Runtime) -> (String, Option<String>) {
    // A scope begins with the character that stands before a version.
    let at = text.char_indices().skip(1).find(|(_, c)| *c == '@').map(|(index, _)| index);
    match at.filter(|_| runtime != Runtime::Python) {
        Some(index) => (text[..index].to_owned(), Some(text[index + 1..].to_owned())),
        None => (text.to_owned(), None),
    }
}

fn write(listed: &[(String, Option<String>)], runtime: Runtime) -> String {
    match runtime {
        Runtime::Node => {
            let versions: serde_json::Map<String, serde_json::Value> = listed
                .iter()
                .map(|(name, version)| (name.clone(), version.clone().unwrap_or_else(|| "*".to_owned()).into()))
                .collect();
            serde_json::json!({ "private": true, "dependencies": versions }).to_string()
        }
        Runtime::Python => {
            let line = |(name, version): &(String, Option<String>)| match version {
                Some(version) if version.starts_with(|c: char| c.is_ascii_digit()) => format!("{name}=={version}\n"),
                Some(version) => format!("{name}{version}\n"),
                None => format!("{name}\n"),
            };
            listed.iter().map(line).collect()
        }
        Runtime::Go => {
            let line = |(name, version): &(String, Option<String>)| {
                format!("require {name} {}\n", version.as_deref().unwrap_or("latest"))
            };
            format!("module function\n\ngo 1.21\n\n{}", listed.iter().map(line).collect::<String>())
        }
    }
}
