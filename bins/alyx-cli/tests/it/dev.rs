//! `dev`: the example blog from nothing to answers.

use std::{net::TcpListener, process::Command};

use alyx_testing::{Client, TestProject, TestServer, binary, json};

use crate::{cli, repository};

fn blog() -> TestProject {
    TestProject::copy_of(&repository().join("examples/blog"))
}

/// The rest of the line that starts with this label.
#[track_caller]
fn line(output: &str, label: &str) -> String {
    let found = output.lines().find_map(|line| line.strip_prefix(label));
    found.unwrap_or_else(|| panic!("no line starts with {label:?} in\n{output}")).trim().to_owned()
}

fn shell(command: &str) -> String {
    let output =
        Command::new("sh").args(["-c", &command.replacen("curl", "curl -sS --fail-with-body", 1)]).output().unwrap();
    assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_example_is_seeded_and_the_printed_commands_work() {
    let server = TestServer::with_project(blog()).dev().start();
    let output = server.output();
    assert!(output.contains("+ posts (12 fields)"), "{output}");
    assert_eq!(line(&output, "Seeded"), "716 documents from seed.json");

    let tried = shell(&line(&output, "Try"));
    let tried: alyx_testing::Value = serde_json::from_str(&tried).unwrap();
    assert_eq!((tried["total"].as_u64(), tried["docs"].as_array().map(Vec::len)), (Some(460), Some(2)));

    // It goes on for as long as somebody looks.
    let live = line(&output, "Live").replace("curl -N", "curl -sN --max-time 2");
    let live = shell(&format!("{live} || true"));
    assert!(live.starts_with("event: snapshot\nid: ") && live.contains("\"total\":460"), "{live}");

    let posts: alyx_testing::Value = serde_json::from_str(&shell(&line(&output, "As admin"))).unwrap();
    assert!(posts["total"].as_u64() >= Some(20), "{posts}");
    let sign_in = line(&output, "Admin");
    assert!(sign_in.contains("/_admin#token="), "{sign_in}");
    assert!(shell(&format!("curl '{sign_in}'")).contains("<html"));
    assert!(shell(&format!("curl {}", line(&output, "API docs"))).contains("<html"));
}

#[test]
fn the_example_has_enough_data_and_keeps_its_relations() {
    let server = TestServer::with_project(blog()).dev().start();
    for (collection, least) in [("users", 20), ("posts", 200), ("comments", 400)] {
        let total = server.admin().get(&format!("/api/collections/{collection}?limit=1")).json()["total"].as_u64();
        assert!(total >= Some(least), "{collection}: {total:?}");
    }
    let comments = server.get("/api/collections/comments?limit=100&expand=post_id,author_id").json();
    for comment in comments["docs"].as_array().unwrap() {
        assert!(comment.get("author").is_none(), "nobody reads users without an account: {comment}");
        assert!(comment.get("post").is_none_or(|post| post["published"] == true), "a draft was shown: {comment}");
    }
    let comment = server.admin().get("/api/collections/comments?limit=1&expand=post_id.author_id").json();
    assert!(comment["docs"][0]["post"]["author"]["email"].is_string(), "{comment}");
}

#[test]
fn a_second_start_changes_and_seeds_nothing() {
    let mut server = TestServer::with_project(blog()).dev().start();
    let made = server
        .admin()
        .post("/api/collections/users", &json!({"email": "zoe@example.com", "password": "correct horse"}))
        .expect_status(201);
    assert!(server.stop());
    server.restart();
    let output = server.output();
    assert!(!output.contains("Seeded") && !output.contains("Applied"), "{output}");
    let id = made.json()["id"].as_str().unwrap().to_owned();
    server.admin().get(&format!("/api/collections/users/{id}")).expect_status(200);
}

#[test]
fn a_start_that_was_cut_short_before_its_seed_is_made_up_for() {
    let project = blog();
    project.write("alyx.yaml", "dev: {seed: false}\n");
    let mut server = TestServer::with_project(project).dev().start();
    assert!(!server.output().contains("Seeded"), "{}", server.output());
    server.kill();
    server.project().write("alyx.yaml", "dev: {seed: true}\n");
    server.restart();
    assert_eq!(line(&server.output(), "Seeded"), "716 documents from seed.json");
}

#[test]
fn the_developers_token_is_made_once_and_is_for_its_owner() {
    let project = blog();
    let mut server = TestServer::with_project(project).dev().variable("ALYX_ADMIN_TOKEN", "").start();
    let token = server.project().read("alyx_data/dev_admin_token").trim().to_owned();
    assert!(server.output().contains(&format!("Bearer {token}")));
    Client::new(server.address()).with_token(&token).get("/api/collections/posts").expect_status(200);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| server.project().file(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("alyx_data/dev_admin_token"), mode("alyx_data")), (0o600, 0o700));
    }
    server.restart();
    assert_eq!(server.project().read("alyx_data/dev_admin_token").trim(), token);
}

