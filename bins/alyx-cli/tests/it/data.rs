//! `db`: backed up, restored, dumped, seeded and reset, beside a running server where that is promised.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use alyx_testing::{TestProject, TestServer, Value, binary, json};

use crate::{cli, repository};

fn blog() -> TestServer {
    TestServer::with_project(TestProject::copy_of(&repository().join("examples/blog"))).dev().start()
}

/// Every document of the blog.
fn contents(server: &TestServer) -> Value {
    let admin = server.admin();
    let of = |name: &str| admin.get(&format!("/api/collections/{name}?sort=id&limit=1000")).expect_status(200).json();
    json!({ "users": of("users")["docs"], "posts": of("posts")["docs"], "comments": of("comments")["docs"] })
}

#[test]
fn a_backup_of_a_running_server_restores_to_the_same_documents() {
    let server = blog();
    let before = contents(&server);
    let backed = cli(server.project(), &["db", "backup", "copy.db"]).expect_code(0);
    assert!(
        backed.stdout.contains("Backed up to copy.db") && backed.stdout.contains("232 documents"),
        "{}",
        backed.stdout
    );
    server
        .admin()
        .post("/api/collections/users", &json!({"email": "later@example.com", "password": "correct horse"}))
        .expect_status(201);
    assert_ne!(contents(&server), before);

    let running = cli(server.project(), &["db", "restore", "copy.db", "--yes"]).expect_code(1).stderr;
    assert!(running.contains("being served already"), "{running}");
    let project = server.into_project();
    let restored = cli(&project, &["db", "restore", "copy.db", "--yes"]).expect_code(0).stdout;
    assert!(restored.contains("is kept as alyx_data/alyx.db.before-restore-"), "{restored}");
    let server = TestServer::with_project(project).dev().start();
    assert_eq!(contents(&server), before);
}

#[test]
fn a_backup_overwrites_nothing_and_a_restore_takes_no_rubbish() {
    let project = blog().into_project();
    cli(&project, &["db", "backup", "copy.db"]).expect_code(0);
    let refused = cli(&project, &["db", "backup", "copy.db"]).expect_code(1).stderr;
    assert!(refused.contains("copy.db exists already"), "{refused}");
    project.write("rubbish.db", "this is no database, though it is long enough to be one");
    let refused = cli(&project, &["db", "restore", "rubbish.db", "--yes"]).expect_code(1).stderr;
    assert!(refused.contains("rubbish.db is not an Alyx database"), "{refused}");
    let asked = cli(&project, &["db", "restore", "copy.db"]).expect_code(1).stderr;
    assert!(asked.contains("Replace alyx_data/alyx.db with copy.db?") && asked.contains("--yes"), "{asked}");
}

/// Dumps a running blog, seeds an empty project with it, and compares every document.
#[track_caller]
fn check_round_trip(file: &str) {
    let server = blog();
    let before = contents(&server);
    let dumped = cli(server.project(), &["db", "dump", file, "--json"]).expect_code(0).json();
    assert_eq!(dumped["total"], 716, "{dumped}");

    let empty = TestProject::with_schema(&server.project().read("schema.yaml"));
    std::fs::copy(server.project().file(file), empty.file(file)).unwrap();
    let other = TestServer::with_project(empty).start();
    let seeded = cli(other.project(), &["db", "seed", file, "--json"]).expect_code(0).json();
    assert_eq!(seeded["documents"], dumped["documents"]);
    assert_eq!(contents(&other), before);
}

#[test]
fn a_json_dump_seeds_another_running_server_with_the_same_documents() {
    check_round_trip("all.json");
}

#[test]
fn a_yaml_dump_seeds_another_running_server_with_the_same_documents() {
    check_round_trip("all.yaml");
}

