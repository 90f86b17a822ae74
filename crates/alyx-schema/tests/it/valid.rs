//! What the schema of a blog becomes.

use alyx_schema::{DefaultValue, FieldType, OnDelete, Order, Schema, Span, Value, parse_schema};

pub(crate) fn blog() -> Schema {
    parse_schema("schema.yaml", include_str!("../golden/valid/blog.yaml")).unwrap()
}

#[test]
fn collections_and_fields_keep_the_order_of_the_file() {
    let schema = blog();
    let names: Vec<_> = schema.collections.keys().map(|name| name.as_str()).collect();
    assert_eq!(names, ["users", "posts"]);
    let posts = schema.collection("posts").unwrap();
    let fields: Vec<_> = posts.fields.iter().take(4).map(|field| field.name.as_str()).collect();
    assert_eq!(fields, ["id", "title", "slug", "content"]);
    assert_eq!(posts.primary_field().name, "id");
}

#[test]
fn options_of_a_field_become_its_model() {
    let schema = blog();
    let posts = schema.collection("posts").unwrap();
    let author = posts.field("author_id").unwrap();
    let reference = author.references.as_ref().unwrap();
    assert_eq!((reference.collection.as_str(), reference.field.as_str()), ("users", "id"));
    assert_eq!(reference.on_delete, OnDelete::Cascade);
    assert!(author.index && !author.unique && !author.nullable);
    assert_eq!(posts.field("view_count").unwrap().default, Some(DefaultValue::Literal(Value::Int(0))));
    assert_eq!(posts.field("title").unwrap().constraints.max_length, Some(200));
    assert_eq!(posts.indexes[0].order, Order::Descending);
    assert!(schema.collection("users").unwrap().field("updated_at").unwrap().on_update_now);
}

#[test]
fn a_relation_has_values_of_its_targets_primary_type() {
    let schema = blog();
    let editor = schema.collection("posts").unwrap().field("editor").unwrap().clone();
    assert_eq!((editor.field_type, editor.value_type), (FieldType::Relation, FieldType::Uuid));
    assert_eq!(editor.references.unwrap().on_delete, OnDelete::SetNull);
}

#[test]
fn the_collection_named_users_holds_profiles_unless_another_is_marked() {
    assert!(blog().collection("users").unwrap().is_auth);
    assert!(!blog().collection("posts").unwrap().is_auth);
    let text = "version: 1\ncollections:\n  users:\n    fields: {id: {type: id, primary: true}}\n  members:\n    auth: true\n    fields: {id: {type: id, primary: true}}\n";
    let schema = parse_schema("schema.yaml", text).unwrap();
    assert!(!schema.collection("users").unwrap().is_auth);
    assert!(schema.collection("members").unwrap().is_auth);
    let text = "version: 1\ncollections: {users: {auth: false, fields: {id: {type: int, primary: true}}}}";
    let schema = parse_schema("schema.yaml", text).unwrap();
    assert!(!schema.collection("users").unwrap().is_auth);
    let printed = parse_schema("schema.yaml", &alyx_schema::to_yaml(&schema)).unwrap();
    assert!(!printed.collection("users").unwrap().is_auth);
}

#[test]
fn a_stored_schema_may_be_what_only_newer_versions_refuse() {
    let text = "version: 1\ncollections: {users: {fields: {id: {type: int, primary: true}}}}";
    assert!(parse_schema("schema.yaml", text).is_err());
    assert!(alyx_schema::parse_stored_schema("schema.yaml", text).unwrap().collection("users").unwrap().is_auth);
    assert!(alyx_schema::parse_stored_schema("schema.yaml", "version: 1\ncollections: {a: {}}").is_err());
}

#[test]
fn a_rule_knows_where_its_text_starts() {
    let schema = blog();
    let rules = &schema.collection("users").unwrap().rules;
    let place = |rule: &Option<alyx_schema::Rule>| {
        let rule = rule.as_ref().unwrap();
        (rule.text.clone(), rule.span)
    };
    assert_eq!(place(&rules.create), ("true".to_owned(), Span { line: 17, column: 16 }));
    assert_eq!(place(&rules.update), ("auth.id == doc.id".to_owned(), Span { line: 19, column: 15 }));
    assert!(place(&rules.delete).0.starts_with("\nauth.role"));
    assert_eq!(place(&rules.delete).1, Span { line: 22, column: 9 });
}

/// Where the `@` of a rule stands, which is on line and column `expected`.
#[track_caller]
fn check_place(written: &str, expected: (usize, usize)) {
    let text = format!(
        "version: 1\ncollections:\n  a:\n    fields: {{id: {{type: id, primary: true}}}}\n    rules:\n      read: {written}\n"
    );
    let schema = alyx_schema::parse_schema("schema.yaml", &text).unwrap();
    let rule = schema.collection("a").unwrap().rules.read.clone().unwrap();
    let place = rule.place(rule.text.chars().position(|letter| letter == '@').unwrap());
    assert_eq!((place.line, place.column), expected, "{:?}", rule.text);
}

#[test]
fn each_character_of_a_rule_knows_its_place() {
    check_place("abc @", (6, 17));
    check_place("'it''s @'", (6, 20));
    check_place(r#""a == \"b\" && @""#, (6, 28));
    check_place("|\n        a &&\n\n          b @\n", (9, 13));
    check_place(">\n        a &&\n        b\n        @ c\n", (9, 9));
    check_place("\"a &&\n        é @\"", (7, 11));
}
