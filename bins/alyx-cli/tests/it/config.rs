//! `config`: checked, shown, and described for editors.

use alyx_testing::{TestProject, Value};

use crate::cli;

fn with_config(text: &str) -> TestProject {
    let project = TestProject::empty();
    project.write("alyx.yaml", text);
    project
}

#[test]
fn a_project_without_settings_is_fine() {
    let checked = cli(&TestProject::empty(), &["config", "check"]).expect_code(0);
    assert_eq!(checked.stdout, "ok there is no alyx.yaml, so every setting has its default, which is fine\n");
}

#[test]
fn a_wrong_key_is_named_with_its_place_and_the_right_one() {
    let checked = cli(&with_config("server:\n  prot: 80\n"), &["config", "check"]).expect_code(1);
    let expected = "\
error[config_unknown_setting]: there is no setting server.prot
 --> alyx.yaml:2:3
  = hint: did you mean \"port\"?

error: 1 fault in the project's files
";
    assert_eq!(checked.stderr, expected);
    assert_eq!(checked.stdout, "");
}

#[test]
fn all_faults_are_reported_at_once() {
    let checked = cli(&with_config("server:\n  prot: 80\nlogging:\n  level: loud\n"), &["config", "check", "--json"]);
    let answer = checked.expect_code(1).json();
    let codes: Vec<&Value> =
        answer["diagnostics"].as_array().unwrap().iter().map(|fault| &fault["span"]["line"]).collect();
    assert_eq!(codes, [2, 4]);
}

#[test]
fn what_is_in_force_is_shown_without_secrets() {
    let secret = "rG7vKp2xWq9LmZ4tNc8YbHd3FsJ6uTe1";
    let project = with_config(&format!("server:\n  port: 9000\nauth:\n  jwt:\n    secret: {secret}\n"));
    for arguments in [&["config", "show"][..], &["config", "show", "--json"]] {
        let shown = cli(&project, arguments).expect_code(0);
        assert!(shown.stdout.contains("9000") && !shown.stdout.contains(secret), "{}", shown.stdout);
    }
}

#[test]
fn editors_get_a_json_schema() {
    let schema = cli(&TestProject::empty(), &["config", "schema"]).expect_code(0).json();
    assert_eq!(schema["properties"]["server"]["properties"]["port"]["default"], 8090);
}

#[test]
fn a_missing_folder_is_named() {
    let checked = cli(&TestProject::empty(), &["-C", "nowhere", "config", "check"]).expect_code(1);
    assert_eq!(checked.stderr, "error: there is no folder nowhere\nhint: `alyx-cli init NAME` makes a project\n");
}
