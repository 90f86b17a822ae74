//! Writes of other processes reach those who follow: plain SQL, `alyx-cli`, and everything while nobody looked.

use alyx_testing::{Client, TestServer, json, run};
use sqlx::{Connection, SqliteConnection};

use crate::following::{Follower, Question, Shown};

const SCHEMA: &str = r#"
version: 1
collections:
  teams:
    fields:
      id: {type: string, primary: true}
    rules: {read: "true"}
  posts:
    fields:
      id: {type: string, primary: true}
      score: {type: int, default: 0}
      team_id: {type: string, references: teams.id, onDelete: cascade, nullable: true}
    rules: {read: "doc.score < 100"}
"#;

/// Runs statements on the database, each a transaction of its own, as any program could.
fn execute(server: &TestServer, statements: &[&'static str]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let url = format!("sqlite://{}", server.database().display());
    runtime.block_on(async {
        let mut connection = SqliteConnection::connect(&url).await.expect("the database can be opened");
        for statement in statements {
            sqlx::raw_sql(*statement)
                .execute(&mut connection)
                .await
                .unwrap_or_else(|fault| panic!("{statement}: {fault}"));
        }
        connection.close().await.expect("it can be closed");
    });
}

/// Those who follow all of `posts`, over either way, and one query of a window.
fn followers(server: &TestServer) -> Vec<(Question, Follower)> {
    let window =
        Question { condition: json!({"score": {"$gt": 1}}), sort: "-score", limit: 2, ..Question::all("posts") };
    let expanded = Question { expand: "team_id", ..Question::all("posts") };
    let mut all: Vec<_> = [Question::all("posts"), window.clone(), expanded]
        .into_iter()
        .map(|question| (question.clone(), Follower::by_socket(server, None, &question)))
        .collect();
    all.push((window.clone(), Follower::by_events(server, None, &window)));
    all
}

#[track_caller]
fn expect_all(followers: &mut [(Question, Follower)], client: &Client) {
    for (question, follower) in followers {
        let shown = Shown::of(&question.ask(client).expect_status(200).json());
        follower.catch_up(&shown);
    }
}

#[test]
fn plain_sql_of_another_process_is_told() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    let mut followers = followers(&server);
    for statement in [
        "INSERT INTO posts (id, score) VALUES ('a', 5), ('b', 7), ('secret', 100)",
        "UPDATE posts SET score = score + 1",
        "INSERT INTO teams (id) VALUES ('t')",
        "UPDATE posts SET team_id = 't' WHERE id = 'a'",
        "BEGIN; INSERT INTO posts (id, score) VALUES ('c', 50), ('d', 60); DELETE FROM posts WHERE id = 'b'; COMMIT",
        "BEGIN; INSERT INTO posts (id, score) VALUES ('undone', 3); ROLLBACK",
        "UPDATE posts SET score = 200 WHERE id = 'd'",
        "INSERT INTO posts (id, score) VALUES ('c', 1), ('e', 2) ON CONFLICT (id) DO UPDATE SET score = 51",
        "INSERT OR IGNORE INTO posts (id, score) VALUES ('c', 53)",
        "UPDATE posts SET id = 'renamed', score = 52 WHERE id = 'c'",
        "PRAGMA foreign_keys = ON; DELETE FROM teams",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO posts (id, score) SELECT 'n' || i, i % 90 FROM n",
        "DELETE FROM posts WHERE score < 40",
        "DELETE FROM posts",
    ] {
        execute(&server, &[statement]);
        expect_all(&mut followers, &client);
    }
    assert_eq!(Shown::of(&Question::all("posts").ask(&client).json()).len(), 0);
    for (question, follower) in &mut followers {
        follower.expect_nothing_more(&format!("{question:?}"));
    }
}

