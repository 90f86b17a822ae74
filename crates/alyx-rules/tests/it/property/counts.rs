//! What was reached, so that a test that reaches nothing fails.

use std::{collections::BTreeMap, fmt};

use alyx_query::{Predicate, Truth};

/// How often each feature of the language was in a rule that was true, false or unknown, and each kind of predicate
/// in what a rule was lowered to.
#[derive(Default)]
pub(super) struct Counts {
    features: BTreeMap<&'static str, [u64; 3]>,
    predicates: BTreeMap<&'static str, u64>,
    truths: [u64; 3],
    refused: u64,
    rules: u64,
}

const PREDICATES: [&str; 13] = [
    "compare",
    "compare fields",
    "in",
    "is null",
    "contains text",
    "contains item",
    "related",
    "exists",
    "outer",
    "scan",
    "and",
    "or",
    "not",
];

impl Counts {
    pub(super) fn note(&mut self, features: &[&'static str], truth: Truth) {
        let index = match truth {
            Truth::True => 0,
            Truth::False => 1,
            Truth::Unknown => 2,
        };
        self.truths[index] += 1;
        for feature in features {
            self.features.entry(feature).or_default()[index] += 1;
        }
    }

    /// A rule that cannot be one, since a part of it never has a value.
    pub(super) fn note_refused(&mut self) {
        self.refused += 1;
    }

    pub(super) fn note_rule(&mut self) {
        self.rules += 1;
    }

    pub(super) fn note_predicate(&mut self, predicate: &Predicate) {
        let (name, parts): (_, Vec<&Predicate>) = match predicate {
            Predicate::Compare { .. } => ("compare", vec![]),
            Predicate::CompareFields { .. } => ("compare fields", vec![]),
            Predicate::In { .. } => ("in", vec![]),
            Predicate::IsNull(_) => ("is null", vec![]),
            Predicate::ContainsText { .. } => ("contains text", vec![]),
            Predicate::ContainsItem { .. } => ("contains item", vec![]),
            Predicate::Related { predicate, .. } => ("related", vec![predicate]),
            Predicate::Exists { predicate, .. } => ("exists", vec![predicate]),
            Predicate::Outer { predicate, .. } => ("outer", vec![predicate]),
            Predicate::Scan(_) => ("scan", vec![]),
            Predicate::And(parts) => ("and", parts.iter().collect()),
            Predicate::Or(parts) => ("or", parts.iter().collect()),
            Predicate::Not(inner) => ("not", vec![inner]),
            Predicate::Constant(_) | Predicate::Like { .. } => ("constant", vec![]),
        };
        *self.predicates.entry(name).or_default() += 1;
        parts.into_iter().for_each(|part| self.note_predicate(part));
    }

    /// How often a rule was lowered to this kind of predicate, or had it as a part.
    pub(super) fn lowered_to(&self, name: &str) -> u64 {
        self.predicates.get(name).copied().unwrap_or_default()
    }

    /// Fails where something was never reached.
    pub(super) fn require(&self, features: &[&str]) {
        for feature in features {
            let counts = self.features.get(feature).copied().unwrap_or_default();
            assert!(counts.iter().all(|count| *count > 0), "{feature} was true, false, unknown {counts:?} times");
        }
        for name in PREDICATES {
            assert!(self.predicates.contains_key(name), "no rule was lowered to {name}");
        }
        assert!(self.refused * 3 < self.rules, "{} rules of {} are refused", self.refused, self.rules);
        assert!(self.truths.iter().all(|count| *count > 1000), "{:?}", self.truths);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [holds, fails, unknown] = self.truths;
        write!(
            f,
            "{holds} times true, {fails} false, {unknown} unknown, {} features of the language",
            self.features.len()
        )
    }
}
