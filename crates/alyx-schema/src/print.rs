//! The model back to text: what it parses to is the model again, in the same order.

use std::fmt::Write;

use crate::{Collection, Index, Order, Rule, Rules, Schema, parse::DEFAULT_AUTH};

mod field;
mod scalar;

use scalar::{key, quoted};

/// The schema as `schema.yaml` would say it. Equal models print alike, so the text also serves to
/// compare and to hash them.
#[must_use]
pub fn to_yaml(schema: &Schema) -> String {
    let mut page = Page { text: String::from("version: 1\n\n") };
    if schema.collections.is_empty() {
        page.line(0, "collections: {}");
    } else {
        page.line(0, "collections:");
    }
    let has_profiles = schema.collections.values().any(|collection| collection.is_auth);
    for collection in schema.collections.values() {
        self::collection(collection, has_profiles, &mut page);
    }
    channels(schema, &mut page);
    page.text
}

/// Lines with their indentation.
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, depth: usize, content: &str) {
        writeln!(self.text, "{:1$}{content}", "", depth * 2).expect("writing to a string never fails");
    }
}

fn collection(collection: &Collection, has_profiles: bool, page: &mut Page) {
    page.line(1, &format!("{}:", key(collection.name.as_str())));
    if collection.is_auth && collection.name != DEFAULT_AUTH {
        page.line(2, "auth: true");
    }
    if !has_profiles && collection.name == DEFAULT_AUTH {
        page.line(2, "auth: false");
    }
    page.line(2, "fields:");
    for field in &collection.fields {
        self::field::print(field, page);
    }
    if !collection.indexes.is_empty() {
        page.line(2, "indexes:");
        collection.indexes.iter().for_each(|index| self::index(index, page));
    }
    rules(&collection.rules, page);
}

fn index(index: &Index, page: &mut Page) {
    let fields: Vec<_> = index.fields.iter().map(|field| key(field.as_str())).collect();
    page.line(3, &format!("- name: {}", key(&index.name)));
    page.line(4, &format!("fields: [{}]", fields.join(", ")));
    if index.order == Order::Descending {
        page.line(4, "order: desc");
    }
    if index.unique {
        page.line(4, "unique: true");
    }
}

fn rules(rules: &Rules, page: &mut Page) {
    let Rules { create, read, update, delete } = rules;
    let named = [("create", create), ("read", read), ("update", update), ("delete", delete)];
    print_rules(named, page);
}

fn channels(schema: &Schema, page: &mut Page) {
    if !schema.channels.is_empty() {
        page.line(0, "channels:");
    }
    for channel in &schema.channels {
        let rules = channel.rules.named();
        let is_empty = rules.iter().all(|(_, rule)| rule.is_none());
        page.line(1, &format!("{}:{}", quoted(channel.pattern.as_str()), if is_empty { " {}" } else { "" }));
        print_rules(rules, page);
    }
}

fn print_rules<const N: usize>(named: [(&str, &Option<Rule>); N], page: &mut Page) {
    let mut given = named.into_iter().filter_map(|(name, rule)| Some((name, rule.as_ref()?))).peekable();
    if given.peek().is_some() {
        page.line(2, "rules:");
    }
    for (name, rule) in given {
        page.line(3, &format!("{name}: {}", quoted(&rule.text)));
    }
}
