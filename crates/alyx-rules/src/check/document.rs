//! Documents in reach: their fields, and the documents that those point at.

use std::sync::Arc;

use alyx_query::{FieldRef, Hop};
use alyx_schema::{Collection, Field, expand_name};
use alyx_yaml::did_you_mean;

use super::{Checked, Checker, Typed};
use crate::{
    fault::Fault,
    limits::MAX_HOPS,
    shape::Shape,
    tree::{FieldPath, Kind, Node},
};

/// A document: one that has a name, or one that it points at.
#[derive(Clone, Debug)]
pub(crate) struct DocumentAt {
    /// As in [`FieldPath::depth`].
    pub(crate) depth: usize,
    /// Its name, `doc` or the variable of an `exists_in`.
    pub(crate) variable: Arc<str>,
    pub(crate) hops: Vec<Hop>,
    pub(crate) collection: Arc<Collection>,
    /// As it is written: `doc.author`.
    pub(crate) text: String,
}

impl DocumentAt {
    pub(crate) fn new(depth: usize, variable: &str, collection: Arc<Collection>) -> Self {
        Self { depth, variable: variable.into(), hops: Vec::new(), collection, text: variable.to_owned() }
    }

    /// The fault of taking the document for a value.
    pub(super) fn no_value(&self, at: usize) -> Fault {
        let what = if self.text == "channel" { "" } else { "a document and " };
        let fault = Fault::new(at, "rule_no_value", format!("{} is {what}no value by itself", self.text));
        match (self.hops.last(), self.text.rsplit_once('.')) {
            (Some(hop), Some((before, _))) => fault.hinted(format!("compare {before}.{}", hop.field.name)),
            _ => {
                let key = &self.collection.primary_field().name;
                fault.hinted(format!("name a field of it, such as {}.{key}", self.text))
            }
        }
    }

    /// The field at a place, as an expression.
    pub(super) fn field(&self, index: usize) -> Typed {
        let field = &self.collection.fields[index];
        let shape = Shape::of(field);
        let path = FieldPath {
            depth: self.depth,
            variable: Arc::clone(&self.variable),
            hops: self.hops.clone(),
            field: FieldRef::at(&self.collection, index),
            shape,
            nullable: field.nullable,
        };
        Typed::new(Node::new(Kind::Field(Arc::new(path))), shape.value_type())
    }

    /// The foreign key that is followed under this name.
    pub(super) fn relation(&self, name: &str) -> Option<usize> {
        let follows = |field: &Field| field.references.is_some() && expand_name(field.name.as_str()) == name;
        self.collection.fields.iter().position(follows)
    }

    /// The names that can stand behind it.
    fn names(&self) -> Vec<String> {
        let fields = self.collection.fields.iter();
        let relations = fields.clone().filter(|field| field.references.is_some());
        let relations = relations.map(|field| expand_name(field.name.as_str()));
        fields.map(|field| field.name.as_str().to_owned()).chain(relations).collect()
    }
}

impl Checker<'_> {
    /// What stands behind a document's dot.
    pub(super) fn of_document(&mut self, document: DocumentAt, name: &str, at: usize) -> Checked {
        if let Some(index) = document.collection.field_index(name) {
            return Checked::Value(document.field(index));
        }
        if let Some(index) = document.relation(name) {
            return self.follow(document, index, name, at);
        }
        let names = document.names();
        let message = format!("\"{}\" has no field \"{name}\"", document.collection.name);
        let hint = did_you_mean(name, names.iter().map(String::as_str));
        Checked::Value(self.fault(Fault::new(at, "rule_unknown_field", message).with_hint(hint)))
    }

    fn follow(&mut self, document: DocumentAt, index: usize, name: &str, at: usize) -> Checked {
        if document.hops.len() == MAX_HOPS {
            let message = format!("more than {MAX_HOPS} foreign keys are followed in a row");
            return Checked::Value(self.fault(Fault::new(at, "rule_too_deep", message)));
        }
        let Some((target, target_field)) = self.names.target(&document.collection.fields[index]) else {
            return Checked::Value(Typed::unknown());
        };
        let field = FieldRef::at(&document.collection, index);
        let mut hops = document.hops;
        hops.push(Hop { field, target: Arc::clone(&target), target_field });
        let text = format!("{}.{name}", document.text);
        Checked::Document(DocumentAt { hops, collection: target, text, ..document })
    }
}