#[test]
fn a_seed_is_all_or_nothing_and_names_what_is_wrong() {
    let server = blog();
    let before = contents(&server);
    server
        .project()
        .write("more.json", r#"{"users": [{"email": "fine@example.com"}, {"email": "no address"}, {"emial": "x"}]}"#);
    let refused = cli(server.project(), &["db", "seed", "more.json"]).expect_code(1).stderr;
    assert!(refused.contains("users[1].email"), "{refused}");
    assert!(refused.contains("users[2].emial"), "{refused}");
    assert_eq!(contents(&server), before);
}

#[test]
fn files_of_unknown_kind_and_files_that_exist_are_refused() {
    let project = blog().into_project();
    let refused = cli(&project, &["db", "dump", "all.txt"]).expect_code(1).stderr;
    assert_eq!(refused, "error: all.txt should end in .json, .yaml or .yml\n");
    let refused = cli(&project, &["db", "dump", "seed.json"]).expect_code(1).stderr;
    assert_eq!(refused, "error: seed.json exists already; --force replaces it\n");
    cli(&project, &["db", "dump", "seed.json", "--force"]).expect_code(0);
    let printed = cli(&project, &["db", "dump", "-"]).expect_code(0).json();
    assert_eq!(printed["comments"].as_array().map(Vec::len), Some(460));
    let refused = cli(&project, &["db", "seed", "nowhere.json"]).expect_code(1).stderr;
    assert!(refused.contains("cannot read nowhere.json"), "{refused}");
}

#[test]
fn reset_asks_first_and_the_next_start_begins_anew() {
    let server = blog();
    let before = contents(&server);
    server
        .admin()
        .post("/api/collections/users", &json!({"email": "later@example.com", "password": "correct horse"}))
        .expect_status(201);
    let project = server.into_project();
    let asked = cli(&project, &["db", "reset"]).expect_code(1).stderr;
    assert!(asked.contains("Delete every document in alyx_data/alyx.db? [y/N]"), "{asked}");
    assert!(project.database().is_file());

    let mut command = Command::new(binary("alyx-cli"));
    let mut child = command
        .args(["db", "reset"])
        .current_dir(project.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"yes\n").unwrap();
    assert!(child.wait().unwrap().success());
    assert!(!project.database().exists());
    let server = TestServer::with_project(project).dev().start();
    assert_eq!(contents(&server), before);
}

#[test]
fn a_seed_that_fails_on_the_first_start_leaves_no_database() {
    let project = TestProject::copy_of(&repository().join("examples/blog"));
    project.write("seed.json", r#"{"users": [{"email": "no address"}]}"#);
    let refused = cli(&project, &["dev", "--port", "0"]).expect_code(1).stderr;
    assert!(refused.contains("seed.json was not stored") && refused.contains("users[0].email"), "{refused}");
    assert!(!project.database().exists());
}

#[test]
fn advice_names_the_index_that_then_serves() {
    let server = blog();
    let ask = |arguments: &[&str]| {
        let all = [&["db", "advise", "--collection", "posts"], arguments].concat();
        cli(server.project(), &all)
    };
    let query = ["--filter", "published:eq:true", "--sort=-view_count", "--json"];
    let advice = ask(&query).expect_code(0).json();
    assert_eq!(advice["index"]["fields"], json!(["published", "view_count"]), "{advice}");
    let told = ask(&query[..3]).expect_code(0).stdout;
    let (_, yaml) = told.split_once("indexes:\n").unwrap();

    let schema = server.project().read("schema.yaml");
    let (before, after) = schema.split_once("      - name: idx_posts_author_date").unwrap();
    server.project().write("schema.yaml", &format!("{before}{yaml}      - name: idx_posts_author_date{after}"));
    let project = server.into_project();
    cli(&project, &["migrate", "apply"]).expect_code(0);
    let advice = cli(&project, &[&["db", "advise", "-c", "posts"], &query[..]].concat()).expect_code(0).json();
    assert_eq!((&advice["index"], &advice["sorts"]), (&Value::Null, &json!(false)), "{advice}");
}

#[test]
fn advice_on_what_is_not_there_suggests_what_is() {
    let project = blog().into_project();
    let refused = cli(&project, &["db", "advise", "-c", "post"]).expect_code(1).stderr;
    assert_eq!(refused, "error: there is no collection \"post\"; did you mean \"posts\"?\n");
    let refused =
        cli(&project, &["db", "advise", "-c", "posts", "-f", "titel:eq:x", "-s", "views"]).expect_code(1).stderr;
    assert!(refused.contains("titel") && refused.contains("title") && refused.contains("views"), "{refused}");
}
