//! `init`: every template serves and takes a first record as it stands.

use alyx_testing::{TestProject, TestServer, Value, json};

use crate::cli;

/// Makes a project, serves it with `dev` and creates a record in it.
#[track_caller]
fn check(template: &str, collection: &str, record: &Value, seeded: u64) {
    let project = TestProject::empty();
    cli(&project, &["init", "--template", template]).expect_code(0);
    let server = TestServer::with_project(project).dev().start();
    let path = format!("/api/collections/{collection}");
    let made = server.admin().post(&path, record).expect_status(201).json();
    for (field, value) in record.as_object().unwrap().iter().filter(|(field, _)| *field != "password") {
        assert_eq!(&made[field], value, "{made}");
    }
    let listed = server.admin().get(&path).expect_status(200).json();
    assert_eq!(listed["total"], seeded + 1, "{listed}");
}

#[test]
fn the_basic_template_serves_and_takes_a_note() {
    check("basic", "notes", &json!({"title": "Buy ink"}), 2);
}

#[test]
fn the_blog_template_serves_and_takes_a_user() {
    check("blog", "users", &json!({"email": "cleo@example.com", "name": "Cleo", "password": "correct horse"}), 2);
}

#[test]
fn the_saas_template_serves_and_takes_a_project() {
    let organization = "0194f0a0-0000-7000-8000-000000000021";
    check("saas", "projects", &json!({"name": "Second steps", "organization_id": organization}), 1);
}

#[test]
fn what_the_templates_open_is_open_to_all() {
    let project = TestProject::empty();
    cli(&project, &["init", "-t", "saas"]).expect_code(0);
    let server = TestServer::with_project(project).dev().start();
    let message = json!({"email": "ben@example.com", "text": "What does the team plan cost?"});
    server.post("/api/collections/messages", &message).expect_status(201);
    assert_eq!(server.get("/api/collections/messages").expect_status(401).error_code(), "UNAUTHORIZED");
}

#[test]
fn a_named_project_gets_a_folder_and_its_name() {
    let project = TestProject::empty();
    let made = cli(&project, &["init", "notes"]).expect_code(0);
    assert!(made.stdout.contains("cd notes") && made.stdout.contains("alyx-cli dev"), "{}", made.stdout);
    assert!(project.read("notes/README.md").starts_with("# notes\n"));
    assert!(project.read("notes/.gitignore").contains("alyx_data/"));
}

#[test]
fn nothing_is_overwritten() {
    let project = TestProject::empty();
    project.write("notes/schema.yaml", "mine");
    let refused = cli(&project, &["init", "notes"]).expect_code(1);
    assert_eq!(
        refused.stderr,
        "error: notes already holds schema.yaml; nothing was changed. Give another name: alyx-cli init NAME\n"
    );
    assert_eq!(project.read("notes/schema.yaml"), "mine");
    assert!(!project.file("notes/alyx.yaml").exists());
}

#[test]
fn scripts_get_the_list_of_files() {
    let project = TestProject::empty();
    let made = cli(&project, &["init", "shop", "--template", "saas", "--json"]).expect_code(0).json();
    assert_eq!(made["files"], json!(["schema.yaml", "seed.yaml", "README.md", "alyx.yaml", ".gitignore"]));
}

#[test]
fn an_unknown_template_is_wrong_usage() {
    let refused = cli(&TestProject::empty(), &["init", "--template", "blgo"]).expect_code(2);
    assert!(refused.stderr.contains("similar value exists: 'blog'"), "{}", refused.stderr);
}