/// SQLite tells no trigger of what it removes to make room.
#[test]
fn what_plain_sql_replaces_is_told() {
    let server = TestServer::start(
        &SCHEMA.replace("      team_id:", "      slug: {type: string, unique: true, nullable: true}\n      team_id:"),
    );
    let client = server.client();
    let mut followers = followers(&server);
    for statement in [
        "INSERT INTO posts (id, score, slug) VALUES ('a', 5, 'x'), ('b', 7, 'y'), ('c', 60, 'z')",
        "INSERT OR REPLACE INTO posts (id, score, slug) VALUES ('a', 99, 'x')",
        "INSERT OR REPLACE INTO posts (id, score, slug) VALUES ('d', 45, 'y')",
        "REPLACE INTO posts (id, score, slug) VALUES ('c', 1, 'x')",
        "UPDATE OR REPLACE posts SET slug = 'y' WHERE id = 'c'",
        "INSERT INTO posts (id, score, slug) VALUES ('e', 50, 'e'), ('f', 51, 'f'), ('g', 52, 'g')",
        "UPDATE OR REPLACE posts SET id = 'f', slug = 'g' WHERE id = 'e'",
        "INSERT OR IGNORE INTO posts (id, score, slug) VALUES ('f', 90, 'h'), ('h', 91, 'g')",
        "INSERT INTO posts (id, score, slug) VALUES ('h', 53, 'h')",
        "INSERT INTO posts (id, score, slug) VALUES ('h', 1, 'i') ON CONFLICT (id) DO UPDATE SET score = 54",
        "INSERT INTO posts (id, score, slug) VALUES ('i', 1, 'h') ON CONFLICT DO NOTHING",
        "BEGIN; REPLACE INTO posts (id, score, slug) VALUES ('f', 2, 'h'); ROLLBACK",
        "UPDATE posts SET score = score + 1",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) REPLACE INTO posts (id, score, slug) SELECT 'n' || (i % 30), i, 's' || (i % 20) FROM n",
        "PRAGMA recursive_triggers = ON; REPLACE INTO posts (id, score, slug) VALUES ('f', 3, 's1')",
        "DELETE FROM posts",
    ] {
        execute(&server, &[statement]);
        expect_all(&mut followers, &client);
    }
    for (question, follower) in &mut followers {
        follower.expect_nothing_more(&format!("{question:?}"));
    }
}

#[test]
fn what_alyx_cli_writes_beside_the_server_is_told() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    let mut followers = followers(&server);
    let file = server.project();
    file.write(
        "first.json",
        r#"{"teams": [{"id": "t"}], "posts": [{"id": "a", "score": 9, "team_id": "t"}, {"id": "b"}]}"#,
    );
    run("alyx-cli", server.folder(), &["db", "seed", "first.json"]).expect_code(0);
    expect_all(&mut followers, &client);
    assert_eq!(followers[0].1.has().len(), 2);
    let many: Vec<_> = (0..500).map(|number| json!({"id": format!("m{number}"), "score": number % 120})).collect();
    file.write("many.json", &json!({"posts": many}).to_string());
    run("alyx-cli", server.folder(), &["db", "seed", "many.json"]).expect_code(0);
    expect_all(&mut followers, &client);
    server.admin().delete("/api/collections/teams/t").expect_status(204);
    expect_all(&mut followers, &client);
}

#[test]
fn writes_of_both_at_once_are_told_all() {
    let server = TestServer::start(SCHEMA);
    let mut followers = followers(&server);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let next = "INSERT INTO posts (id, score) SELECT 'beside' || count(*), count(*) % 110 FROM posts WHERE id LIKE 'beside%'";
            execute(&server, &[next; 100]);
        });
        scope.spawn(|| {
            let admin = server.admin();
            for number in 0..100 {
                let body = json!({"id": format!("own{number}"), "score": number % 110});
                admin.post("/api/collections/posts", &body).expect_status(201);
            }
        });
    });
    expect_all(&mut followers, &server.client());
    assert_eq!(followers[0].1.has().len(), 2 * 100);
}

#[test]
fn a_migration_while_the_server_is_down_is_told_on_resuming() {
    let mut server = TestServer::start(SCHEMA);
    server.admin().post("/api/collections/posts", &json!({"id": "a", "score": 1})).expect_status(201);
    let follower = Follower::by_socket(&server, None, &Question::all("posts"));
    server.kill();
    server.project().write(
        "migrations/0001_raise.yaml",
        "version: 1\nname: raise\noperations:\n  - type: sql\n    up: UPDATE posts SET score = score + 10\n    down: UPDATE posts SET score = score - 10\n",
    );
    run("alyx-cli", server.folder(), &["migrate", "apply"]).expect_code(0);
    execute(&server, &["INSERT INTO posts (id, score) VALUES ('b', 3)"]);
    server.restart();
    let mut again = Follower::resumed(&server, &Question::all("posts"), follower);
    again.catch_up(&Shown::of(&Question::all("posts").ask(&server.client()).json()));
    assert_eq!(again.has().len(), 2);
}
