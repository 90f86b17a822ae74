//! What was reached on the way through the database, so that a test that reaches nothing fails.

use std::fmt;

use alyx_query::{Expand, Predicate, Relation, Truth};
use alyx_schema::{Collection, Document};
use serde_json::Value as Json;

use crate::property::{
    counts::Counts,
    documents::Sample,
    rules::{FEATURES, RandomRule},
};

/// Features that even a short run reaches with all three truth values.
const OFTEN: &[&str] =
    &["&&", "||", "!", "==", "null test", "has", "exists", "all", "exists_in", "relation", "auth", "json"];

/// How often each thing happened.
#[derive(Default)]
pub(super) struct Tally {
    counts: Counts,
    rules: u64,
    rules_with: [u64; 3],
    samples: u64,
    documents: u64,
    callers: u64,
    pub(super) lists: u64,
    pub(super) listed: u64,
    pub(super) pages: u64,
    pub(super) queries_refused: u64,
    /// Documents asked for one by one: shown, withheld.
    documents_shown: [u64; 2],
    /// Relations of such documents: shown, withheld though there is one.
    relations_shown: [u64; 2],
    /// Fields with a rule of such documents: shown, withheld.
    fields_shown: [u64; 2],
    /// Writes: let through, refused.
    writes: [u64; 2],
}

impl Tally {
    pub(super) fn note_sample(&mut self, sample: &Sample) {
        self.samples += 1;
        self.callers += sample.callers.len() as u64;
        let names = ["posts", "users", "teams", "memberships"];
        self.documents += names.iter().map(|name| sample.documents(name).len() as u64).sum::<u64>();
    }

    pub(super) fn note_rule(&mut self, rule: &RandomRule) {
        self.rules += 1;
        self.counts.note_rule();
        let macros = ["exists", "all", "exists_one", "filter", "map"];
        let has = |names: &[&str]| rule.features.iter().any(|feature| names.contains(feature));
        let with = [has(&["relation"]), has(&["exists_in"]), has(&macros)];
        for (count, is_used) in self.rules_with.iter_mut().zip(with) {
            *count += u64::from(is_used);
        }
    }

    pub(super) fn note_refused(&mut self) {
        self.counts.note_refused();
    }

    pub(super) fn note_truth(&mut self, rule: &RandomRule, truth: Truth) {
        self.counts.note(&rule.features, truth);
    }

    pub(super) fn note_predicate(&mut self, predicate: &Predicate) {
        self.counts.note_predicate(predicate);
    }

    pub(super) fn note_write(&mut self, is_let_through: bool) {
        self.writes[usize::from(!is_let_through)] += 1;
    }

    /// A document that was asked for alone.
    pub(super) fn note_answer(
        &mut self,
        collection: &Collection,
        document: &Document,
        shown: Option<&Json>,
        expand: &[Expand],
    ) {
        self.documents_shown[usize::from(shown.is_none())] += 1;
        let Some(shown) = shown else { return };
        let has = |name: &str| usize::from(shown.get(name).is_none());
        for field in collection.fields.iter().filter(|field| field.rules.read.is_some()) {
            self.fields_shown[has(field.name.as_str())] += 1;
        }
        for expand in expand {
            if let Relation::ToOne { field, .. } = &expand.relation
                && !document.values[field.index].is_null()
            {
                self.relations_shown[has(&expand.name)] += 1;
            }
        }
    }

    /// Fails where something was never reached.
    pub(super) fn require(&self, full: bool) {
        self.counts.require(if full { FEATURES } else { OFTEN });
        let reached = [self.documents_shown, self.relations_shown, self.fields_shown, self.writes].concat();
        assert!(reached.iter().all(|count| *count > 10), "{self}");
        assert!(self.queries_refused > 0 && self.queries_refused * 2 < self.lists, "{self}");
        assert!(self.pages > self.lists && self.listed > self.lists / 2, "{self}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [related, asking, macros] = self.rules_with;
        let (scans, exists) = (self.counts.lowered_to("scan"), self.counts.lowered_to("exists"));
        let Self { rules, samples, documents, callers, lists, listed, pages, queries_refused, counts, .. } = self;
        write!(
            f,
            "{rules} random ones ({related} with a relation, {asking} with exists_in, {macros} with a list macro), "
        )?;
        write!(f, "{documents} documents in {samples} databases, {callers} callers; {counts}; ")?;
        write!(f, "lowered to {scans} tests in Rust and {exists} searches of other documents; ")?;
        write!(f, "{lists} lists of {listed} documents in all, {pages} pages, {queries_refused} queries refused; ")?;
        let pairs = [
            ("documents", self.documents_shown, "withheld"),
            ("expanded", self.relations_shown, "withheld"),
            ("fields", self.fields_shown, "withheld"),
            ("writes", self.writes, "refused"),
        ];
        let pairs = pairs.map(|(name, [yes, no], otherwise)| format!("{name}: {yes} yes, {no} {otherwise}"));
        f.write_str(&pairs.join("; "))
    }
}
