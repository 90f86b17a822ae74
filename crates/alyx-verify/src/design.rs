//! A data model made up from the seed: its collections, and `schema.yaml` for them.

pub(crate) mod field;
mod made_up;
pub(crate) mod rule;

use std::fmt::Write;

use self::{field::Field, rule::Rule};
use crate::random::Random;

/// A data model.
#[derive(Clone, Debug)]
pub(crate) struct Design {
    pub(crate) collections: Vec<Collection>,
}

/// One collection.
#[derive(Clone, Debug)]
pub(crate) struct Collection {
    pub(crate) name: &'static str,
    /// The primary key first.
    pub(crate) fields: Vec<Field>,
    /// Without it only administrators read.
    pub(crate) read: Option<Rule>,
    /// Whether people who are signed in may write, too.
    pub(crate) open_to_writes: bool,
    pub(crate) index: Option<Vec<String>>,
}

impl Design {
    pub(crate) fn made_up(random: &mut Random) -> Self {
        Self { collections: made_up::collections(random) }
    }

    pub(crate) fn collection(&self, name: &str) -> Option<&Collection> {
        self.collections.iter().find(|collection| collection.name == name)
    }

    /// Foreign keys that point at a collection, with the collections that have them.
    pub(crate) fn referrers<'a>(&'a self, target: &'a str) -> impl Iterator<Item = (&'a Collection, &'a Field)> {
        let fields = |collection: &'a Collection| collection.fields.iter().map(move |field| (collection, field));
        self.collections.iter().flat_map(fields).filter(move |(_, field)| field.target() == Some(target))
    }

    /// `schema.yaml`.
    pub(crate) fn yaml(&self) -> String {
        let mut text = String::from("version: 1\ncollections:\n");
        for collection in &self.collections {
            collection.write(&mut text).expect("writing to a String cannot fail");
        }
        text
    }
}

impl Collection {
    pub(crate) fn key(&self) -> &Field {
        &self.fields[0]
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// A document without the fields that have a rule of their own.
    pub(crate) fn without_guarded(&self, document: &alyx_testing::Value) -> alyx_testing::Value {
        let mut bare = document.clone();
        if let Some(fields) = bare.as_object_mut() {
            fields.retain(|name, _| self.field(name).is_none_or(|field| field.read.is_none()));
        }
        bare
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "  {}:\n    fields:", self.name)?;
        for field in &self.fields {
            writeln!(text, "      {}: {}", field.name, field.yaml())?;
        }
        if let Some(fields) = &self.index {
            let fields = fields.join(", ");
            writeln!(text, "    indexes: [{{name: by_{}, fields: [{fields}], order: desc}}]", self.name)?;
        }
        writeln!(text, "    rules:")?;
        let create = if self.name == "users" { "true" } else { "auth.id != null" };
        if self.open_to_writes {
            writeln!(
                text,
                "      create: \"{create}\"\n      update: \"auth.id != null\"\n      delete: \"auth.id != null\""
            )?;
        } else {
            writeln!(text, "      create: {}", if self.name == "users" { "\"true\"" } else { "\"false\"" })?;
        }
        match &self.read {
            Some(rule) => writeln!(text, "      read: {}", field::quoted(&rule.text("doc"))),
            None => Ok(()),
        }
    }
}
