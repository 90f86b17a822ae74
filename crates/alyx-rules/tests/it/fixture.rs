//! A schema for rules of posts, and ways to compile, decide and lower one.

use std::sync::{Arc, LazyLock};

use alyx_query::{Predicate, Truth, World};
use alyx_rules::{CompiledRule, Context, Identity, Operation, PlainRequest, RuleSet};
use alyx_schema::{Collection, Diagnostic, Document, Rule, Schema, Value, parse_schema};
use serde_json::{Value as Json, json};

const BLOG: &str = "
version: 1
collections:
  users:
    fields:
      id: { type: uuid, primary: true }
      name: { type: string }
      role: { type: string }
  teams:
    fields:
      id: { type: uuid, primary: true }
      owner_id: { type: uuid, nullable: true, references: users.id }
  memberships:
    fields:
      id: { type: uuid, primary: true }
      team_id: { type: uuid, references: teams.id }
      user_id: { type: uuid, references: users.id }
      open: { type: bool, nullable: true }
  posts:
    fields:
      id: { type: uuid, primary: true }
      title: { type: string, nullable: true }
      body: { type: text }
      views: { type: int }
      likes: { type: int, nullable: true }
      score: { type: float }
      published: { type: bool }
      pinned: { type: bool, nullable: true }
      created_at: { type: timestamp }
      edited_at: { type: timestamp, nullable: true }
      tags: { type: json, items: string }
      labels: { type: json, items: string, nullable: true }
      extra: { type: json, nullable: true }
      data: { type: blob, nullable: true }
      in: { type: int, nullable: true }
      author_id: { type: uuid, nullable: true, references: users.id }
      team_id: { type: uuid, nullable: true, references: teams.id }
      secret: { type: string, internal: true, nullable: true }
";

static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| parse_schema("schema.yaml", BLOG).unwrap_or_else(|faults| panic!("{faults:#?}")));

/// The rules of a schema in which posts are read by this one.
pub(crate) fn try_compile(rule: &str) -> Result<(RuleSet, Arc<Collection>), Vec<Diagnostic>> {
    let mut schema = SCHEMA.clone();
    let posts = schema.collections.get_mut("posts").expect("it has posts");
    let mut with_rule = (**posts).clone();
    with_rule.rules.read = Some(Rule::new(rule));
    *posts = Arc::new(with_rule);
    let posts = Arc::clone(posts);
    RuleSet::compile("schema.yaml", &Arc::new(schema)).map(|rules| (rules, posts))
}

/// Runs with the compiled rule.
#[track_caller]
pub(crate) fn with_rule<T>(rule: &str, run: impl FnOnce(&CompiledRule, &Collection) -> T) -> T {
    let (rules, posts) = try_compile(rule).unwrap_or_else(|faults| panic!("{rule}: {faults:#?}"));
    run(rules.collection_rule(&posts, Operation::Read).expect("it has a rule"), &posts)
}

/// Somebody who is signed in.
pub(crate) fn alice() -> Identity {
    let metadata = json!({"teams": ["t1", "t2"], "plan": "pro", "level": 3, "none": null});
    Identity {
        id: "u1".to_owned(),
        email: "alice@example.org".to_owned(),
        role: "user".to_owned(),
        verified: true,
        metadata: metadata.as_object().cloned().expect("it is an object"),
    }
}

/// A request in the morning.
pub(crate) fn request(body: &Json) -> PlainRequest {
    PlainRequest {
        method: "PATCH".to_owned(),
        ip: "10.0.0.1".to_owned(),
        time: "2026-01-31T08:30:00Z".parse().expect("it is a moment"),
        body: body.as_object().cloned(),
        headers: vec![("x-app".to_owned(), "web".to_owned()), ("x-app".to_owned(), "beta".to_owned())],
        query: vec![("draft".to_owned(), "1".to_owned()), ("draft".to_owned(), "2".to_owned())],
    }
}

/// A post in which everything is null but what is given.
pub(crate) fn post(collection: &Collection, fields: &[(&str, Value)]) -> Document {
    let mut document = Document { values: vec![Value::Null; collection.fields.len()] };
    for (name, value) in fields {
        document.values[collection.field_index(name).expect("posts have it")] = value.clone();
    }
    document
}

/// What the rule says of a post for somebody, all ways to ask agreeing.
#[track_caller]
pub(crate) fn truth(rule: &str, caller: Option<&Identity>, body: &Json, fields: &[(&str, Value)]) -> Truth {
    with_rule(rule, |compiled, posts| {
        let (document, request) = (post(posts, fields), request(body));
        let context = Context { auth: caller, request: &request };
        let truth = compiled.evaluate(&context, &document, &Nobody);
        let exact = compiled.decide(&context).exact_predicate();
        assert_eq!(exact.evaluate_in(&document, &Nobody), truth, "{rule}: {exact:#?}");
        let known = compiled.decide_for(&context, &document).exact_predicate();
        assert_eq!(known.evaluate_in(&document, &Nobody), truth, "{rule}, for the document: {known:#?}");
        truth
    })
}

/// A world without other documents.
pub(crate) struct Nobody;

impl World for Nobody {
    fn find(&self, _: &Collection, _: &alyx_query::FieldRef, _: &Value) -> Option<Document> {
        None
    }

    fn all(&self, _: &Collection) -> Vec<Document> {
        Vec::new()
    }
}

/// A predicate as short text.
pub(crate) fn key(predicate: &Predicate) -> String {
    predicate.canonical_key()
}
