//! `alyx-server` from its start to its end: flags, secrets, refusals, a polite stop.
#![expect(clippy::unwrap_used, reason = "in a test it is an assertion")]

use std::process::{Command, Output};

use alyx_testing::{ADMIN_TOKEN, Client, TestProject, TestServer, TestServerBuilder, Value, json, run};

const SCHEMA: &str = "\
version: 1
collections:
  notes:
    fields:
      id: { type: uuid, primary: true, default: auto }
      title: { type: string, maxLength: 50 }
    rules: { read: \"true\" }
";

const PATH: &str = "/api/collections/notes";

/// Starts a server that is expected not to start.
fn refused(builder: &TestServerBuilder) -> (i32, String) {
    let Output { status, stderr, .. } = builder.command().output().unwrap();
    (status.code().unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn the_token_of_the_variable_is_the_administrators() {
    let server = TestServer::start(SCHEMA);
    server.admin().post(PATH, &json!({"title": "one"})).expect_status(201);
    assert_eq!(server.post(PATH, &json!({"title": "two"})).expect_status(401).error_code(), "UNAUTHORIZED");
    let stranger = server.client().with_token(&ADMIN_TOKEN.replace('x', "y"));
    assert_eq!(stranger.get(PATH).expect_status(401).error_code(), "INVALID_TOKEN");
    assert_eq!(server.get(PATH).expect_status(200).json()["total"], 1);
}

#[test]
fn without_a_token_nobody_is_an_administrator() {
    let mut server = TestServer::with_schema(SCHEMA).variable("ALYX_ADMIN_TOKEN", "").start();
    server.process().wait_for(|output| output.contains("nobody is an administrator").then_some(()));
    for token in ["", ADMIN_TOKEN] {
        server.client().with_token(token).post(PATH, &json!({"title": "one"})).expect_status(401);
    }
    server.get(PATH).expect_status(200);
}

#[test]
fn ac38_short_and_known_tokens_are_refused() {
    let tokens =
        [("short", "needs 32"), ("change-me-change-me-change-me-change-me", "known"), (&"a".repeat(40), "too regular")];
    for (token, reason) in tokens {
        let (code, text) = refused(&TestServer::with_schema(SCHEMA).variable("ALYX_ADMIN_TOKEN", token));
        assert!(code == 1 && text.contains("ALYX_ADMIN_TOKEN") && text.contains(reason), "{code} {text}");
        assert!(!text.contains(token) || token == "short", "the token is not repeated: {text}");
    }
}

#[test]
fn unsafe_changes_stop_the_start_and_the_file_that_is_printed_lets_it_go_on() {
    let server = TestServer::start(SCHEMA);
    server.admin().post(PATH, &json!({"title": "kept"})).expect_status(201);
    let project = server.into_project();
    project.write("schema.yaml", &SCHEMA.replace("title:", "heading:"));
    let builder = TestServer::with_project(project);
    let (code, text) = refused(&builder);
    assert_eq!(code, 1, "{text}");
    let name = text.split("save it as ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
    let server = builder.file(name, text.split_once("\n\n").unwrap().1).start();
    assert_eq!(server.get(PATH).json()["docs"][0]["heading"], "kept");
}

#[test]
fn flags_win_over_variables_and_those_over_the_file() {
    let config = "server:\n  body_limit: 100B\ndata_dir: from_file\n";
    let server = TestServer::with_schema(SCHEMA).config(config).start();
    assert!(server.project().file("from_file/alyx.db").is_file());
    server.admin().post(PATH, &json!({"title": "x".repeat(40)})).expect_status(201);
    let large = json!({"title": "x".repeat(100)});
    assert_eq!(server.admin().post(PATH, &large).expect_status(413).error_code(), "PAYLOAD_TOO_LARGE");

    let builder = TestServer::with_project(server.into_project()).variable("ALYX_DATA_DIR", "from_variable");
    let server = builder.variable("ALYX_SERVER_BODY_LIMIT", "1KiB").start();
    assert!(server.project().file("from_variable/alyx.db").is_file());
    server.admin().post(PATH, &large).expect_status(400);

    let builder = TestServer::with_project(server.into_project()).variable("ALYX_DATA_DIR", "from_variable");
    let server = builder.argument("--data").argument("from_flag").start();
    assert!(server.project().file("from_flag/alyx.db").is_file());
}

#[test]
fn wrong_settings_stop_the_start_with_their_place() {
    let (code, text) = refused(&TestServer::with_schema(SCHEMA).config("server:\n  prot: 1\n"));
    assert!(code == 1 && text.contains("--> alyx.yaml:2:3") && text.contains("did you mean \"port\"?"), "{text}");
    let (code, text) = refused(&TestServer::with_schema(SCHEMA).variable("ALYX_SERVER_PROT", "1"));
    assert!(code == 1 && text.contains("ALYX_SERVER_PROT"), "{text}");
    let (code, text) = refused(&TestServer::with_schema(SCHEMA).argument("--log-format").argument("xml"));
    assert!(code == 1 && text.contains("--log-format") && text.contains("json"), "{text}");
    assert_eq!(run("alyx-server", TestProject::empty().path(), &["--prot"]).code, 2);
}

#[test]
fn json_logs_are_json_line_by_line() {
    let server = TestServer::with_schema(SCHEMA).argument("--log-format").argument("json").start();
    server.get("/nowhere").expect_status(404);
    let mut lines = 0;
    for line in server.output().lines() {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        assert!(entry["message"].is_string(), "{line}");
        lines += 1;
    }
    assert!(lines >= 2, "{}", server.output());
}

#[test]
fn a_polite_stop_ends_well_and_keeps_what_was_written() {
    let mut server = TestServer::start(SCHEMA);
    server.admin().post(PATH, &json!({"title": "kept"})).expect_status(201);
    assert!(server.stop(), "{}", server.output());
    assert!(Client::new(server.address()).try_send("GET", PATH, None).is_err());
    server.restart();
    assert_eq!(server.get(PATH).json()["total"], 1);
}

#[test]
fn after_a_sudden_death_it_starts_again_and_the_lock_is_free() {
    let mut server = TestServer::start(SCHEMA);
    server.admin().post(PATH, &json!({"title": "kept"})).expect_status(201);
    server.kill();
    server.restart();
    assert_eq!(server.get(PATH).json()["total"], 1);
}

#[test]
fn a_database_is_served_once() {
    let server = TestServer::start(SCHEMA);
    let refused = run("alyx-server", server.folder(), &["--port", "0"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("being served already by alyx-server (process"), "{}", refused.stderr);
}

#[test]
fn a_taken_port_changes_nothing_in_the_folder() {
    let first = TestServer::start(SCHEMA);
    let second = TestProject::with_schema(SCHEMA);
    let port = first.address().port().to_string();
    let output = Command::new(alyx_testing::binary("alyx-server"))
        .args([second.path().to_str().unwrap(), "--port", &port])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("the port is taken") && text.contains("--port"), "{text}");
    assert!(!second.database().exists());
}

#[test]
fn a_data_folder_that_is_typed_starts_from_where_it_is_typed() {
    let elsewhere = TestProject::empty();
    let project = TestProject::with_schema(SCHEMA);
    let mut command = Command::new(alyx_testing::binary("alyx-server"));
    command.arg(project.path()).args(["--port", "0", "--data", "here"]).current_dir(elsewhere.path());
    let mut process = alyx_testing::Process::spawn(&mut command);
    process.wait_for(|output| output.contains("listening on").then_some(()));
    assert!(elsewhere.file("here/alyx.db").is_file());
    assert!(!project.file("here").exists());
}
