//! Random rules in several places at once: who reads which documents, and who sees some of their fields.

use std::sync::Arc;

use alyx_rules::RuleSet;
use alyx_schema::{Rule, Schema};

use super::tally::Tally;
use crate::property::{
    choices::Choices,
    documents::Sample,
    oracle::Oracle,
    rules::{RandomRule, Text},
};

/// A collection, or a field of one.
pub(super) type Place = (&'static str, Option<&'static str>);

/// Where rules stand. No field among them is a foreign key, since one that is hidden cannot be expanded.
pub(super) const PLACES: [Place; 7] = [
    ("posts", None),
    ("users", None),
    ("teams", None),
    ("memberships", None),
    ("posts", Some("title")),
    ("posts", Some("score")),
    ("users", Some("name")),
];

/// How often another rule is tried where one cannot be a rule.
const TRIES: usize = 5;

/// A rule for every place.
pub(super) struct Sheet {
    /// In the order of [`PLACES`].
    pub(super) rules: Vec<RandomRule>,
    pub(super) compiled: RuleSet,
    pub(super) schema: Arc<Schema>,
}

/// The schema with rules that let everything through: the database knows where rules stand, not what they say.
pub(super) fn open(schema: &Schema) -> Schema {
    PLACES.iter().fold(schema.clone(), |schema, place| with_rule(&schema, *place, "true"))
}

fn with_rule(schema: &Schema, (collection, field): Place, text: &str) -> Schema {
    let mut schema = schema.clone();
    let collection = schema.collections.get_mut(collection).expect("it is there");
    let mut changed = (**collection).clone();
    let rule = Some(Rule::new(text));
    match field.map(|name| changed.field_index(name).expect("it is there")) {
        Some(index) => changed.fields[index].rules.read = rule,
        None => changed.rules.read = rule,
    }
    *collection = Arc::new(changed);
    schema
}

impl Sheet {
    /// One rule from each row of bytes.
    pub(super) fn new(schema: &Schema, bytes: &[Vec<u8>], tally: &mut Tally) -> Self {
        let mut whole = open(schema);
        let rules: Vec<RandomRule> = PLACES
            .iter()
            .zip(bytes)
            .map(|(place, bytes)| {
                let rule = random(schema, *place, bytes, tally);
                whole = with_rule(&whole, *place, &rule.text.ours);
                rule
            })
            .collect();
        let schema = Arc::new(whole);
        let compiled = RuleSet::compile("schema.yaml", &schema);
        let compiled = compiled.unwrap_or_else(|faults| panic!("each is a rule for itself: {faults:#?}"));
        Self { rules, compiled, schema }
    }

    /// One oracle a rule.
    pub(super) fn oracles<'a>(&self, sample: &'a Sample) -> Vec<Oracle<'a>> {
        let places = self.rules.iter().zip(PLACES);
        places.map(|(rule, (collection, _))| Oracle::new(&rule.text.oracle, sample, collection)).collect()
    }

    /// All rules, for a test that fails.
    pub(super) fn told(&self) -> String {
        let told = PLACES.iter().zip(&self.rules);
        told.map(|(place, rule)| format!("{place:?}\n  {}\n  {}\n", rule.text.ours, rule.text.oracle)).collect()
    }
}

/// A rule that can stand in a place; bytes that make none are tried again from the next one on.
fn random(schema: &Schema, place: Place, bytes: &[u8], tally: &mut Tally) -> RandomRule {
    for start in 0..TRIES.min(bytes.len()) {
        let rule = RandomRule::new(&mut Choices::new(&bytes[start..]), place.0);
        match RuleSet::compile("schema.yaml", &Arc::new(with_rule(schema, place, &rule.text.ours))) {
            Ok(_) => {
                tally.note_rule(&rule);
                return rule;
            }
            // A part without anything to be known that is an error is a fault of the rule.
            Err(faults) if faults.iter().all(|fault| matches!(fault.code, "rule_constant" | "rule_literal")) => {
                tally.note_refused();
            }
            Err(faults) => panic!("{} is refused: {faults:#?}", rule.text.ours),
        }
    }
    RandomRule { text: Text::same("auth.id == doc.id || true"), features: Vec::new() }
}