#[test]
fn a_taken_port_is_explained() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let refused = cli(&blog(), &["dev", "--port", &port]).expect_code(1);
    assert!(refused.stderr.contains(&format!("127.0.0.1:{port}: the port is taken")), "{}", refused.stderr);
    assert!(refused.stderr.contains("--port"), "{}", refused.stderr);
    if cfg!(target_os = "linux") {
        assert!(refused.stderr.contains(&format!("(process {})", std::process::id())), "{}", refused.stderr);
    }
}

#[test]
fn a_project_is_served_once() {
    let server = TestServer::with_project(blog()).dev().start();
    let refused = cli(server.project(), &["dev", "--port", "0"]).expect_code(1);
    assert!(refused.stderr.contains("the project is being served already by alyx-cli (process"), "{}", refused.stderr);
}

#[test]
fn the_folder_may_be_given_and_json_is_for_scripts() {
    let project = TestProject::empty();
    cli(&project, &["init", "notes"]).expect_code(0);
    let folder = project.file("notes");
    let mut command = Command::new(binary("alyx-cli"));
    command.arg("dev").arg(&folder).args(["--port", "0", "--json"]).current_dir(project.path());
    let mut process = alyx_testing::Process::spawn(&mut command);
    let welcome: alyx_testing::Value = process.wait_for(|output| {
        let json = &output[output.find('{')?..];
        serde_json::Deserializer::from_str(json).into_iter().next()?.ok()
    });
    assert!(welcome["url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{welcome}");
    assert!(folder.join("alyx_data/alyx.db").is_file());
}

/// Asks for the list until it is as expected, for the change is applied in its own time.
#[track_caller]
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "{what} did not happen");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn changes_of_the_schema_are_applied_while_it_runs() {
    let project = TestProject::empty();
    cli(&project, &["init"]).expect_code(0);
    let server = TestServer::with_project(project).dev().start();
    let schema = server.project().read("schema.yaml");
    let with = |field: &str| schema.replacen("    fields:\n", &format!("    fields:\n      {field}\n"), 1);
    let has_stars = || server.get("/api/collections/notes").json()["docs"][0]["stars"] == 3;

    server.project().write("schema.yaml", &with("stars: { type: int, default: 3 }"));
    eventually("a safe change", has_stars);
    server.post("/api/collections/notes", &json!({"title": "new", "stars": 5})).expect_status(201);
    assert!(server.get("/api/openapi.json").text().contains("stars"));

    server.project().write("schema.yaml", &with("stars: { type: intt, default: 3 }"));
    eventually("a complaint", || server.output().contains("--> schema.yaml:7:22"));
    assert!(has_stars(), "a slip does not stop the server");

    server.project().write("schema.yaml", &schema);
    eventually("a refusal", || server.output().contains("type: drop_field"));
    assert!(has_stars(), "an unsafe change is not applied");
    let created = cli(server.project(), &["migrate", "create", "no_stars"]).expect_code(0);
    assert!(created.stdout.contains("migrations/001_no_stars.yaml"), "{}", created.stdout);
    eventually("a remark", || server.output().contains("migrations/001_no_stars.yaml is not applied yet"));
    assert!(has_stars(), "a file that may be half written is not applied");

    let server = TestServer::with_project(server.into_project()).dev().start();
    assert!(server.output().contains("- notes.stars"), "{}", server.output());
    assert_eq!(server.get("/api/collections/notes").json()["total"], 3);
}

