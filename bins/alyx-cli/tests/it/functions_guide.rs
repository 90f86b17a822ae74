//! The guide to functions, followed word by word: its files are written, its calls are made.

use std::{fs, process::Command};

use alyx_testing::{ADMIN_TOKEN, TestProject, TestServer, Value};

use crate::repository;

/// What the guide asks for, in its order.
enum Step {
    File(String, String),
    Call(String),
}

/// Blocks of code; one that follows a line ending in a file's name and a colon is that file.
fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = page.lines();
    let mut named: Option<String> = None;
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match (named.take(), kind) {
                (Some(file), _) => steps.push(Step::File(file, block.join("\n") + "\n")),
                (None, "sh") => steps.extend(block.iter().map(|line| Step::Call((*line).to_owned()))),
                _ => {}
            }
        } else if !line.is_empty() {
            let file = line.strip_suffix("`:").and_then(|line| line.rsplit_once('`')).map(|(_, file)| file.to_owned());
            named = file.filter(|file| file.starts_with("functions/"));
        }
    }
    steps
}

#[test]
fn the_guide_to_functions_does_what_it_says() {
    let project = TestProject::copy_of(&repository().join("examples/blog"));
    fs::remove_dir_all(project.file("functions")).expect("the blog has functions");
    let page = fs::read_to_string(repository().join("docs/functions-guide.md")).expect("the guide is there");
    let steps = steps(&page);
    for step in &steps {
        if let Step::File(name, text) = step {
            project.write(name, text);
        }
    }
    let server = TestServer::with_project(project).config("functions: {start_timeout: 120s}").dev().start();
    let calls: Vec<&String> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Call(line) => Some(line),
            Step::File(..) => None,
        })
        .collect();
    assert_eq!((calls.len(), steps.len() - calls.len()), (6, 6), "the guide has other steps than the test knows");
    for call in calls {
        let typed = call.replace("127.0.0.1:8090", &server.address().to_string());
        let typed =
            typed.replacen("curl ", "curl -sS --fail-with-body --retry 20 --retry-all-errors --retry-delay 1 ", 1);
        let output =
            Command::new("bash").args(["-c", &typed]).env("TOKEN", ADMIN_TOKEN).output().expect("bash is there");
        let answer = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{call}\n{answer}{}", String::from_utf8_lossy(&output.stderr));
        let answer: Value = serde_json::from_str(&answer).expect("it is JSON");
        check(call, &answer);
    }
    for arguments in [&["functions", "list"][..], &["functions", "invoke", "hello", r#"{"name": "Ann"}"#]] {
        let url = format!("http://{}", server.address());
        let finished = Command::new(alyx_testing::binary("alyx-cli"))
            .args(arguments)
            .args(["--url", &url, "--token", ADMIN_TOKEN])
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&finished.stdout);
        assert!(finished.status.success() && said.contains("ello"), "{said}");
    }
}

/// What each call is shown to bring.
fn check(call: &str, answer: &Value) {
    let output = &answer["output"];
    let name = call.split("/api/").nth(1).unwrap_or_default();
    match name.split([' ', '?']).next().unwrap_or_default() {
        "functions/hello" => assert_eq!(output["text"], "Hello, Ann!"),
        "functions/hello_python" => assert_eq!(output["text"], "Hello, Bo!"),
        "functions/helloGo" => assert_eq!(output["text"], "Hello, Cy!"),
        "functions/latest" => {
            assert_eq!(output["docs"].as_array().map(Vec::len), Some(2));
            assert!(output["total"].as_u64() > Some(2) && output["accounts"].as_u64() > Some(2), "{answer}");
        }
        "functions/renamePosts" => assert_eq!(output, &Value::from(2)),
        _ => assert_eq!(answer["executions"][0]["logs"][0]["message"], "somebody says hello", "{answer}"),
    }
}
