//! `migrate`: from a refused start to a pruned database.

use alyx_testing::{TestProject, TestServer, Value, json};

use crate::cli;

const SCHEMA: &str = "\
version: 1
collections:
  notes:
    fields:
      id: { type: uuid, primary: true, default: auto }
      title: { type: string, maxLength: 50 }
      body: { type: text, nullable: true }
    rules: { read: \"true\", create: \"true\" }
";

/// A project whose database holds two notes.
fn notes() -> TestProject {
    let server = TestServer::start(SCHEMA);
    for title in ["one", "a rather long title"] {
        server.post("/api/collections/notes", &json!({"title": title, "body": title})).expect_status(201);
    }
    server.into_project()
}

fn change(project: &TestProject, from: &str, to: &str) {
    let schema = project.read("schema.yaml");
    assert!(schema.contains(from));
    project.write("schema.yaml", &schema.replace(from, to));
}

/// Serves the project and checks a field of all notes, in the order of their making.
#[track_caller]
fn check_values(project: TestProject, field: &str, expected: &[Value]) -> TestProject {
    let server = TestServer::with_project(project).start();
    let docs = server.get("/api/collections/notes?sort=id").expect_status(200).json()["docs"].clone();
    let values: Vec<Value> = docs.as_array().unwrap().iter().map(|doc| doc[field].clone()).collect();
    assert_eq!(values, expected, "{docs}");
    server.into_project()
}

#[track_caller]
fn status(project: &TestProject) -> Value {
    cli(project, &["migrate", "status", "--json"]).expect_code(0).json()
}

#[test]
fn a_rename_goes_from_refusal_to_file_to_rollback_to_prune() {
    let project = notes();
    change(&project, "body:", "text:");

    let refused = cli(&project, &["dev", "--port", "0"]).expect_code(1).stderr;
    assert!(refused.contains("type: rename_field") && refused.contains("migrations/001_"), "{refused}");
    assert!(!status(&project)["refused"].is_null());

    let created = cli(&project, &["migrate", "create", "Rename body"]).expect_code(0);
    assert!(created.stdout.starts_with("Wrote migrations/001_rename_body.yaml\n"), "{}", created.stdout);
    let text = project.read("migrations/001_rename_body.yaml");
    assert!(text.contains("type: rename_field") && text.contains("name: rename_body"), "{text}");
    assert_eq!(status(&project)["pending"].as_array().map(Vec::len), Some(1));

    let tried = cli(&project, &["migrate", "apply", "--dry-run", "--json"]).expect_code(0).json();
    assert_eq!(
        (&tried["dry_run"], &tried["failed"], &tried["broken_references"]),
        (&json!(true), &json!(null), &json!(0))
    );
    assert_eq!(status(&project)["pending"].as_array().map(Vec::len), Some(1), "a dry run applies nothing");

    let applied = cli(&project, &["migrate", "apply"]).expect_code(0);
    assert!(applied.stdout.contains("~ notes.body is notes.text"), "{}", applied.stdout);
    let project = check_values(project, "text", &[json!("one"), json!("a rather long title")]);

    let undone = cli(&project, &["migrate", "rollback"]).expect_code(0);
    assert!(undone.stdout.contains("Took back 001_rename_body"), "{}", undone.stdout);
    assert_eq!(status(&project)["pending"].as_array().map(Vec::len), Some(1));
    cli(&project, &["migrate", "apply"]).expect_code(0);
    check_values(project, "text", &[json!("one"), json!("a rather long title")]);
}

#[test]
fn what_the_refusal_prints_can_be_saved_and_applied_as_it_stands() {
    let project = notes();
    change(&project, "      body: { type: text, nullable: true }\n", "");
    let refused = cli(&project, &["migrate", "apply"]).expect_code(1).stderr;
    let name = refused.split("save it as ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
    let text = refused.split_once("\n\n").unwrap().1;
    project.write(name, text);
    cli(&project, &["migrate", "apply"]).expect_code(0);
    let project = check_values(project, "body", &[json!(null), json!(null)]);

    change(
        &project,
        "title: { type: string, maxLength: 50 }",
        "title: { type: string, maxLength: 50 }\n      body: { type: text, nullable: true }",
    );
    std::fs::rename(project.file(name), project.file("aside.yaml")).unwrap();
    let missing = cli(&project, &["migrate", "apply"]).expect_code(1).stderr;
    assert!(missing.contains("its file is gone"), "{missing}");
    cli(&project, &["migrate", "rollback"]).expect_code(0);
    check_values(project, "body", &[json!("one"), json!("a rather long title")]);
}

#[test]
fn what_was_dropped_cannot_come_back_after_a_prune() {
    let project = notes();
    change(&project, "      body: { type: text, nullable: true }\n", "");
    cli(&project, &["migrate", "create", "drop_body"]).expect_code(0);
    cli(&project, &["migrate", "apply"]).expect_code(0);
    let kept = status(&project)["kept_aside"].as_array().map(Vec::len);
    assert_eq!(kept, Some(1));

    let asked = cli(&project, &["migrate", "prune"]).expect_code(1);
    assert!(asked.stderr.contains("cannot be taken back") && asked.stderr.contains("--yes"), "{}", asked.stderr);
    assert_eq!(status(&project)["kept_aside"].as_array().map(Vec::len), Some(1), "nothing goes without a yes");
    cli(&project, &["migrate", "prune", "--yes"]).expect_code(0);
    assert_eq!(status(&project)["kept_aside"], json!([]));
    let refused = cli(&project, &["migrate", "rollback"]).expect_code(1).stderr;
    assert!(refused.contains("was pruned"), "{refused}");
}

#[test]
fn a_dry_run_names_the_documents_that_would_fail_and_changes_nothing() {
    let project = notes();
    change(&project, "maxLength: 50", "maxLength: 5");
    cli(&project, &["migrate", "create", "shorter"]).expect_code(0);
    let before = status(&project);
    let tried = cli(&project, &["migrate", "apply", "--dry-run", "--json"]).expect_code(1).json();
    assert_eq!(tried["failing_rows"]["count"], 1, "{tried}");
    assert_eq!(tried["failing_rows"]["field"], "title", "{tried}");
    let told = cli(&project, &["migrate", "apply", "--dry-run"]).expect_code(1).stdout;
    assert!(told.contains("it would fail"), "{told}");
    assert_eq!(status(&project), before);
    cli(&project, &["migrate", "apply"]).expect_code(1);
    assert_eq!(status(&project), before);
}

#[test]
fn safe_changes_apply_by_themselves_and_are_told() {
    let project = notes();
    change(&project, "    rules:", "      stars: { type: int, default: 3 }\n    rules:");
    let waiting = cli(&project, &["migrate", "status"]).expect_code(0).stdout;
    assert!(waiting.contains("Applies by itself\n  + notes.stars (int)\n"), "{waiting}");
    let server = TestServer::with_project(project).dev().start();
    assert!(server.output().contains("+ notes.stars (int)"), "{}", server.output());
    check_values(server.into_project(), "stars", &[json!(3), json!(3)]);
}

#[test]
fn an_operation_that_does_not_fit_is_drawn_in_its_file() {
    let project = notes();
    let text = "version: 1\nname: odd\noperations:\n  - type: drop_field\n    collection: notes\n    field: id\n";
    project.write("migrations/001_odd.yaml", text);
    let refused = cli(&project, &["migrate", "apply"]).expect_code(1).stderr;
    assert!(refused.contains("--> 001_odd.yaml:4:5") && refused.contains("primary key"), "{refused}");
}

#[test]
fn a_running_server_keeps_migrations_out() {
    let server = TestServer::start(SCHEMA);
    for arguments in [&["migrate", "apply"][..], &["migrate", "prune", "--yes"], &["migrate", "rollback"]] {
        let refused = cli(server.project(), arguments).expect_code(1).stderr;
        assert!(refused.contains("being served already by alyx-server (process"), "{arguments:?}: {refused}");
    }
    cli(server.project(), &["migrate", "status"]).expect_code(0);
    cli(server.project(), &["migrate", "apply", "--dry-run"]).expect_code(0);
}

#[test]
fn before_the_first_start_there_is_nothing_to_take_back() {
    let project = TestProject::with_schema(SCHEMA);
    let told = cli(&project, &["migrate", "status"]).expect_code(0).stdout;
    assert_eq!(told, "There is no database yet; the first start makes alyx_data/alyx.db\n");
    let refused = cli(&project, &["migrate", "rollback"]).expect_code(1).stderr;
    assert_eq!(refused, "error: there is no database yet at alyx_data/alyx.db; `alyx-cli dev` makes it\n");
    assert!(!project.file("alyx_data").exists(), "looking makes nothing");
}

#[test]
fn a_migration_for_nothing_is_an_empty_file() {
    let project = notes();
    let created = cli(&project, &["migrate", "create", "later", "--json"]).expect_code(0).json();
    assert_eq!(created["suggested"], false);
    assert!(project.read("migrations/001_later.yaml").contains("operations"));
    cli(&project, &["schema", "check"]).expect_code(0);
}
