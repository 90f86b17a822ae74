//! The options of one field: known, given once, and of a kind that its type takes.

use alyx_yaml::{Entry, Node, Span};

use super::faults::{Faults, nearest_or_all};
use crate::{
    FieldType,
    option::{self, FIELD_OPTIONS, FieldOption, Takes},
};

/// The options of a field as written.
pub(super) struct Options<'n> {
    /// The field in messages: `field "title" of "posts"`.
    pub(super) what: String,
    given: Vec<Given<'n>>,
}

struct Given<'n> {
    name: &'static str,
    entry: &'n Entry,
}

impl<'n> Options<'n> {
    /// Collects the options beside `type` and under `validate`.
    pub(super) fn read(entries: &'n [Entry], what: String, faults: &mut Faults) -> Self {
        let mut options = Self { what, given: Vec::new() };
        for entry in entries {
            options.add(entry, false, faults);
        }
        if let Some(validate) = options.node("validate")
            && let Some(entries) = faults.mapping(validate, "\"validate\"")
        {
            for entry in entries {
                options.add(entry, true, faults);
            }
        }
        options
    }

    fn add(&mut self, entry: &'n Entry, validates: bool, faults: &mut Faults) {
        let known = |option: &&FieldOption| !validates || option.validates;
        let Some(option) = option::find(&entry.key).filter(known) else {
            let place = if validates { "\"validate\"".to_owned() } else { self.what.clone() };
            let message = format!("{place} has no option \"{}\"", entry.key);
            let hint = self.meant(&entry.key, validates);
            return faults.hinted("unknown_option", entry.key_span, message, hint);
        };
        if self.given.iter().any(|given| given.name == option.name) {
            let message = format!("\"{}\" stands both beside \"type\" and under \"validate\"", option.name);
            return faults.hinted("option_twice", entry.key_span, message, "keep one of them");
        }
        self.given.push(Given { name: option.name, entry });
    }

    /// What an unknown option may have meant; where nothing is near, what the field's type takes.
    fn meant(&self, name: &str, validates: bool) -> String {
        if matches!(name, "required" | "optional" | "notNull" | "not_null") {
            return "a value is required unless the field has \"nullable: true\" or a default".to_owned();
        }
        let field_type = self.node("type").and_then(Node::as_str).and_then(FieldType::from_name);
        let fits = |option: &&FieldOption| {
            (!validates || option.validates) && field_type.is_none_or(|field_type| field_type.takes(option.name))
        };
        let names: Vec<_> = FIELD_OPTIONS.iter().filter(fits).map(|option| option.name).collect();
        nearest_or_all(name, &names)
    }

    /// Refuses the options that the type does not take, and forgets them.
    pub(super) fn keep_for(&mut self, field_type: FieldType, faults: &mut Faults) {
        let (kept, refused) =
            std::mem::take(&mut self.given).into_iter().partition(|given| field_type.takes(given.name));
        self.given = kept;
        for Given { name, entry } in refused {
            let message = format!("\"{name}\" does not apply to type {}", field_type.name());
            faults.hinted("option_type", entry.key_span, message, format!("it applies to {}", option::takers(name)));
        }
    }

    pub(super) fn node(&self, name: &str) -> Option<&'n Node> {
        self.entry(name).map(|entry| &entry.value)
    }

    /// The option with its key.
    pub(super) fn entry(&self, name: &str) -> Option<&'n Entry> {
        self.given.iter().find(|given| given.name == name).map(|given| given.entry)
    }

    pub(super) fn flag(&self, name: &str, faults: &mut Faults) -> bool {
        self.node(name).is_some_and(|node| faults.flag(node, &format!("\"{name}\"")))
    }

    pub(super) fn text(&self, name: &str, faults: &mut Faults) -> Option<(&'n str, Span)> {
        let node = self.node(name)?;
        Some((faults.text(node, &format!("\"{name}\""))?, node.span))
    }

    /// A value that must be one of the option's words.
    pub(super) fn word(&self, name: &str, faults: &mut Faults) -> Option<(&'n str, Span)> {
        let (word, span) = self.text(name, faults)?;
        let Some(Takes::Word(words)) = option::find(name).map(|option| option.takes) else { return None };
        if words.contains(&word) {
            return Some((word, span));
        }
        let hint = nearest_or_all(word, words);
        faults.hinted("unknown_word", span, format!("\"{name}\" cannot be \"{word}\""), hint);
        None
    }
}
