//! The `curl` lines of README and the API reference, run against the served example.

use std::process::Command;

use alyx_testing::{ADMIN_TOKEN, TestProject, TestServer, Value};

use crate::repository;

/// The shell blocks of a page that call the server, as they would be typed.
fn blocks(page: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line == "```sh" || line == "```console" {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let typed: Vec<&str> = block.iter().map(|line| line.strip_prefix("$ ").unwrap_or(line)).collect();
            blocks.extend(typed[0].starts_with("curl ").then(|| typed.join("\n")));
        }
    }
    blocks
}

#[track_caller]
fn check(page: &str, at_least: usize) {
    let server = TestServer::with_project(TestProject::copy_of(&repository().join("examples/blog"))).dev().start();
    let text = std::fs::read_to_string(repository().join(page)).unwrap();
    let blocks = blocks(&text);
    assert!(blocks.len() >= at_least, "{page}: only {} blocks were found", blocks.len());
    for block in blocks {
        let typed = block.replace("127.0.0.1:8090", &server.address().to_string());
        let script = format!("set -eu\ncurl() {{ command curl -sS --fail-with-body \"$@\"; echo; }}\n{typed}");
        let output = Command::new("bash").args(["-c", &script]).env("TOKEN", ADMIN_TOKEN).output().unwrap();
        let (answers, faults) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{page}: {block}\n{answers}{faults}");
        for answer in answers.lines() {
            let answer: Value = serde_json::from_str(answer).unwrap();
            assert_ne!(answer["total"], Value::from(0), "{page}: {block}\nfinds nothing");
        }
    }
}

#[test]
fn every_request_of_the_readme_is_answered() {
    check("README.md", 2);
}

#[test]
fn every_request_of_the_api_reference_is_answered() {
    check("docs/api-reference.md", 5);
}
