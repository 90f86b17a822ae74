//! `examples/teams`: organisations on one server see nothing of each other.

use alyx_testing::{Client, TestProject, TestServer, Value, json};

use crate::{cli, repository};

fn teams() -> TestProject {
    TestProject::copy_of(&repository().join("examples/teams"))
}

fn sign_in(server: &TestServer, name: &str) -> Client {
    let body = json!({"email": format!("{name}@example.com"), "password": "teams example"});
    let signed_in = server.post("/api/auth/login", &body).expect_status(200).json();
    server.client().with_token(signed_in["tokens"]["access_token"].as_str().unwrap())
}

/// What of the documents somebody sees, in order; the total must be the same number.
#[track_caller]
fn seen(client: &Client, collection: &str, field: &str) -> Vec<String> {
    let page = client.get(&format!("/api/collections/{collection}?sort={field}&limit=1000")).expect_status(200).json();
    let docs = page["docs"].as_array().unwrap();
    assert_eq!(page["total"].as_u64(), Some(docs.len() as u64), "{page}");
    docs.iter().map(|document| document[field].as_str().unwrap().to_owned()).collect()
}

#[test]
fn everybody_sees_what_the_readme_says() {
    let server = TestServer::with_project(teams()).dev().start();
    let of = |name: &str| sign_in(&server, name);
    let people = [
        ("ada", vec!["Yearly accounts"], 2),
        ("ben", vec!["Ferry timetable", "New crane", "Yearly accounts"], 6),
        ("cleo", vec!["Ferry timetable", "New crane"], 4),
        ("dan", vec!["Ferry timetable", "New crane"], 4),
        ("eve", vec!["Mend the wheel"], 3),
        ("finn", vec!["Mend the wheel"], 3),
        ("gus", vec![], 0),
    ];
    for (name, projects, tasks) in people {
        let client = of(name);
        assert_eq!(seen(&client, "projects", "name"), projects, "{name}");
        assert_eq!(seen(&client, "tasks", "title").len(), tasks, "{name}");
    }
    assert_eq!(seen(&of("ada"), "users", "name"), ["Ada Byron", "Ben Okri", "Cleo Park", "Dan Ruiz"]);
    assert_eq!(seen(&of("eve"), "users", "name"), ["Dan Ruiz", "Eve Lind", "Finn Sato"]);
    assert_eq!(seen(&of("dan"), "organizations", "name"), ["Harbour Works", "Old Mill"]);
    assert_eq!(seen(&of("gus"), "users", "name"), ["Gus of the staff"]);
    for collection in ["users", "organizations", "memberships", "teams", "team_members", "projects", "tasks"] {
        assert_eq!(seen(&server.client(), collection, "id"), Vec::<String>::new(), "{collection}");
    }
}

#[test]
fn nothing_crosses_over_to_another_organisation() {
    let server = TestServer::with_project(teams()).dev().start();
    let (cleo, eve) = (sign_in(&server, "cleo"), sign_in(&server, "eve"));
    let page = cleo.get("/api/collections/tasks?expand=project_id.team_id,assignee_id&limit=1").json();
    let task = &page["docs"][0];
    assert!(task["project"]["team"]["name"].is_string(), "{task}");
    let path = format!("/api/collections/tasks/{}", task["id"].as_str().unwrap());
    eve.get(&path).expect_status(404);
    eve.patch(&path, &json!({"done": true})).expect_status(404);
    eve.delete(&path).expect_status(404);
    let body = json!({"project_id": task["project_id"], "title": "Mine now"});
    eve.post("/api/collections/tasks", &body).expect_status(403);

    let own = eve.get("/api/collections/projects").json()["docs"][0]["id"].clone();
    let refused = cleo.patch(&path, &json!({"project_id": own})).expect_status(403).json();
    assert_eq!(refused["details"][0]["code"], "FIELD_NOT_WRITABLE", "{refused}");
    cleo.patch(&path, &json!({"done": true})).expect_status(200);
}

#[test]
fn an_address_is_its_owners() {
    let server = TestServer::with_project(teams()).dev().start();
    let cleo = sign_in(&server, "cleo");
    let people = cleo.get("/api/collections/users").json();
    for person in people["docs"].as_array().unwrap() {
        assert_eq!(person.get("email").is_some(), person["name"] == "Cleo Park", "{person}");
    }
    let asked = cleo.get("/api/collections/users?filter=email:like:a%25").expect_status(403).json();
    assert_eq!(asked["details"][0]["code"], "FIELD_NOT_READABLE", "{asked}");
}

#[test]
fn the_rules_are_checked_and_explained() {
    let project = teams();
    let server = TestServer::with_project(project).dev().start();
    cli(server.project(), &["rules", "check"]).expect_code(0);
    let explained = cli(server.project(), &["--json", "rules", "explain", "tasks", "read", "--as", "cleo@example.com"]);
    let explained: Value = explained.expect_code(0).json();
    assert!(explained["sql"].as_str().unwrap().contains("\"team_members\""), "{explained}");
}
