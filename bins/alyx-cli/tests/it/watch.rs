//! `watch`: live changes in a terminal, over a server that comes and goes.

use std::process::{Command, ExitStatus};

use alyx_testing::{ADMIN_TOKEN, Process, TestProject, TestServer, Value, binary, json};

use crate::{cli, repository};

const SCHEMA: &str = r#"
version: 1
collections:
  authors:
    fields:
      id: {type: string, primary: true}
      name: {type: string}
    rules: {read: "true"}
  posts:
    fields:
      slug: {type: string, primary: true}
      id: {type: int, default: 7}
      title: {type: string, nullable: true}
      score: {type: int, default: 0}
      author_id: {type: string, references: authors.id, nullable: true}
    rules: {read: "doc.score < 100"}
  closed:
    fields: {id: {type: string, primary: true}}
"#;

/// A running `alyx-cli watch`.
struct Watch(Process);

impl Watch {
    fn start(server: &TestServer, arguments: &[&str]) -> Self {
        let mut command = Command::new(binary("alyx-cli"));
        command.args(["watch", "--url", &format!("http://{}", server.address())]).args(arguments);
        command.current_dir(server.folder()).env_remove("ALYX_TOKEN").env("NO_COLOR", "1");
        Self(Process::spawn(&mut command))
    }

    /// Waits for a line with this in it.
    #[track_caller]
    fn wait(&mut self, wanted: &str) -> String {
        self.0.wait_for(|output| {
            let whole = output.rsplit_once('\n')?.0;
            whole.lines().find(|line| line.contains(wanted)).map(str::to_owned)
        })
    }

    /// Presses Ctrl+C and waits for the end.
    fn interrupt(mut self) -> (ExitStatus, String) {
        self.0.interrupt()
    }
}

fn post(server: &TestServer, slug: &str, more: &Value) {
    let mut body = json!({"slug": slug});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.admin().post("/api/collections/posts", &body).expect_status(201);
}

fn patch(server: &TestServer, slug: &str, changes: &Value) {
    server.admin().patch(&format!("/api/collections/posts/{slug}"), changes).expect_status(200);
}

#[test]
fn changes_are_lines_with_what_was_before() {
    let server = TestServer::start(SCHEMA);
    post(&server, "first", &json!({"title": "Hello", "score": 5}));
    let mut watch = Watch::start(&server, &["posts"]);
    assert_eq!(watch.wait("watching"), "watching posts: 1 document");
    patch(&server, "first", &json!({"score": 6, "title": null}));
    let line = watch.wait(" ~ first");
    assert!(line.ends_with(" ~ first  score: 5 → 6, title: \"Hello\" → null  (1)"), "{line}");
    post(&server, "second", &json!({}));
    let line = watch.wait(" + second");
    assert!(line.ends_with(" + second  author_id=null id=7 score=0 title=null  (2)"), "{line}");
    server.admin().delete("/api/collections/posts/first").expect_status(204);
    let line = watch.wait(" - first");
    assert!(line.ends_with(" - first  author_id=null id=7 score=6 title=null  (1)"), "{line}");
    let (status, output) = watch.interrupt();
    assert!(status.success() && output.ends_with("3 changes seen\n"), "{output}");
}

