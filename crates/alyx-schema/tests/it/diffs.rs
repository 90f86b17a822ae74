//! What changed between two schemas, and what may apply by itself.

use alyx_schema::{Schema, diff, parse_schema};

const START: &str = "version: 1
collections:
  users:
    fields:
      id: { type: uuid, primary: true, default: auto }
  posts:
    fields:
      id: { type: uuid, primary: true, default: auto }
      title: { type: string, minLength: 2, maxLength: 50 }
      status: { type: select, values: [draft, published], default: draft }
      views: { type: int, min: 0, max: 9, nullable: true }
      slug: { type: string, unique: true, index: true, pattern: '^a', format: url }
      author_id: { type: uuid, references: users.id }
      tags: { type: json, items: string }
    indexes:
      - { name: by_title, fields: [title] }
      - { name: by_both, fields: [title, slug], unique: true }
    rules: { read: \"true\" }
";

fn schema(text: &str) -> Schema {
    parse_schema("schema.yaml", text).unwrap_or_else(|faults| panic!("{}", faults[0]))
}

fn told(old: &str, new: &str) -> String {
    let changes = diff(&schema(old), &schema(new));
    changes.iter().map(|change| format!("{} {change}\n", if change.is_safe() { "safe:" } else { "UNSAFE:" })).collect()
}

/// The changes after replacing one text by another in the first schema.
#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    let new = START.replacen(from, to, 1);
    assert_ne!(new, START, "{from} is not in the schema");
    assert_eq!(told(START, &new).trim_end(), expected);
}

#[test]
fn nothing_changed_is_no_change() {
    assert_eq!(told(START, START), "");
}

#[test]
fn a_new_collection_is_safe_and_a_lost_one_is_not() {
    let more = format!("{START}  tags:\n    fields:\n      id: {{ type: id, primary: true }}\n");
    assert_eq!(told(START, &more), "safe: collection \"tags\" is new\n");
    assert_eq!(told(&more, START), "UNSAFE: collection \"tags\" is removed (its documents would be lost)\n");
}

#[test]
fn a_renamed_collection_is_recognised() {
    let renamed = START.replace("  posts:", "  articles:").replace("by_", "of_");
    let expected = "safe: collection \"articles\" is new\nUNSAFE: collection \"posts\" is removed; perhaps it is now called \"articles\" (its documents would be lost)\n";
    assert_eq!(told(START, &renamed), expected);
}

#[test]
fn a_new_field_needs_null_or_a_default() {
    let add = |options: &str| format!("      extra: {{ {options} }}\n    indexes:");
    check("    indexes:", &add("type: int, nullable: true"), "safe: field \"extra\" of \"posts\" is new");
    check("    indexes:", &add("type: int, default: 0"), "safe: field \"extra\" of \"posts\" is new");
    check("    indexes:", &add("type: timestamp, default: now"), "safe: field \"extra\" of \"posts\" is new");
    check("    indexes:", &add("type: uuid, default: auto, unique: true"), "safe: field \"extra\" of \"posts\" is new");
    check(
        "    indexes:",
        &add("type: int"),
        "UNSAFE: field \"extra\" of \"posts\" is new (documents that exist would have no value for it)",
    );
    check(
        "    indexes:",
        &add("type: int, default: 0, unique: true"),
        "UNSAFE: field \"extra\" of \"posts\" is new (documents that exist would share the default)",
    );
}

#[test]
fn a_lost_field_may_have_been_renamed() {
    check(
        "      views:",
        "      view_count:",
        "UNSAFE: field \"views\" of \"posts\" is removed; perhaps it is now called \"view_count\" (its values would be lost)\nsafe: field \"view_count\" of \"posts\" is new",
    );
}

#[test]
fn types_are_safe_only_where_every_value_fits() {
    check(
        "{ type: int, min: 0, max: 9,",
        "{ type: float, min: 0, max: 9,",
        "UNSAFE: field \"views\" of \"posts\" has type float instead of int (values that exist have to be converted)",
    );
    check(
        "title: { type: string",
        "title: { type: text",
        "safe: field \"title\" of \"posts\" has type text instead of string",
    );
    check(
        "{ type: uuid, references: users.id }",
        "{ type: relation, collection: users }",
        "safe: field \"author_id\" of \"posts\" has type relation instead of uuid",
    );
}

#[test]
fn null_and_uniqueness_are_safe_to_loosen() {
    check(
        "max: 9, nullable: true",
        "max: 9",
        "UNSAFE: field \"views\" of \"posts\" may no longer be null (documents that exist may hold null)",
    );
    check("maxLength: 50", "maxLength: 50, nullable: true", "safe: field \"title\" of \"posts\" may be null");
    check(
        "maxLength: 50",
        "maxLength: 50, unique: true",
        "UNSAFE: field \"title\" of \"posts\" is unique (documents that exist may share a value)",
    );
    check("unique: true, index: true", "index: true", "safe: field \"slug\" of \"posts\" is no longer unique");
}

