//! `migrate`: from a refused start to a pruned database.

use alyx_testing::{TestProject, TestServer, json};

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

fn titles(project: TestProject, field: &str) -> (TestProject, Vec<String>) {
    let server = TestServer::with_project(project).start();
    let docs = server.get("/api/collections/notes?sort=id").expect_status(200).json()["docs"].clone();
    let values = docs.as_array().unwrap().iter().map(|doc| doc[field].as_str().unwrap_or("null").to_owned()).collect();
    (server.into_project(), values)
}

#[test]
fn a_rename_goes_from_refusal_to_file_to_rollback_to_prune() {
    let project = notes();
    change(&project, "body:", "text:");

    let mut command = TestServer::with_project(project);
    let refused = command.command().output().unwrap();
    let text = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{text}");
    assert!(text.contains("type: rename_field") && text.contains("migrations/001_"), "{text}");
    command = command.file("migrations/001_rename_body.yaml", "");
    let project = command.start_failed();

    std::fs::remove_file(project.file("migrations/001_rename_body.yaml")).unwrap();
    let created = cli(&project, &["migrate", "create", "rename_body"]).expect_code(0);
    assert!(created.stdout.contains("migrations/001_rename_body.yaml"), "{}", created.stdout);
    assert!(project.read("migrations/001_rename_body.yaml").contains("type: rename_field"));

    let tried = cli(&project, &["migrate", "apply", "--dry-run", "--json"]).expect_code(0).json();
    assert_eq!(tried["dry_run"], true, "{tried}");
    let waiting = cli(&project, &["migrate", "status", "--json"]).expect_code(0).json();
    assert_eq!(waiting["pending"].as_array().map(Vec::len), Some(1), "{waiting}");

    cli(&project, &["migrate", "apply"]).expect_code(0);
    let (project, values) = titles(project, "text");
    assert_eq!(values, ["one", "a rather long title"]);

    cli(&project, &["migrate", "rollback"]).expect_code(0);
    assert!(project.read("schema.yaml").contains("body:"), "the schema file goes back too");
    let status = cli(&project, &["migrate", "status", "--json"]).expect_code(0).json();
    assert_eq!(status["applied"].as_array().unwrap().iter().filter(|entry| entry["version"] == 1).count(), 0, "{status}");
    cli(&project, &["migrate", "prune", "--yes"]).expect_code(0);
}
