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

#[test]
fn a_saved_file_is_served_and_a_faulty_one_takes_nothing_down() {
    let project =
        TestProject::with_schema("version: 1\ncollections: {notes: {fields: {id: {type: int, primary: true}}}}");
    project.write("functions/version.js", "export default () => 1;\n");
    project.write("functions/version.yaml", "rules: {invoke: \"true\"}\n");
    project.write("functions/other.js", "export default () => 'other';\n");
    project.write("functions/other.yaml", "rules: {invoke: \"true\"}\n");
    project.write(
        "functions/slow.js",
        "export default () => new Promise((resolve) => setTimeout(() => resolve(1), 2000));\n",
    );
    project.write("functions/slow.yaml", "rules: {invoke: \"true\"}\n");
    let server = TestServer::with_project(project).dev().start();
    let call = |name: &str| server.client().post(&format!("/api/functions/{name}"), &Value::from(0));
    assert_eq!(call("version").expect_status(200).json()["output"], 1);
    std::thread::scope(|scope| {
        // A call that runs ends in the code that it began in.
        let slow = scope.spawn(|| call("slow").expect_status(200).json()["output"].clone());
        until(|| running(&server, "slow") == 1);
        server.project().write("functions/slow.js", "export default () => 2;\n");
        server.project().write("functions/version.js", "export default () => 2;\n");
        until(|| call("version").json()["output"] == 2);
        until(|| call("slow").json()["output"] == 2);
        assert_eq!(slow.join().expect("it ends"), 1);
    });
    server.project().write("functions/version.js", "export default () => {\n");
    until(|| call("version").status == 500);
    assert_eq!(call("version").error_code(), "FUNCTION_BROKEN");
    // It is told once, and nothing is read again and again.
    for _ in 0..50 {
        call("other").expect_status(200);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let output = server.output();
    assert_eq!(output.matches("warning: functions/version.js:").count(), 1, "{output}");
    let listed = server.admin().get("/api/admin/functions").expect_status(200).json();
    let broken = listed["functions"].as_array().expect("a list").iter().find(|function| function["name"] == "version");
    assert_eq!(broken.expect("it is listed")["faults"][0]["file"], "functions/version.js");
    assert_eq!(call("other").expect_status(200).json()["output"], "other");
    server.project().write("functions/version.js", "export default () => 3;\n");
    until(|| call("version").json()["output"] == 3);
    fs::remove_file(server.project().file("functions/version.js")).expect("it is there");
    until(|| call("version").status == 404);
}

/// Calls of a function that run now.
fn running(server: &TestServer, name: &str) -> u64 {
    let listed = server.admin().get("/api/admin/functions").expect_status(200).json();
    let functions = listed["functions"].as_array().expect("a list");
    let found = functions.iter().find(|function| function["name"] == name);
    found.and_then(|function| function["workers"]["running"].as_u64()).unwrap_or_default()
}

#[track_caller]
fn until(mut holds: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "it does not come");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
