//! Random rules, documents, callers and requests: every way to evaluate a rule agrees with the oracle, which is
//! another interpreter with the contract's rules about null, callers and relations put around it.
//!
//! `ALYX_TEST_FULL=1` runs many more cases; `ALYX_FIGURES` names a file to which the counts are added.

mod choices;
mod counts;
mod documents;
mod oracle;
mod rules;
mod stored;
mod values;

use std::{cell::RefCell, sync::Arc};

use alyx_query::{Predicate, Truth};
use alyx_rules::{Context, FieldOperation, Identity, Operation, PlainRequest, RuleSet};
use alyx_schema::{Document, Rule, Schema, Value};
use alyx_testing::{is_full, record};
use proptest::{
    collection::vec,
    prelude::any,
    test_runner::{Config, TestRunner},
};

use self::{
    choices::Choices,
    counts::Counts,
    documents::{Sample, schema},
    oracle::Oracle,
    rules::RandomRule,
};

const CASES: u32 = 3000;
const FULL_CASES: u32 = 100_000;

/// The schema with a rule for reading posts.
fn with_rule(schema: &Schema, text: &str) -> Arc<Schema> {
    let mut schema = schema.clone();
    let posts = schema.collections.get_mut("posts").expect("it has posts");
    let mut with_rule = (**posts).clone();
    with_rule.rules.read = Some(Rule::new(text));
    *posts = Arc::new(with_rule);
    Arc::new(schema)
}

/// One rule in one world, for every document and caller.
fn check(rule: &RandomRule, sample: &Sample, counts: &mut Counts) {
    let schema = with_rule(&sample.schema, &rule.text.ours);
    let rules = match RuleSet::compile("schema.yaml", &schema) {
        Ok(rules) => rules,
        // A part without anything to be known that is an error is a fault of the rule.
        Err(faults) if faults.iter().all(|fault| matches!(fault.code, "rule_constant" | "rule_literal")) => {
            return counts.note_refused();
        }
        Err(faults) => panic!("{} is refused: {faults:#?}", rule.text.ours),
    };
    let posts = schema.collection("posts").expect("it has posts");
    let compiled = rules.collection_rule(posts, Operation::Read).expect("it has a rule");
    assert!(rules.field_rule(posts, 0, FieldOperation::Read).is_none());
    counts.note_rule();
    let oracle = Oracle::new(&rule.text.oracle, sample, "posts");
    for caller in &sample.callers {
        let context = Context { auth: caller.as_ref(), request: &sample.request };
        let residual = compiled.decide(&context);
        let (predicate, exact) = (residual.predicate(), residual.exact_predicate());
        counts.note_predicate(&predicate);
        counts.note_predicate(&exact);
        let printed = Printed::new(&residual.to_cel(), &sample.schema, context);
        for document in &sample.posts {
            let truth = oracle.truth(document, caller.as_ref());
            counts.note(&rule.features, truth);
            let told = || tell(rule, caller.as_ref(), document, truth, &residual.to_cel());
            assert_eq!(compiled.evaluate(&context, document, sample), truth, "evaluated: {}", told());
            assert_eq!(exact.evaluate_in(document, sample), truth, "exactly: {exact:#?} {}", told());
            assert_eq!(exact.canonical().evaluate_in(document, sample), truth, "canonically: {exact:#?} {}", told());
            let allows = predicate.evaluate_in(document, sample) == Truth::True;
            assert_eq!(allows, truth == Truth::True, "lowered: {predicate:#?} {}", told());
            assert_eq!(printed.truth(document, sample), truth, "printed and read again: {}", told());
            known_document(compiled, context, (document, sample), truth, &told);
        }
    }
}

/// With the document known beforehand, no other one is looked at in its place.
fn known_document(
    compiled: &alyx_rules::CompiledRule,
    context: Context<'_>,
    (document, sample): (&Document, &Sample),
    truth: Truth,
    told: &dyn Fn() -> String,
) {
    let residual = compiled.decide_for(&context, document);
    if let Some(decided) = residual.truth() {
        assert_eq!(decided, truth, "decided for the document: {}", told());
    }
    let nobody = Document { values: vec![Value::Null; document.values.len()] };
    let (predicate, exact) = (residual.predicate(), residual.exact_predicate());
    assert_eq!(exact.evaluate_in(&nobody, sample), truth, "for the document, exactly: {exact:#?} {}", told());
    let allows = predicate.evaluate_in(&nobody, sample) == Truth::True;
    assert_eq!(allows, truth == Truth::True, "for the document: {predicate:#?} {}", told());
}

