//! The text of a schema to the model, with every fault at once.
//!
//! First each collection is read by itself; then what looks across collections is settled:
//! references, defaults (a relation's default has the type of its target), names of indexes.

use alyx_yaml::Node;

use crate::{Diagnostic, Schema, Span};

mod channels;
mod collection;
mod default_value;
mod expand;
mod faults;
mod field;
mod index;
mod limits;
mod names;
mod options;
mod profile;
mod reference;
mod rules;

pub(crate) use channels::{CHANNEL_KEYS, CHANNEL_RULE_KEYS};
use collection::CollectionDraft;
pub(crate) use collection::{COLLECTION_KEYS, DEFAULT_AUTH};
pub use expand::{back_relation_name, expand_name};
use faults::Faults;
pub(crate) use index::INDEX_KEYS;
pub(crate) use rules::RULE_KEYS;
pub use rules::parse_rule;

/// Keys at the top of the file.
pub(crate) const TOP_KEYS: &[&str] = &["version", "collections", "channels"];
/// The version of the format.
pub(crate) const VERSION: i64 = 1;

/// Whose text is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// A person's, who is told of everything that is wrong.
    Project,
    /// The database's own memory of a schema that was good when it was kept.
    Stored,
}

/// Reads a schema; `file` is its name in messages.
///
/// # Errors
/// Every fault in the text, sorted by place, each with the broken rule and, where there is one, a way out.
pub fn parse_schema(file: &str, text: &str) -> Result<Schema, Vec<Diagnostic>> {
    parse(file, text, Origin::Project)
}

/// Reads a schema that a database kept: what only newer versions refuse is let through, so that it can be changed.
///
/// # Errors
/// Every other fault in the text.
pub fn parse_stored_schema(file: &str, text: &str) -> Result<Schema, Vec<Diagnostic>> {
    parse(file, text, Origin::Stored)
}

fn parse(file: &str, text: &str, origin: Origin) -> Result<Schema, Vec<Diagnostic>> {
    let root = alyx_yaml::parse(file, text)?;
    let mut faults = Faults::new(file);
    let drafts = read(&root, text, &mut faults);
    let mut schema = settle(drafts, origin, &mut faults);
    if let Some(node) = root.get("channels") {
        schema.channels = channels::read(node, text, &mut faults);
    }
    faults.into_result(schema)
}

fn read<'n>(root: &'n Node, text: &str, faults: &mut Faults) -> Vec<CollectionDraft<'n>> {
    let start = Span { line: 1, column: 1 };
    let Some(entries) = faults.mapping(root, "the schema") else { return Vec::new() };
    faults.known_keys(entries, TOP_KEYS, "the schema");
    check_version(root, start, faults);
    let Some(collections) = root.get("collections") else {
        faults.hinted(
            "missing_key",
            start,
            "\"collections\" is missing",
            "add \"collections:\" with the first collection",
        );
        return Vec::new();
    };
    if collections.is_null() {
        return Vec::new();
    }
    let Some(entries) = faults.mapping(collections, "\"collections\"") else { return Vec::new() };
    names::check(entries, names::Kind::Collection, faults);
    entries.iter().map(|entry| collection::read(entry, text, faults)).collect()
}

fn check_version(root: &Node, start: Span, faults: &mut Faults) {
    match root.get("version") {
        None => faults.hinted("missing_version", start, "\"version\" is missing", "start the file with \"version: 1\""),
        Some(node) if node.as_i64() == Some(VERSION) => {}
        Some(node) => {
            let message = format!("version {} is not supported", node.describe());
            faults.hinted("unsupported_version", node.span, message, "write \"version: 1\"");
        }
    }
}

fn settle(mut drafts: Vec<CollectionDraft<'_>>, origin: Origin, faults: &mut Faults) -> Schema {
    reference::settle(&mut drafts, faults);
    default_value::settle(&mut drafts, faults);
    index::check_names(&drafts, faults);
    expand::check_names(&drafts, faults);
    let auth = collection::auth(&drafts, faults);
    if let (Some(auth), Origin::Project) = (&auth, origin) {
        drafts.iter().filter(|draft| draft.name == *auth).for_each(|draft| profile::check(draft, faults));
    }
    collection::finish(drafts, auth.as_ref())
}
