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
