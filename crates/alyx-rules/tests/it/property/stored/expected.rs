//! What the oracle lets one caller see, and the JSON that follows from it.

use std::collections::HashSet;

use alyx_query::{Expand, Relation, Truth};
use alyx_rules::Identity;
use alyx_schema::{Collection, Document, Value};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value as Json, json};

use super::{
    sheet::{PLACES, Sheet},
    tally::Tally,
};
use crate::property::{documents::Sample, oracle::Oracle};

/// The primary key of a document.
pub(super) fn key<'a>(collection: &Collection, document: &'a Document) -> &'a str {
    match &document.values[collection.primary] {
        Value::Text(text) => text,
        other => panic!("{other:?} is no primary key"),
    }
}

/// For every place with a rule, the documents for which the oracle says yes.
pub(super) struct Verdicts<'a> {
    sample: &'a Sample,
    /// By the index of the place.
    allowed: Vec<HashSet<String>>,
}

impl<'a> Verdicts<'a> {
    pub(super) fn new(
        oracles: &[Oracle<'_>],
        sheet: &Sheet,
        (sample, caller): (&'a Sample, Option<&Identity>),
        tally: &mut Tally,
    ) -> Self {
        let ask = |(index, (name, _)): (usize, &(&str, _))| {
            let collection = sample.schema.collection(name).expect("it is there");
            let mut allowed = HashSet::new();
            for document in sample.documents(name) {
                let truth = oracles[index].truth(document, caller);
                tally.note_truth(&sheet.rules[index], truth);
                if truth == Truth::True {
                    allowed.insert(key(collection, document).to_owned());
                }
            }
            allowed
        };
        Self { sample, allowed: PLACES.iter().enumerate().map(ask).collect() }
    }

    fn allows(&self, collection: &Collection, field: Option<&str>, document: &Document) -> bool {
        let place = PLACES.iter().position(|place| collection.name == place.0 && field == place.1);
        place.is_none_or(|place| self.allowed[place].contains(key(collection, document)))
    }

    pub(super) fn may_read(&self, collection: &Collection, document: &Document) -> bool {
        self.allows(collection, None, document)
    }

    pub(super) fn may_see(&self, collection: &Collection, field: &str, document: &Document) -> bool {
        self.allows(collection, Some(field), document)
    }

    /// The document as this caller is shown it.
    pub(super) fn json(&self, collection: &Collection, document: &Document, expand: &[Expand]) -> Json {
        let mut object = Map::new();
        for (field, value) in collection.fields.iter().zip(&document.values) {
            let name = field.name.as_str();
            if self.may_see(collection, name, document) {
                object.insert(name.to_owned(), shown(value));
            }
        }
        for expand in expand {
            if let Some(related) = self.related(document, expand) {
                object.insert(expand.name.clone(), related);
            }
        }
        Json::Object(object)
    }

    /// What stands under an expanded relation, if anything does.
    fn related(&self, document: &Document, expand: &Expand) -> Option<Json> {
        let target = &*expand.target;
        let (Relation::ToOne { field, target_field } | Relation::Back { field, target_field }) = &expand.relation;
        let here = &document.values[field.index];
        let others = self.sample.documents(target.name.as_str()).iter();
        let others = others.filter(|other| !here.is_null() && other.values[target_field.index] == *here);
        let mut others: Vec<&Document> = others.filter(|other| self.may_read(target, other)).collect();
        others.sort_by_key(|other| key(target, other));
        let mut shown = others.into_iter().map(|other| self.json(target, other, &expand.nested));
        match &expand.relation {
            Relation::ToOne { .. } => shown.next(),
            Relation::Back { .. } => Some(shown.collect()),
        }
    }
}

/// A value as JSON shows it.
fn shown(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Int(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Blob(bytes) => json!(STANDARD.encode(bytes)),
        Value::Json(json) => json.clone(),
    }
}