#[test]
fn live_queries_outlive_a_change_of_the_schema() {
    const BEFORE: &str = "
version: 1
collections:
  notes:
    fields:
      id: {type: string, primary: true}
      title: {type: string}
      draft: {type: bool, default: false}
    rules: {read: \"true\"}
";
    let server = TestServer::with_schema(BEFORE).dev().start();
    let mut socket = alyx_testing::Socket::connect(server.address(), &[]).unwrap();
    let mut titles = socket.subscribe(&json!({"collection": "notes", "sort": ["title"]}));
    let mut all = socket.subscribe(&json!({"collection": "notes"}));
    server.admin().post("/api/collections/notes", &json!({"id": "a", "title": "A"})).expect_status(201);
    for held in [&mut titles, &mut all] {
        held.apply(&socket.wait_for("delta", |message| message["payload"]["subscription_id"] == *held.id));
    }

    let closed = BEFORE.replace(
        "type: string}\n      draft",
        "type: string, read: \"auth.role == 'admin'\"}\n      stars: {type: int, default: 3}\n      draft",
    );
    server.project().write("schema.yaml", &closed);
    let resync = |held: &alyx_testing::Subscribed, message: &alyx_testing::Value| {
        message["payload"]["subscription_id"] == *held.id
    };
    let error = socket.wait_for("error", |message| resync(&titles, message));
    let detail = &error["payload"]["details"][0];
    assert_eq!(detail["code"], "FIELD_NOT_READABLE", "{error}");
    assert!(detail["message"].as_str().unwrap().contains("title"), "{error}");
    socket.wait_for("resync", |message| resync(&all, message));
    all.apply(&socket.wait_for("snapshot", |message| resync(&all, message)));
    assert_eq!(all.documents["\"a\""], json!({"id": "a", "stars": 3, "draft": false}));
    server.admin().post("/api/collections/notes", &json!({"id": "b", "title": "B"})).expect_status(201);
    all.apply(&socket.wait("delta"));
    assert_eq!(all.total, 2);
}

#[test]
fn channels_outlive_a_change_of_the_schema() {
    const BEFORE: &str = "
version: 1
collections: {}
channels:
  lobby: {rules: {join: \"true\", broadcast: \"true\", presence: \"true\"}}
  hall: {rules: {join: \"true\"}}
  attic: {rules: {join: \"true\"}}
";
    let server = TestServer::with_schema(BEFORE).dev().start();
    let connect = || alyx_testing::Socket::connect(server.address(), &[]).unwrap();
    let (mut socket, mut other) = (connect(), connect());
    for channel in ["lobby", "hall", "attic"] {
        socket.send("join", &json!({"channel": channel}));
        socket.wait("joined");
    }
    other.send("join", &json!({"channel": "lobby", "presence": {"here": true}}));
    other.wait("joined");
    socket.wait("presence");

    let after = BEFORE
        .replace("collections: {}", "collections: {notes: {fields: {id: {type: string, primary: true}}}}")
        .replace("hall: {rules: {join: \"true\"}}", "hall: {rules: {join: \"auth != null\"}}")
        .replace("  attic: {rules: {join: \"true\"}}\n", "");
    server.project().write("schema.yaml", &after);
    let left = |channel: &'static str| move |message: &alyx_testing::Value| message["payload"]["channel"] == channel;
    assert_eq!(socket.wait_for("left", left("hall"))["payload"]["code"], "UNAUTHORIZED");
    assert_eq!(socket.wait_for("left", left("attic"))["payload"]["code"], "NOT_FOUND");
    other.send("broadcast", &json!({"channel": "lobby", "event": "still", "data": 1}));
    assert_eq!(socket.wait("broadcast")["payload"]["event"], "still");
    assert_eq!(socket.drain(), [] as [alyx_testing::Value; 0]);
}

#[test]
fn a_rule_of_a_channel_alone_is_a_change_too() {
    let closed = "version: 1\ncollections: {}\nchannels: {lobby: {rules: {}}}\n";
    let server = TestServer::with_schema(closed).dev().start();
    let mut socket = alyx_testing::Socket::connect(server.address(), &[]).unwrap();
    assert_eq!(socket.refused("join", &json!({"channel": "lobby"}))["code"], "UNAUTHORIZED");
    let hash = || server.admin().get("/api/admin/schema").expect_status(200).json()["hash"].clone();
    let before = hash();
    server.project().write("schema.yaml", &closed.replace("rules: {}", "rules: {join: \"true\"}"));
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let id = socket.send("join", &json!({"channel": "lobby"}));
        let answer = loop {
            let message = socket.receive();
            if message["id"] == id {
                break message;
            }
        };
        if answer["type"] == "joined" {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "the rule is not served: {answer}");
    }
    assert_ne!(hash(), before, "clients can tell that the model is another");
}

#[test]
fn the_people_of_the_example_can_sign_in_and_have_their_roles() {
    let server = TestServer::with_project(blog()).dev().start();
    let sign_in = |name: &str| {
        let body = json!({"email": format!("{name}@example.com"), "password": "blog example"});
        server.post("/api/auth/login", &body)
    };
    let of = |name: &str| {
        let tokens = sign_in(name).expect_status(200).json();
        server.client().with_token(tokens["tokens"]["access_token"].as_str().unwrap())
    };
    let (user, moderator) = (of("bruno.keller"), of("elif.kaya"));
    assert_eq!(user.get("/api/auth/me").json()["role"], "user");
    assert_eq!(moderator.get("/api/auth/me").json()["role"], "moderator");
    sign_in("amara.okafor").expect_status(401);

    let total = |client: &alyx_testing::Client| client.get("/api/collections/posts?limit=1").json()["total"].as_u64();
    let (anyone, all) = (total(&server.client()), total(&server.admin()));
    assert!(anyone > Some(100) && anyone < all, "{anyone:?} of {all:?} posts are published");
    let own = user.get("/api/auth/me").json()["id"].clone();
    let comments = server.get("/api/collections/comments?limit=50").json()["docs"].clone();
    let other = comments.as_array().unwrap().iter().find(|comment| comment["author_id"] != own).unwrap();
    let path = format!("/api/collections/comments/{}", other["id"].as_str().unwrap());
    assert_eq!(user.delete(&path).status, 403);
    assert_eq!(moderator.delete(&path).status, 204);
}
