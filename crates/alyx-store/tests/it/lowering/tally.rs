//! How often each operator came to each outcome, so that a run that tried too little is a failure.

use std::{collections::BTreeMap, fmt::Write};

use crate::oracle::Listener;

const OPERATORS: [&str; 12] =
    ["$eq", "$ne", "$in", "$nin", "$is_null", "$not_null", "$gt", "$gte", "$lt", "$lte", "$like", "$contains"];
const COMBINERS: [&str; 3] = ["$and", "$or", "$not"];
/// Operators that null cannot make unknown.
const TWO_VALUED: [&str; 6] = ["$eq", "$ne", "$in", "$nin", "$is_null", "$not_null"];

#[derive(Clone, Copy, Default)]
struct Counts {
    yes: u64,
    no: u64,
    unknown: u64,
    null: u64,
}

/// Counts by operator, and by operator and kind.
#[derive(Default)]
pub(crate) struct Tally {
    operators: BTreeMap<String, Counts>,
    kinds: BTreeMap<(String, &'static str), u64>,
    /// Whole filters that matched, did not, or were unknown.
    pub(crate) filters: [u64; 3],
}

impl Listener for Tally {
    fn judged(&mut self, operator: &str, kind: Option<&'static str>, null: bool, outcome: Option<bool>) {
        let counts = self.operators.entry(operator.to_owned()).or_default();
        match outcome {
            Some(true) => counts.yes += 1,
            Some(false) => counts.no += 1,
            None => counts.unknown += 1,
        }
        counts.null += u64::from(null);
        if let Some(kind) = kind {
            *self.kinds.entry((operator.to_owned(), kind)).or_default() += 1;
        }
    }
}

impl Tally {
    /// Adds the counts of another.
    pub(crate) fn add(&mut self, other: Self) {
        for (name, counts) in other.operators {
            let sum = self.operators.entry(name).or_default();
            sum.yes += counts.yes;
            sum.no += counts.no;
            sum.unknown += counts.unknown;
            sum.null += counts.null;
        }
        for (key, count) in other.kinds {
            *self.kinds.entry(key).or_default() += count;
        }
        for (sum, count) in self.filters.iter_mut().zip(other.filters) {
            *sum += count;
        }
    }

    /// The table to print.
    pub(crate) fn table(&self) -> String {
        let mut table = format!("{:<10} {:>9} {:>9} {:>9} {:>9}\n", "operator", "true", "false", "unknown", "null");
        for name in OPERATORS.iter().chain(&COMBINERS) {
            let Counts { yes, no, unknown, null } = self.counts(name);
            let _ = writeln!(table, "{name:<10} {yes:>9} {no:>9} {unknown:>9} {null:>9}");
        }
        let [yes, no, unknown] = self.filters;
        let _ = writeln!(table, "{:<10} {yes:>9} {no:>9} {unknown:>9}", "filter");
        table
    }

    /// Fails where something that can happen never did.
    pub(crate) fn assert_everything_was_reached(&self, kinds: &[(&'static str, Vec<&'static str>)]) {
        for name in OPERATORS.iter().chain(&COMBINERS) {
            let Counts { yes, no, unknown, null } = self.counts(name);
            assert!(yes > 0 && no > 0, "{name} was not both true and false");
            assert_eq!(unknown > 0, !TWO_VALUED.contains(name), "{name} was unknown {unknown} times");
            assert!(null > 0 || COMBINERS.contains(name), "{name} never met null");
        }
        for (kind, operators) in kinds {
            for operator in operators {
                let count = self.kinds.get(&((*operator).to_owned(), *kind)).copied().unwrap_or_default();
                assert!(count > 0, "{operator} was never tried on {kind}");
            }
        }
        assert!(self.filters.iter().all(|count| *count > 0), "whole filters: {:?}", self.filters);
    }

    fn counts(&self, name: &str) -> Counts {
        self.operators.get(name).copied().unwrap_or_default()
    }
}