#[test]
fn the_query_is_that_of_a_list() {
    let server = TestServer::start(SCHEMA);
    server.admin().post("/api/collections/authors", &json!({"id": "a", "name": "Ada"})).expect_status(201);
    let filter = ["--where", r#"{"title": {"$ne": null}}"#, "--filter", "score:gte:3", "--filter", "score:lt:50"];
    let shape = ["--sort", "-score", "--limit", "1", "--expand", "author"];
    let mut watch = Watch::start(&server, &[&["posts"], &filter[..], &shape[..]].concat());
    watch.wait("watching posts: 0 documents");
    for (slug, changes) in [
        ("low", json!({"title": "x", "score": 2})),
        ("untitled", json!({"score": 4})),
        ("fits", json!({"title": "x", "score": 4, "author_id": "a"})),
        ("better", json!({"title": "x", "score": 9})),
    ] {
        post(&server, slug, &changes);
    }
    let line = watch.wait(" + better");
    let (_, output) = watch.interrupt();
    let told: Vec<&str> = output.lines().filter(|line| line.contains("Z ")).collect();
    assert_eq!(told.len(), 3, "{output}");
    assert!(told[0].contains(" + fits") && told[0].contains(r#"author={"id":"a","name":"Ada"}"#), "{output}");
    assert!(told[1].contains(" - fits") && line.ends_with("(2)"), "{output}");
    let mut narrow = Watch::start(&server, &["posts", "--fields", "score"]);
    assert_eq!(narrow.wait("watching"), "watching posts: 4 documents");
    patch(&server, "low", &json!({"title": "y", "score": 1}));
    assert!(narrow.wait(" ~ low").ends_with("score: 2 → 1  (4)"));
}

#[test]
fn a_server_that_goes_and_comes_back_loses_nothing() {
    let mut server = TestServer::start(SCHEMA);
    post(&server, "gone", &json!({}));
    let mut watch = Watch::start(&server, &["posts", "--sort", "slug"]);
    watch.wait("watching posts: 1 document");
    server.kill();
    watch.wait("trying again in 0.5 s");
    watch.wait("trying again in 1.0 s");
    server.restart_in_place();
    watch.wait("connected again");
    post(&server, "after", &json!({}));
    watch.wait(" + after");
    // What happens while nobody is connected: written by another process, before the server is back.
    server.kill();
    let seed = server.project();
    seed.write("more.json", r#"{"posts": [{"slug": "meanwhile", "title": "written beside"}]}"#);
    cli(seed, &["db", "seed", "more.json"]).expect_code(0);
    server.restart_in_place();
    watch.wait(" + meanwhile");
    post(&server, "last", &json!({}));
    watch.wait(" + last");
    let (status, output) = watch.interrupt();
    assert!(status.success() && output.ends_with("3 changes seen\n"), "{output}");
}

#[test]
fn a_script_gets_a_line_of_json_a_message_and_can_go_on_from_a_cursor() {
    let server = TestServer::start(SCHEMA);
    post(&server, "first", &json!({}));
    let mut watch = Watch::start(&server, &["posts", "--json"]);
    let snapshot = watch.wait("snapshot");
    post(&server, "second", &json!({"title": "\u{1b}[2J\u{9b}2J"}));
    let delta = watch.wait("delta");
    let (_, output) = watch.interrupt();
    assert!(!output.contains(['\u{1b}', '\u{9b}']), "{output:?}");
    let [snapshot, delta]: [Value; 2] = [snapshot, delta].map(|line| line.parse().unwrap());
    assert_eq!(snapshot["payload"]["docs"][0]["slug"], "first");
    assert_eq!(delta["payload"]["changes"]["inserts"][0]["title"], "\u{1b}[2J\u{9b}2J");
    assert_eq!(output.lines().last(), Some("1 change seen"));
    patch(&server, "second", &json!({"score": 1}));
    let cursor = delta["payload"]["cursor"].as_str().unwrap();
    let mut resumed = Watch::start(&server, &["posts", "--since", cursor]);
    let line = resumed.wait(" ~ second");
    assert!(line.contains("score=1") && !resumed.0.output().contains("watching"), "{line}");
}

#[test]
fn a_token_shows_what_its_owner_may_see() {
    let server = TestServer::start(SCHEMA);
    let mut anybody = Watch::start(&server, &["posts"]);
    anybody.wait("watching posts: 0 documents");
    let mut admin = Watch::start(&server, &["posts", "--token", ADMIN_TOKEN]);
    admin.wait("watching posts: 0 documents");
    post(&server, "secret", &json!({"score": 100}));
    post(&server, "open", &json!({}));
    admin.wait(" + secret");
    assert!(anybody.wait(" + open").ends_with("(1)"));
    assert!(!anybody.0.output().contains("secret"), "{}", anybody.0.output());
}

#[test]
fn a_document_does_not_drive_the_terminal() {
    let server = TestServer::start(SCHEMA);
    let mut watch = Watch::start(&server, &["posts"]);
    watch.wait("watching");
    post(&server, "a", &json!({"title": "\u{1b}]0;owned\u{7}\u{9b}2J\r\n+ fake\u{202e}"}));
    let line = watch.wait(" + a");
    assert!(line.contains(r#"title="\u001b]0;owned\u0007\u{9b}2J\r\n+ fake\u{202e}""#), "{line}");
}

#[test]
fn what_cannot_be_watched_is_told_in_the_words_of_the_server() {
    let server = TestServer::start(SCHEMA);
    let url = format!("http://{}", server.address());
    let refused = |arguments: &[&str]| cli(server.project(), &[&["watch", "--url", &url], arguments].concat());
    for (arguments, said) in [
        (&["postz"][..], "(INVALID_QUERY)"),
        (&["posts", "--filter", "titel:eq:x"], "titel"),
        (&["posts", "--where", "{"], "where"),
        (&["closed"], "(UNAUTHORIZED)"),
        (&["posts", "--token", "nonsense"], "(INVALID_TOKEN)"),
    ] {
        let failed = refused(arguments).expect_code(1);
        assert!(failed.stderr.contains(said) && failed.stdout.is_empty(), "{arguments:?}: {}", failed.stderr);
    }
    let failed = refused(&["postz", "--json"]).expect_code(1);
    assert_eq!(failed.stdout.lines().count(), 1);
    assert!(failed.json()["causes"][0].as_str().unwrap().contains("INVALID_QUERY"), "{}", failed.stdout);
    cli(server.project(), &["watch", "posts", "--url", "ftp://x"]).expect_code(1);
    cli(server.project(), &["watch"]).expect_code(2);
}

#[test]
fn without_an_address_the_projects_own_server_is_asked() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let project = TestProject::empty();
    project.write("alyx.yaml", &format!("server: {{host: 0.0.0.0, port: {free}}}\n"));
    let failed = cli(&project, &["watch", "posts"]).expect_code(1);
    assert!(failed.stderr.contains(&format!("cannot watch http://127.0.0.1:{free}")), "{}", failed.stderr);
    assert!(failed.stderr.contains("there is no connection to the server"), "{}", failed.stderr);
    let server = TestServer::start(SCHEMA);
    project.write("alyx.yaml", &format!("server: {{port: {}}}\n", server.address().port()));
    // The variable is no setting, and stops nothing that reads them.
    let mut command = Command::new(binary("alyx-cli"));
    command.args(["watch", "closed"]).current_dir(project.path()).env("ALYX_TOKEN", ADMIN_TOKEN);
    Watch(Process::spawn(&mut command)).wait("watching closed: 0 documents");
}

#[test]
fn https_is_spoken_with_servers_whose_certificate_is_known() {
    let files = repository().join("crates/alyx-http/tests/tls").canonicalize().unwrap();
    let (certificate, key) = (files.join("certificate.pem"), files.join("key.pem"));
    let project = TestProject::with_schema(SCHEMA);
    project.write("alyx.yaml", &format!("server: {{tls: {{cert: {certificate:?}, key: {key:?}}}}}\n"));
    let mut command = Command::new(binary("alyx-server"));
    command.args(["--port", "0"]).current_dir(project.path()).env("ALYX_ADMIN_TOKEN", ADMIN_TOKEN);
    let mut server = Process::spawn(&mut command);
    let port = server.wait_for(|output| {
        let (whole, _) = output.rsplit_once('\n')?;
        whole
            .split("https://127.0.0.1:")
            .nth(1)?
            .split(|letter: char| !letter.is_ascii_digit())
            .next()?
            .parse::<u16>()
            .ok()
    });
    let url = format!("https://localhost:{port}");
    let mut watch = Command::new(binary("alyx-cli"));
    watch.args(["watch", "posts", "--url", &url]).current_dir(project.path());
    let refused = watch.output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("there is no connection to the server") && said.contains("certificate"), "{said}");
    watch.env("SSL_CERT_FILE", &certificate);
    Watch(Process::spawn(&mut watch)).wait("watching posts: 0 documents");
}
