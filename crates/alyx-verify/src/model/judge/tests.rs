//! The rules of the model, by hand.

use alyx_testing::json;

use super::*;
use crate::design::field::{Field, Kind, OnDelete};

fn design(read: Rule) -> Design {
    let collection = |name, fields, read| Collection { name, fields, read, open_to_writes: false, index: None };
    let mut secret = Field::new("secret", Kind::String).nullable();
    secret.read = Some(Rule::Moderator);
    let users = vec![Field::primary("id", Kind::String), Field::new("open", Kind::Bool)];
    let members = vec![
        Field::primary("id", Kind::String),
        Field::relation("team_id", "teams", OnDelete::Cascade),
        Field::relation("user_id", "users", OnDelete::Cascade),
    ];
    let posts = vec![
        Field::primary("id", Kind::String),
        Field::relation("author_id", "users", OnDelete::SetNull),
        Field::relation("team_id", "teams", OnDelete::Cascade),
        Field::new("open", Kind::Bool),
        secret,
    ];
    let teams = collection("teams", vec![Field::primary("id", Kind::String)], Some(Rule::Always));
    let (users, members) = (collection("users", users, Some(Rule::SignedIn)), collection("members", members, None));
    Design { collections: vec![users, teams, members, collection("posts", posts, Some(read))] }
}

fn anna() -> Who {
    Who::Person("anna".to_owned())
}

fn post() -> Value {
    json!({"id": "p", "author_id": "anna", "team_id": "red", "open": false, "secret": "x"})
}

/// A model that knows one post, two people and a membership of anna's.
fn model(design: &Design) -> Model {
    let mut model = Model::default();
    let mut put = |collection: &str, body: Value| {
        let key = body["id"].to_string();
        model.may_create(design, collection, &key, &body);
    };
    put("users", json!({"id": "anna", "open": true}));
    put("users", json!({"id": "bert", "open": false}));
    put("teams", json!({"id": "red"}));
    put("members", json!({"id": "m", "team_id": "red", "user_id": "anna"}));
    put("posts", post());
    model
}

#[track_caller]
fn check(read: Rule, who: &Who, shown: &Value, allowed: bool) {
    let design = design(read);
    let objection = model(&design).objection_to(&design, who, (&design.collections[3], shown));
    assert_eq!(objection.is_none(), allowed, "{objection:?}");
}

fn without_secret() -> Value {
    json!({"id": "p", "author_id": "anna", "team_id": "red", "open": false})
}

#[test]
fn a_forbidden_document_is_noticed() {
    let owner = || Rule::Owner("author_id".to_owned());
    check(owner(), &anna(), &without_secret(), true);
    check(owner(), &Who::Person("bert".to_owned()), &without_secret(), false);
    check(owner(), &Who::Nobody, &without_secret(), false);
    check(owner(), &Who::Admin, &post(), true);
    check(Rule::Flag("open".to_owned(), true), &anna(), &without_secret(), false);
    let member = |wanted| Rule::Member("team_id".to_owned(), wanted);
    check(member(true), &anna(), &without_secret(), true);
    check(member(true), &Who::Person("bert".to_owned()), &without_secret(), false);
    let through = |wanted| Rule::Through("author_id".to_owned(), "open".to_owned(), wanted);
    check(through(true), &Who::Nobody, &without_secret(), true);
    check(through(false), &Who::Nobody, &without_secret(), false);
}

#[test]
fn a_forbidden_field_and_a_forbidden_expanded_document_are_noticed() {
    check(Rule::Always, &anna(), &post(), false);
    let mut expanded = without_secret();
    expanded["author"] = json!({"id": "anna", "open": true});
    check(Rule::Always, &anna(), &expanded, true);
    check(Rule::Always, &Who::Nobody, &expanded, false);
    expanded["members_via_author_id"] = json!([]);
    check(Rule::Always, &anna(), &expanded, false);
}

#[test]
fn a_value_that_nobody_wrote_is_noticed() {
    let mut invented = without_secret();
    invented["open"] = json!(true);
    check(Rule::Always, &anna(), &invented, false);
    check(Rule::Always, &anna(), &json!({"id": "q"}), false);
}

#[test]
fn what_was_allowed_for_a_moment_may_have_been_seen() {
    let design = design(Rule::Flag("open".to_owned(), true));
    let mut model = model(&design);
    let objection =
        |model: &Model, shown: &Value| model.objection_to(&design, &anna(), (&design.collections[3], shown));
    let hidden = json!({"id": "p", "author_id": "anna"});
    assert!(objection(&model, &hidden).is_some());
    model.may_update(&design, "posts", "\"p\"", &json!({"open": true}));
    // The document does not show the field, which may have been true; where it shows it, that counts.
    assert!(objection(&model, &hidden).is_none() && objection(&model, &without_secret()).is_some());
    let known = BTreeMap::from([("\"p\"".to_owned(), without_secret())]);
    model.reset(BTreeMap::from([("posts".to_owned(), known)]));
    assert!(objection(&model, &hidden).is_some());
}

#[test]
fn a_cascade_makes_nothing_sure() {
    let design = design(Rule::Member("team_id".to_owned(), false));
    let mut model = model(&design);
    let known = |key: &str, document: Value| BTreeMap::from([(format!("\"{key}\""), document)]);
    model.reset(BTreeMap::from([
        ("members".to_owned(), known("m", json!({"id": "m", "team_id": "red", "user_id": "anna"}))),
        ("posts".to_owned(), known("p", without_secret())),
    ]));
    let objection = |model: &Model| model.objection_to(&design, &anna(), (&design.collections[3], &without_secret()));
    assert!(objection(&model).is_some(), "anna is a member for sure");
    model.may_delete(&design, "teams", "\"red\"");
    assert!(objection(&model).is_none());
    assert_eq!(model.missing("posts", &BTreeMap::new()), None);
}
