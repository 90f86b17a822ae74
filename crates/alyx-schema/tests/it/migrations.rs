//! Migration files: what is read, what is refused and how it is said, what is printed.

use alyx_schema::{
    migration::{MigrationFile, Outcome, parse_migration, parse_migrations, render, suggest},
    parse_schema,
};

const NAME: &str = "002_change.yaml";

fn parsed(text: &str) -> MigrationFile {
    parse_migration(NAME, text).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// Every fault of a file, a line each.
#[track_caller]
fn check(name: &str, text: &str, expected: &[&str]) {
    let faults = parse_migration(name, text).unwrap_err();
    assert_eq!(faults.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
}

#[test]
fn every_operation_is_read_and_printed_again() {
    let text = r#"version: 2
name: change
operations:
  - {type: rename_field, collection: a, from: b, to: c}
  - {type: rename_collection, from: a, to: z}
  - {type: drop_field, collection: a, field: b}
  - {type: drop_collection, collection: a}
  - {type: change_type, collection: a, field: b, to: int}
  - {type: change_type, collection: a, field: b, to: {type: int, nullable: true}, using: or_null, fill: 3}
  - {type: change_type, collection: a, field: b, to: timestamp, using: "datetime(b)"}
  - {type: add_field, collection: a, field: b, definition: {type: string, maxLength: 3}, fill: {sql: "lower(c)"}}
  - {type: tighten, collection: a, field: b, required: true, maxLength: 9, fill: "no: 'quotes' \"here\""}
  - {type: tighten, collection: a, field: b, validate: {enum: [x, "true", 3]}}
  - {type: tighten, collection: a, index: {name: i, fields: [b, c], unique: true}}
  - {type: change_primary, collection: a, to: c}
  - {type: sql, up: "UPDATE a SET b = 'x';\nDELETE FROM a", down: ""}
  - {type: sql, up: SELECT 1}
"#;
    let file = parsed(text);
    assert_eq!(file.operations.len(), 14);
    let operations: Vec<_> = file.operations.iter().map(|step| step.operation.clone()).collect();
    let printed = render(2, "change", &operations);
    let again: Vec<_> = parsed(&printed).operations.into_iter().map(|step| step.operation).collect();
    assert_eq!(render(2, "change", &again), printed, "printing is stable");
    assert_eq!(again.len(), operations.len());
}

#[test]
fn every_fault_is_told_at_once_with_its_place_and_a_way_out() {
    let text = "version: 3
name: other
descripton: x
operations:
  - {type: renam_field, collection: a}
  - {type: rename_field, collection: posts, form: a, to: 1st}
  - {collection: a}
  - {type: tighten, collection: a, field: b}
  - {type: change_type, collection: a, field: b, to: [int]}
  - {type: rename_collection, from: a, to: _alyx_users}
  - {type: sql, up: [1]}
  - text
";
    check(
        NAME,
        text,
        &[
            "002_change.yaml:1:10: `version` is 3 but the file's number is 2 [version_mismatch] (hint: version: 2)",
            "002_change.yaml:2:7: `name` is \"other\" but the file is named \"change\" [name_mismatch]",
            "002_change.yaml:3:1: a migration has no key \"descripton\" [unknown_key] (hint: did you mean \"description\"?)",
            "002_change.yaml:5:12: `type` cannot be \"renam_field\" [unknown_operation] (hint: did you mean \"rename_field\"?)",
            "002_change.yaml:6:5: an operation has no `from` [missing_key]",
            "002_change.yaml:6:45: an operation has no key \"form\" [unknown_key] (hint: did you mean \"from\"?)",
            "002_change.yaml:6:58: \"1st\" cannot be a name [invalid_name] (hint: letters, digits and `_`, at most 63, not beginning with a digit, `_alyx` or `sqlite_`)",
            "002_change.yaml:7:5: an operation has no `type` [missing_key]",
            "002_change.yaml:8:5: an operation says nothing to tighten [missing_key] (hint: add `required: true`, `unique: true` or a limit)",
            "002_change.yaml:9:54: `to` must be a type or a field's definition, not a list [wrong_kind] (hint: for example `{type: string, maxLength: 80}`)",
            "002_change.yaml:10:44: \"_alyx_users\" cannot be a name [invalid_name] (hint: letters, digits and `_`, at most 63, not beginning with a digit, `_alyx` or `sqlite_`)",
            "002_change.yaml:11:21: `up` must be text, not a list [wrong_kind]",
            "002_change.yaml:12:5: an operation must be a mapping, not text [wrong_kind]",
        ],
    );
}

#[test]
fn a_file_needs_a_number_a_name_and_operations() {
    let hint = "(hint: a number, `_`, a name and `.yaml`, such as `002_rename_user_name.yaml`)";
    for name in ["change.yaml", "002.yaml", "002_.yaml", "000_x.yaml", "2_x.yml", "1_a b.yaml"] {
        check(
            name,
            "operations: []",
            &[&format!("{name}:1:1: this is no name for a migration file [migration_file_name] {hint}")],
        );
    }
    check(
        NAME,
        "version: 2\n",
        &["002_change.yaml:1:1: a migration has no `operations` [missing_key] (hint: a list; each item has a `type`)"],
    );
    check(NAME, "operations: 3\n", &["002_change.yaml:1:13: `operations` must be a list, not 3 [wrong_kind]"]);
}

#[test]
fn a_folder_is_put_in_order_and_numbers_are_taken_once() {
    let file = |name: &str| (name.to_owned(), "operations: []".to_owned());
    let files = parse_migrations(&[file("010_b.yaml"), file("2_a.yaml")]).unwrap();
    assert_eq!(files.iter().map(|file| (file.version, &*file.name)).collect::<Vec<_>>(), [(2, "a"), (10, "b")]);
    let faults = parse_migrations(&[file("010_b.yaml"), file("10_a.yaml")]).unwrap_err();
    assert_eq!(
        faults[0].to_string(),
        "10_a.yaml:1:1: number 10 is taken by 010_b.yaml too [duplicate_number] (hint: give one of them the number 11)"
    );
}

const SCHEMA: &str = "version: 1
collections:
  users:
    fields:
      id: {type: uuid, primary: true, default: auto}
      name: {type: string, nullable: true}
  posts:
    fields:
      id: {type: id, primary: true, default: auto}
      title: {type: string}
      author_id: {type: uuid, references: users.id}
";

/// What is wrong with an operation on the schema.
#[track_caller]
fn refused(operation: &str, expected: &str) {
    let file = parsed(&format!("operations:\n  - {operation}\n"));
    let said = match file.operations[0].operation.transform(&parse_schema("schema.yaml", SCHEMA).unwrap()) {
        Err(reason) => reason,
        Ok(Outcome::Absent(reason)) => format!("skipped: {reason}"),
        Ok(other) => panic!("{other:?}"),
    };
    assert_eq!(said, expected);
}

#[test]
fn operations_that_do_not_fit_say_why() {
    refused("{type: drop_field, collection: posts, field: id}", "id is the primary key of posts");
    refused("{type: drop_collection, collection: users}", "posts.author_id refers to users; drop that field first");
    refused(
        "{type: drop_field, collection: post, field: id}",
        "skipped: there is no collection post (did you mean \"posts\"?)",
    );
    refused(
        "{type: rename_field, collection: users, from: nam, to: x}",
        "skipped: users has no field nam (did you mean \"name\"?)",
    );
    refused("{type: rename_field, collection: users, from: name, to: ID}", "users already has a field id");
    refused("{type: rename_collection, from: users, to: Posts}", "there is a collection posts already");
    refused("{type: change_primary, collection: users, to: id}", "skipped: id is the primary key of users already");
    refused(
        "{type: change_type, collection: users, field: name, to: {type: string, primary: true}}",
        "collection \"users\" has a second primary field \"name\" (\"id\" on line 1 is the first; keep one)",
    );
    refused(
        "{type: tighten, collection: posts, index: {name: i, fields: [titel], unique: true}}",
        "skipped: posts has no field titel (did you mean \"title\"?)",
    );
    refused("{type: tighten, collection: posts, index: {nam: i, fields: [title]}}", "an index has no key \"nam\"");
}

#[test]
fn fills_and_conversions_are_checked_before_anything_runs() {
    refused(
        "{type: tighten, collection: users, field: name, required: true, fill: 5}",
        "`fill` must be a text, and is 5",
    );
    refused(
        "{type: change_type, collection: users, field: name, to: blob, using: unix_seconds}",
        "`using` is for a number and a timestamp, not string and blob",
    );
    refused(
        "{type: tighten, collection: users, field: name, maxLength: -1}",
        "\"maxLength\" must be a whole number from 0, not -1",
    );
}

#[test]
fn a_suggestion_goes_all_the_way() {
    let old = parse_schema("schema.yaml", SCHEMA).unwrap();
    let new = SCHEMA.replace("name: {type: string, nullable: true}", "display_name: {type: string, maxLength: 20}");
    let new = parse_schema("schema.yaml", &new.replace("      title: {type: string}\n", "")).unwrap();
    let suggestion = suggest(&old, &new).unwrap();
    insta::assert_snapshot!(render(7, &suggestion.name, &suggestion.operations), @r#"
    version: 7
    name: change_schema

    operations:
      - type: rename_field
        collection: users
        from: name
        to: display_name
      - type: tighten
        collection: users
        field: display_name
        required: true
        maxLength: 20
        fill: ""
      - type: drop_field
        collection: posts
        field: title
    "#);
}
