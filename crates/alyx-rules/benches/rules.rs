//! How long it takes to compile a rule, to decide it for a request and to lower what is left.

use std::sync::Arc;

use alyx_rules::{CompiledRule, Context, Identity, Operation, PlainRequest, RuleSet};
use alyx_schema::{Schema, parse_schema};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const FIELDS: &str = "
version: 1
collections:
  users:
    fields:
      id: { type: uuid, primary: true, default: auto }
  teams:
    fields:
      id: { type: uuid, primary: true, default: auto }
  memberships:
    fields:
      id: { type: uuid, primary: true, default: auto }
      team_id: { type: uuid, references: teams.id }
      user_id: { type: uuid, references: users.id }
  posts:
    fields:
      id: { type: uuid, primary: true, default: auto }
      published: { type: bool }
      created_at: { type: timestamp, default: now }
      author_id: { type: uuid, references: users.id }
      team_id: { type: uuid, references: teams.id }
    rules:
";

const PLAIN: &str = "doc.published == true || auth.id == doc.author_id || auth.role == 'admin'";
const TEAM: &str =
    r#"exists_in("memberships", m, m.team_id == doc.team_id && m.user_id == auth.id) || auth.role == 'admin'"#;
const RECENT: &str = "auth != null && request.time - doc.created_at < duration('15m')";

fn schema(rule: &str) -> Arc<Schema> {
    let text = format!("{FIELDS}      read: |\n        {rule}\n");
    Arc::new(parse_schema("schema.yaml", &text).expect("it is a schema"))
}

/// Runs with the compiled rule, somebody who is signed in, and a request.
fn with_rule(rule: &str, run: impl FnOnce(&CompiledRule, Context<'_>)) {
    let schema = schema(rule);
    let rules = RuleSet::compile("schema.yaml", &schema).expect("the rule is one");
    let posts = schema.collection("posts").expect("it has posts");
    let rule = rules.collection_rule(posts, Operation::Read).expect("it has a rule");
    let identity =
        Identity { id: "019b0000-0000-7000-8000-000000000001".into(), role: "user".into(), ..Identity::default() };
    let request = PlainRequest::default();
    run(rule, Context { auth: Some(&identity), request: &request });
}

#[divan::bench(args = ["true", PLAIN, TEAM, RECENT])]
fn decide(bencher: Bencher<'_, '_>, rule: &str) {
    with_rule(rule, |rule, context| bencher.bench_local(|| rule.decide(black_box(&context))));
}

#[divan::bench(args = ["true", PLAIN, TEAM, RECENT])]
fn decide_and_lower(bencher: Bencher<'_, '_>, rule: &str) {
    with_rule(rule, |rule, context| bencher.bench_local(|| rule.decide(black_box(&context)).predicate()));
}

#[divan::bench(args = [PLAIN, TEAM])]
fn compile(bencher: Bencher<'_, '_>, rule: &str) {
    let schema = schema(rule);
    bencher.bench_local(|| RuleSet::compile("schema.yaml", black_box(&schema)));
}

#[divan::bench]
fn find_a_rule(bencher: Bencher<'_, '_>) {
    let schema = schema(PLAIN);
    let rules = RuleSet::compile("schema.yaml", &schema).expect("the rule is one");
    let posts = schema.collection("posts").expect("it has posts");
    bencher.bench_local(|| rules.collection_rule(black_box(posts), Operation::Read));
}
