//! `schema`: a typo is drawn with its line.

use alyx_testing::TestProject;

use crate::cli;

const SCHEMA: &str = "\
version: 1
collections:
  notes:
    fields:
      id: { type: uuid, primary: true, default: auto }
      title: { type: string }
";

#[test]
fn a_right_schema_is_counted() {
    let checked = cli(&TestProject::with_schema(SCHEMA), &["schema", "check"]).expect_code(0);
    assert_eq!(checked.stdout, "ok schema.yaml is fine: 1 collection, 2 fields, 0 migration files\n");
}

#[test]
fn a_typo_gets_a_caret_and_a_suggestion() {
    let project = TestProject::with_schema(&SCHEMA.replace("type: string", "type: strng"));
    for command in [&["schema", "check"][..], &["dev", "--port", "0"]] {
        let checked = cli(&project, command).expect_code(1);
        assert!(checked.stderr.contains("--> schema.yaml:6:22"), "{}", checked.stderr);
        assert!(checked.stderr.contains("6 |       title: { type: strng }\n"), "{}", checked.stderr);
        assert!(checked.stderr.contains("|                      ^^^^^\n"), "{}", checked.stderr);
        assert!(checked.stderr.contains("did you mean \"string\"?"), "{}", checked.stderr);
    }
}

#[test]
fn faults_of_all_files_come_together() {
    let project = TestProject::with_schema(&SCHEMA.replace("type: string", "type: strng"));
    project.write("alyx.yaml", "servr: {}\n");
    project.write("migrations/1_a.yaml", "operatoins: []\n");
    let checked = cli(&project, &["schema", "check"]).expect_code(1);
    for file in ["alyx.yaml:1:1", "schema.yaml:6:22", "1_a.yaml:1:1"] {
        assert!(checked.stderr.contains(file), "{file} is missing in {}", checked.stderr);
    }
}

#[test]
fn a_folder_without_a_schema_is_no_project() {
    let checked = cli(&TestProject::empty(), &["schema", "check"]).expect_code(1);
    assert!(checked.stderr.starts_with("error: there is no schema.yaml in ."), "{}", checked.stderr);
    assert!(checked.stderr.contains("alyx-cli init NAME"), "{}", checked.stderr);
}

#[test]
fn editors_get_a_json_schema() {
    let schema = cli(&TestProject::empty(), &["schema", "json-schema"]).expect_code(0).json();
    assert!(schema["properties"]["collections"].is_object(), "{schema}");
}