/// What is left of a rule, printed and read again as a rule.
struct Printed {
    exact: Predicate,
}

impl Printed {
    fn new(text: &str, schema: &Schema, context: Context<'_>) -> Self {
        let schema = with_rule(schema, text);
        let rules = RuleSet::compile("schema.yaml", &schema)
            .unwrap_or_else(|faults| panic!("what is left is no rule: {text}: {faults:#?}"));
        let posts = schema.collection("posts").expect("it has posts");
        let compiled = rules.collection_rule(posts, Operation::Read).expect("it has a rule");
        assert!(compiled.is_for_all_callers(), "a caller is left in {text}");
        let again = compiled.decide(&context);
        assert_eq!(again.to_cel(), text, "it is printed differently the second time");
        Self { exact: again.exact_predicate() }
    }

    fn truth(&self, document: &Document, sample: &Sample) -> Truth {
        self.exact.evaluate_in(document, sample)
    }
}

fn tell(rule: &RandomRule, caller: Option<&Identity>, document: &Document, truth: Truth, left: &str) -> String {
    let (ours, oracle) = (&rule.text.ours, &rule.text.oracle);
    format!(
        "should be {truth:?}\nrule: {ours}\noracle: {oracle}\nleft: {left}\ncaller: {caller:?}\ndocument: {document:?}"
    )
}

#[test]
fn every_way_to_evaluate_a_rule_agrees_with_the_oracle() {
    let counts = RefCell::new(Counts::default());
    let cases = if is_full() { FULL_CASES } else { CASES };
    let mut runner = TestRunner::new(Config { failure_persistence: None, cases, ..Config::default() });
    let schema = schema();
    let strategy = (vec(any::<u8>(), 0..250), vec(any::<u8>(), 150..400));
    let result = runner.run(&strategy, |(for_rule, for_world)| {
        let rule = RandomRule::new(&mut Choices::new(&for_rule), "posts");
        let sample = Sample::new(&schema, &mut Choices::new(&for_world));
        check(&rule, &sample, &mut counts.borrow_mut());
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let counts = counts.into_inner();
    counts.require(rules::FEATURES);
    record(&format!("rules in memory: {cases} random ones against another CEL interpreter, {counts}"));
}

#[test]
fn an_anonymous_caller_never_owns_a_document_without_an_owner() {
    let schema = schema();
    let bytes: Vec<u8> = (0..=255).cycle().take(400).collect();
    let sample = Sample::new(&schema, &mut Choices::new(&bytes));
    let request = PlainRequest::default();
    let context = Context { auth: None, request: &request };
    for text in [
        "auth.id == doc.author_id",
        "auth.id != doc.author_id",
        "!(auth.id == doc.author_id)",
        "auth.id in [doc.author_id]",
        "[auth.id] == [doc.author_id]",
        "[doc.author_id].exists(id, id == auth.id)",
        "doc.author_id == (true ? auth.id : 'x')",
        "(true ? auth.id : 'x') == null",
        "dyn(auth.id) == null",
        "exists_in(\"users\", u, u.id == auth.id || u.name == auth.id)",
    ] {
        let schema = with_rule(&sample.schema, text);
        let rules = RuleSet::compile("schema.yaml", &schema).unwrap_or_else(|faults| panic!("{text}: {faults:#?}"));
        let posts = schema.collection("posts").expect("it has posts");
        let rule = rules.collection_rule(posts, Operation::Read).expect("it has a rule");
        for value in [Value::Null, Value::Text("u1".to_owned())] {
            let mut document = sample.posts[0].clone();
            document.values[posts.field_index("author_id").expect("posts have it")] = value;
            let predicates = [rule.decide(&context).predicate(), rule.decide_for(&context, &document).predicate()];
            for predicate in predicates {
                assert_ne!(predicate.evaluate_in(&document, &sample), Truth::True, "{text}: {predicate:?}");
            }
        }
    }
}
