//! What the documents may be: each value that a field may have had since all was last known for sure. Writers say what
//! they are about to do before they do it, so nothing that a client can be told is missing here.

pub(crate) mod judge;

use std::collections::{BTreeMap, BTreeSet};

use alyx_testing::Value;

use crate::design::{Design, field::OnDelete};

/// All documents and people.
#[derive(Debug, Default)]
pub(crate) struct Model {
    documents: BTreeMap<String, BTreeMap<String, Trace>>,
    /// What may have been deleted: who comes to refer to it may be deleted with it.
    deleted: BTreeSet<(String, String)>,
    /// The roles that an account may have had.
    roles: BTreeMap<String, Vec<String>>,
}

/// One document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    fields: BTreeMap<String, Possible>,
    /// It was there all the time.
    is_sure: bool,
}

/// What a field may have held.
#[derive(Clone, Debug, Default)]
struct Possible {
    /// The server makes values of its own.
    any: bool,
    values: Vec<Value>,
}

impl Possible {
    fn add(&mut self, value: Value) {
        if !self.values.contains(&value) {
            self.values.push(value);
        }
    }

    fn has(&self, value: &Value) -> bool {
        self.any || self.values.iter().any(|known| is_same(known, value))
    }
}

/// Whether two values are the same to a reader: 1 and 1.0 are.
pub(crate) fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        _ => left == right,
    }
}

impl Model {
    /// Everything is known: these are the documents, and these the roles.
    pub(crate) fn reset(&mut self, documents: BTreeMap<String, BTreeMap<String, Value>>) {
        self.deleted.clear();
        self.roles.values_mut().for_each(|roles| drop(roles.drain(..roles.len().saturating_sub(1))));
        let traces = documents.into_iter().map(|(collection, documents)| {
            let traces = documents.into_iter().map(|(key, document)| (key, Trace::known(document)));
            (collection, traces.collect())
        });
        self.documents = traces.collect();
    }

    /// An account gets a role, or may get it.
    pub(crate) fn may_have_role(&mut self, person: &str, role: &str) {
        let roles = self.roles.entry(person.to_owned()).or_default();
        roles.retain(|known| known != role);
        roles.push(role.to_owned());
    }

    /// A document with this body may be made.
    pub(crate) fn may_create(&mut self, design: &Design, collection: &str, key: &str, body: &Value) {
        let Some(designed) = design.collection(collection) else { return };
        let trace = self.documents.entry(collection.to_owned()).or_default().entry(key.to_owned()).or_default();
        for field in &designed.fields {
            let possible = trace.fields.entry(field.name.clone()).or_default();
            possible.any |= field.made_by_server;
            let given = body.get(&field.name).or(field.default.as_ref());
            possible.add(given.cloned().unwrap_or_default());
        }
        self.follow_deleted(design, collection, key, body);
    }

    /// These fields of a document may be set.
    pub(crate) fn may_update(&mut self, design: &Design, collection: &str, key: &str, body: &Value) {
        let Some(designed) = design.collection(collection) else { return };
        let Some(trace) = self.documents.get_mut(collection).and_then(|documents| documents.get_mut(key)) else {
            return;
        };
        for field in &designed.fields {
            let possible = trace.fields.entry(field.name.clone()).or_default();
            possible.any |= field.made_by_server;
            if let Some(value) = body.get(&field.name) {
                possible.add(value.clone());
            }
        }
        self.follow_deleted(design, collection, key, body);
    }

    /// A document may be deleted, and others with it.
    pub(crate) fn may_delete(&mut self, design: &Design, collection: &str, key: &str) {
        if !self.deleted.insert((collection.to_owned(), key.to_owned())) {
            return;
        }
        if let Some(trace) = self.documents.get_mut(collection).and_then(|documents| documents.get_mut(key)) {
            trace.is_sure = false;
        }
        let own_key = serde_json::from_str::<Value>(key).unwrap_or_default();
        for (referrer, field) in design.referrers(collection) {
            let documents = self.documents.get(referrer.name).into_iter().flatten();
            let refers = |trace: &Trace| trace.may(&field.name, |value| *value == own_key);
            let keys: Vec<String> = documents.filter(|(_, trace)| refers(trace)).map(|(key, _)| key.clone()).collect();
            for own in keys {
                self.lose_target(design, (referrer.name, &own), field);
            }
        }
    }

    fn lose_target(&mut self, design: &Design, (collection, key): (&str, &str), field: &crate::design::field::Field) {
        match field.refers {
            Some((_, OnDelete::Cascade)) => self.may_delete(design, collection, key),
            Some((_, OnDelete::SetNull)) => {
                let trace = self.documents.get_mut(collection).and_then(|documents| documents.get_mut(key));
                if let Some(possible) = trace.and_then(|trace| trace.fields.get_mut(&field.name)) {
                    possible.add(Value::Null);
                }
            }
            _ => {}
        }
    }

    /// A target that may have been deleted may go after the document points at it.
    fn follow_deleted(&mut self, design: &Design, collection: &str, key: &str, body: &Value) {
        let Some(designed) = design.collection(collection) else { return };
        for field in &designed.fields {
            let (Some(target), Some(value)) = (field.target(), body.get(&field.name)) else { continue };
            if self.deleted.contains(&(target.to_owned(), value.to_string())) {
                self.lose_target(design, (collection, key), field);
            }
        }
    }

    /// The keys of a collection, as JSON text.
    pub(crate) fn keys(&self, collection: &str) -> Vec<String> {
        self.documents.get(collection).map(|documents| documents.keys().cloned().collect()).unwrap_or_default()
    }

    /// What of these documents cannot be: it was never written.
    pub(crate) fn strange(&self, collection: &str, key: &str, document: &Value) -> Option<String> {
        let Some(trace) = self.documents.get(collection).and_then(|documents| documents.get(key)) else {
            return Some(format!("{collection} {key} was never written"));
        };
        let strange = |(name, value): (&String, &Value)| {
            let known = trace.fields.get(name).is_none_or(|possible| possible.has(value));
            (!known).then(|| format!("{name} of {collection} {key} was never {value}"))
        };
        document.as_object().into_iter().flatten().find_map(strange)
    }

    /// Documents that were there all the time and are not among these.
    pub(crate) fn missing(&self, collection: &str, found: &BTreeMap<String, Value>) -> Option<String> {
        let sure = self.documents.get(collection).into_iter().flatten().filter(|(_, trace)| trace.is_sure);
        sure.map(|(key, _)| key).find(|key| !found.contains_key(*key)).cloned()
    }
}

impl Trace {
    fn known(document: Value) -> Self {
        let Value::Object(fields) = document else { return Self::default() };
        let known = |value| Possible { any: false, values: vec![value] };
        Self { fields: fields.into_iter().map(|(name, value)| (name, known(value))).collect(), is_sure: true }
    }

    /// Whether a field may hold something that is so.
    fn may(&self, field: &str, is_so: impl Fn(&Value) -> bool) -> bool {
        self.fields.get(field).is_some_and(|possible| possible.any || possible.values.iter().any(is_so))
    }

    /// Whether a field holds something that is so, whatever happened.
    fn must(&self, field: &str, is_so: impl Fn(&Value) -> bool) -> bool {
        let all = |possible: &Possible| !possible.any && possible.values.iter().all(is_so);
        self.is_sure && self.fields.get(field).is_some_and(all)
    }
}