#[test]
fn limits_are_safe_to_loosen() {
    check("maxLength: 50", "maxLength: 60", "safe: field \"title\" of \"posts\" has a looser maxLength");
    check(
        "maxLength: 50",
        "maxLength: 40",
        "UNSAFE: field \"title\" of \"posts\" has a tighter maxLength (values that exist may break it)",
    );
    check(
        "minLength: 2",
        "minLength: 3",
        "UNSAFE: field \"title\" of \"posts\" has a tighter minLength (values that exist may break it)",
    );
    check("min: 0, ", "", "safe: field \"views\" of \"posts\" has a looser min");
    check(
        "max: 9",
        "max: 8",
        "UNSAFE: field \"views\" of \"posts\" has a tighter max (values that exist may break it)",
    );
    check(
        "[draft, published]",
        "[published, draft, gone]",
        "safe: field \"status\" of \"posts\" has a looser list of allowed values",
    );
    check(
        "[draft, published]",
        "[draft]",
        "UNSAFE: field \"status\" of \"posts\" has a tighter list of allowed values (values that exist may break it)",
    );
    check("pattern: '^a', ", "", "safe: field \"slug\" of \"posts\" has a looser pattern");
    check(
        "pattern: '^a'",
        "pattern: '^b'",
        "UNSAFE: field \"slug\" of \"posts\" has a tighter pattern (values that exist may break it)",
    );
    check(
        "format: url",
        "format: email",
        "UNSAFE: field \"slug\" of \"posts\" has a tighter format (values that exist may break it)",
    );
    check(", items: string", "", "safe: field \"tags\" of \"posts\" has a looser JSON shape");
    check(
        "items: string",
        "items: int",
        "UNSAFE: field \"tags\" of \"posts\" has a tighter JSON shape (values that exist may break it)",
    );
}

#[test]
fn references_are_safe_to_drop_and_to_treat_otherwise() {
    check(", references: users.id", "", "safe: field \"author_id\" of \"posts\" is no longer a foreign key");
    check(
        "references: users.id",
        "references: users.id, onDelete: cascade",
        "safe: field \"author_id\" of \"posts\" has another onDelete",
    );
    check(
        "references: users.id",
        "references: posts.id",
        "UNSAFE: field \"author_id\" of \"posts\" points at another field (values that exist may point at nothing)",
    );
    let without = START.replace(", references: users.id", "");
    assert_eq!(
        told(&without, START),
        "UNSAFE: field \"author_id\" of \"posts\" is a foreign key (values that exist may point at nothing)\n"
    );
}

#[test]
fn indexes_are_safe_unless_they_demand_uniqueness() {
    check("      - { name: by_title, fields: [title] }\n", "", "safe: index \"by_title\" of \"posts\" is removed");
    check(
        "fields: [title] }",
        "fields: [title], order: desc }",
        "safe: index \"by_title\" of \"posts\" has other fields, order or uniqueness",
    );
    check(
        "fields: [title] }",
        "fields: [title], unique: true }",
        "UNSAFE: unique index \"by_title\" of \"posts\" has other fields, order or uniqueness (documents that exist may share these values)",
    );
    check(
        "[title, slug]",
        "[title, slug, views]",
        "safe: unique index \"by_both\" of \"posts\" has other fields, order or uniqueness",
    );
    check(
        "[title, slug]",
        "[slug]",
        "UNSAFE: unique index \"by_both\" of \"posts\" has other fields, order or uniqueness (documents that exist may share these values)",
    );
    check("unique: true, index: true", "unique: true", "safe: field \"slug\" of \"posts\" is no longer indexed");
    let without = START.replace("      - { name: by_both, fields: [title, slug], unique: true }\n", "");
    assert_eq!(
        told(&without, START),
        "UNSAFE: unique index \"by_both\" of \"posts\" is new (documents that exist may share these values)\n"
    );
}

#[test]
fn what_stores_nothing_is_safe() {
    check("read: \"true\"", "read: \"false\"", "safe: the rules of \"posts\" changed");
    check("default: draft", "default: published", "safe: field \"status\" of \"posts\" has another default");
    check("minLength: 2", "internal: true, minLength: 2", "safe: field \"title\" of \"posts\" is internal");
    check(
        "  posts:\n",
        "  posts:\n    auth: true\n",
        "safe: collection \"users\" no longer holds the profiles of accounts\nsafe: collection \"posts\" holds the profiles of accounts",
    );
    let title = "      title: { type: string, minLength: 2, maxLength: 50 }\n";
    let moved = START.replace(title, "").replace("    indexes:", &format!("{title}    indexes:"));
    assert_eq!(told(START, &moved), "safe: the fields of \"posts\" stand in another order\n");
}

#[test]
fn another_primary_field_is_unsafe() {
    let new = START
        .replace(
            "id: { type: uuid, primary: true, default: auto }\n      title",
            "id: { type: uuid, default: auto }\n      title",
        )
        .replace("unique: true, index: true", "primary: true, unique: true, index: true");
    assert_eq!(
        told(START, &new),
        "UNSAFE: the primary field of \"posts\" is \"slug\" instead of \"id\" (documents would get another identity)\n"
    );
}
