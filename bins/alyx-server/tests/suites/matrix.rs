//! Row 21: every endpoint for every kind of caller. The expected statuses are the table in `matrix/table.txt`; the
//! endpoints are those of the server's own list of routes, so that a new one without a row fails the test.

mod callers;
mod coverage;
mod stage;

use std::fmt::Write;

use alyx_testing::{Response, json};

use self::{
    callers::{CALLERS, Caller},
    stage::Stage,
};

const TABLE: &str = include_str!("matrix/table.txt");

/// One line of the table.
struct Row<'a> {
    method: &'a str,
    path: &'a str,
    expected: Vec<&'a str>,
}

fn rows() -> Vec<Row<'static>> {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let rows = lines.map(|line| {
        let mut words = line.split_whitespace();
        let (Some(method), Some(path)) = (words.next(), words.next()) else { panic!("no row: {line}") };
        Row { method, path, expected: words.collect() }
    });
    rows.collect()
}

#[test]
fn ac21_every_endpoint_answers_every_kind_of_caller_as_the_table_says() {
    let stage = Stage::start();
    let mut wrong = String::new();
    for row in rows() {
        let answers: Vec<Response> = CALLERS.iter().map(|caller| ask(&stage, &row, *caller)).collect();
        let statuses: Vec<String> = answers.iter().map(|answer| answer.status.to_string()).collect();
        if statuses != row.expected {
            let _ = writeln!(wrong, "{:6} {:48} {}", row.method, row.path, statuses.join(" "));
        }
        let with_bodies = !row.path.starts_with("/api/realtime/sse");
        for answer in answers.iter().filter(|answer| answer.status >= 400 && with_bodies) {
            assert!(!answer.error_code().is_empty(), "{} {}: not the error shape", row.method, row.path);
        }
    }
    assert!(wrong.is_empty(), "the answers differ from the table:\n{wrong}");
}

fn ask(stage: &Stage, row: &Row<'_>, caller: Caller) -> Response {
    let scene = stage.set(caller);
    let path = scene.path(row.path);
    // The events of a list do not end; their head says the same.
    let method = if row.path.starts_with("/api/realtime/sse") { "HEAD" } else { row.method };
    scene.client.send(method, &path, scene.body(row.method, row.path).as_ref())
}

#[test]
fn ac21_head_is_get_options_is_for_all_and_no_other_method_is_taken() {
    let stage = Stage::start();
    let ends = |row: &&Row<'_>| !row.path.ends_with("/nothing") && !row.path.starts_with("/api/realtime/sse");
    for row in rows().iter().filter(|row| row.method == "GET").filter(ends) {
        let scene = stage.set(Caller::Anonymous);
        let path = scene.path(row.path);
        let (get, head) = (scene.client.get(&path), scene.client.send("HEAD", &path, None));
        assert_eq!((head.status, head.text()), (get.status, String::new()), "HEAD {}", row.path);
    }
    for pattern in coverage::patterns() {
        let path = pattern.replace(['{', '}'], "x");
        let client = stage.set(Caller::AdminToken).client;
        client.send("OPTIONS", &path, None).expect_status(204);
        let allowed = coverage::methods(pattern);
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let answer = client.send(method, &path, Some(&json!({})));
            assert_eq!(answer.status == 405, !allowed.contains(&method), "{method} {pattern}: {}", answer.text());
        }
    }
}
