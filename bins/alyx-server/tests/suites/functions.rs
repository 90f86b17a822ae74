//! Functions: one set of behaviours for every language, through the public endpoint.

use std::{
    thread,
    time::{Duration, Instant},
};

use alyx_testing::{Client, Response, TestServer, Value, json};

const SCHEMA: &str = r#"
version: 1
collections:
  counters:
    fields: {id: {type: string, primary: true}, n: {type: int}}
  closed:
    fields: {id: {type: string, primary: true}}
  notes:
    fields: {id: {type: string, primary: true}, owner: {type: string}}
    rules: {read: "auth.id == doc.owner"}
"#;

/// A language: the end of its files' names, and the two functions that every test calls.
struct Language {
    end: &'static str,
    act: &'static str,
    checked: &'static str,
}

const NODE: Language = Language {
    end: "js",
    act: include_str!("functions/act/act.js"),
    checked: include_str!("functions/act/checked.js"),
};
const PYTHON: Language = Language {
    end: "py",
    act: include_str!("functions/act/act.py"),
    checked: include_str!("functions/act/checked.py"),
};
const GO: Language = Language {
    end: "go",
    act: include_str!("functions/act/act.go"),
    checked: include_str!("functions/act/checked.go"),
};

const OPEN: &str = "timeout: 3s\nenv: {GREETING: 'hej ${NAME:-you}'}\nrules: {invoke: \"true\"}\n";

fn start(language: &Language) -> TestServer {
    let server = TestServer::with_schema(SCHEMA)
        .config(&settings())
        .file(&format!("functions/act.{}", language.end), language.act)
        .file("functions/act.yaml", OPEN)
        .file(&format!("functions/checked.{}", language.end), language.checked)
        .file("functions/checked.yaml", OPEN)
        .variable("SECRET_OF_THE_SERVER", "hunter2 hunter2")
        .start();
    until_ready(&server, "act");
    until_ready(&server, "checked");
    server.admin().post("/api/collections/counters", &json!({"id": "a", "n": 0})).expect_status(201);
    server
}

/// Workers as processes, or in the containers of an engine where `cargo xtask test-containers` has started one.
fn settings() -> String {
    let Ok(engine) = std::env::var("ALYX_TEST_ENGINE") else {
        return "functions: {mode: process, start_timeout: 120s}".to_owned();
    };
    let image = |name: &str| std::env::var(name).expect("test-containers makes the images");
    format!(
        "functions:\n  mode: container\n  engine: {engine}\n  start_timeout: 120s\n  \
         node: {{image: '{}', min_warm: 0}}\n  python: {{image: '{}', min_warm: 0}}\n  go: {{min_warm: 0}}\n",
        image("ALYX_TEST_NODE_IMAGE"),
        image("ALYX_TEST_PYTHON_IMAGE")
    )
}

/// Waits until a function is built.
#[track_caller]
fn until_ready(server: &TestServer, name: &str) {
    let deadline = Instant::now() + Duration::from_secs(180);
    loop {
        let answer = server.admin().get("/api/admin/functions").expect_status(200).json();
        let functions = answer["functions"].as_array().expect("there is a list").clone();
        let found = functions.iter().find(|function| function["name"] == name);
        match found.and_then(|function| function["state"].as_str()) {
            Some("ready") => return,
            Some("broken") => panic!("{name} is broken: {found:?}"),
            _ => assert!(Instant::now() < deadline, "{name} is not ready: {answer}"),
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn act(client: &Client, input: &Value) -> Response {
    client.post("/api/functions/act", input)
}

#[track_caller]
fn output(client: &Client, input: &Value) -> Value {
    act(client, input).expect_status(200).json()["output"].clone()
}

#[track_caller]
fn check_refused(client: &Client, input: &Value, (status, code): (u16, &str)) -> Response {
    let answer = act(client, input).expect_status(status);
    assert_eq!(answer.error_code(), code, "{input}");
    answer
}

fn check_answers(language: &Language) {
    let server = start(language);
    let client = server.client();
    let value = json!({"text": "é😀\u{0}\"\\", "list": [1, 2.5, null, true], "nested": {"a": {"b": []}}});
    let answer = act(&client, &json!({"do": "echo", "value": value})).expect_status(200).json();
    assert_eq!((&answer["output"], &answer["success"]), (&value, &json!(true)));
    assert!(answer["request_id"].is_string() && answer["duration_ms"].is_number() && answer.get("logs").is_none());
    assert_eq!(output(&client, &json!({"do": "bytes"})), "AP8Q");
    assert_eq!(output(&client, &json!({"do": "sleep", "ms": 1})), Value::Null);

    let refused = check_refused(&client, &json!({"do": "refuse"}), (418, "TEAPOT")).json();
    assert_eq!((&refused["error"], &refused["details"]["spout"]), (&json!("short and stout"), &json!(1)));
    let failed = check_refused(&client, &json!({"do": "fail"}), (500, "FUNCTION_ERROR")).json();
    assert_eq!(failed["error"], "it broke");
    assert!(failed.get("stack").is_none());

    let checked = client.post("/api/functions/checked", &json!({"title": "abcdef", "tag": 1})).expect_status(400);
    assert_eq!(checked.error_code(), "VALIDATION_ERROR");
    let faults: Vec<Value> = checked.json()["details"].as_array().expect("there are details").clone();
    let faults: Vec<(&str, &str)> = faults
        .iter()
        .map(|fault| (fault["field"].as_str().unwrap_or("-"), fault["code"].as_str().unwrap_or("-")))
        .collect();
    assert_eq!(faults, [("title", "TOO_LONG"), ("tag", "UNKNOWN_FIELD")]);
    let fits = client.post("/api/functions/checked", &json!({"title": "abc"})).expect_status(200).json();
    assert_eq!(fits["output"], json!({"length": 3}));
}

fn check_logs_and_environment(language: &Language) {
    let server = start(language);
    let admin = server.admin();
    let printed = act(&admin, &json!({"do": "print", "lines": ["one", "två 😀"]})).expect_status(200).json();
    let logs: Vec<(String, String)> = printed["logs"]
        .as_array()
        .expect("there are logs")
        .iter()
        .map(|entry| {
            let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
            (text("level"), text("message"))
        })
        .collect();
    for expected in [("info", "one"), ("info", "två 😀"), ("error", "and this")] {
        assert!(logs.iter().any(|(level, message)| (level.as_str(), message.as_str()) == expected), "{logs:?}");
    }
    let environment = output(&admin, &json!({"do": "environment"}));
    assert_eq!(environment["own"], json!({"GREETING": "hej you"}));
    assert_eq!(environment["all"]["GREETING"], "hej you");
    let text = environment.to_string();
    for secret in ["hunter2", "SECRET_OF_THE_SERVER", "ALYX_"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert_eq!(output(&server.client(), &json!({"do": "who"})), Value::Null);
    assert_eq!(output(&admin, &json!({"do": "who"}))["role"], "admin");

    let calls = admin.get("/api/admin/executions?function=act&limit=10").expect_status(200).json();
    let newest = &calls["executions"][0];
    assert_eq!(
        (&newest["function"], &newest["status"], &newest["caller"]["kind"]),
        (&json!("act"), &json!(200), &json!("admin_token"))
    );
    let logged = calls["executions"].as_array().expect("there are calls").last().expect("there is a first").clone();
    assert_eq!(logged["logs"][0]["message"], "one");
}

fn check_calls_back(language: &Language) {
    let server = start(language);
    let client = server.client();
    let inner = json!({"do": "echo", "value": "deep"});
    assert_eq!(output(&client, &json!({"do": "call", "name": "act", "input": inner})), "deep");
    let refused = output(&client, &json!({"do": "call_refused", "name": "act", "input": {"do": "refuse"}}));
    assert_eq!(refused, json!({"status": 418, "code": "TEAPOT"}));
    let missing = output(&client, &json!({"do": "call_refused", "name": "nothing", "input": {}}));
    assert_eq!(missing["status"], 404);
    check_refused(&client, &json!({"do": "recurse"}), (508, "RECURSION_LIMIT"));
    assert_eq!(output(&client, &json!({"do": "caller"})), json!({"status": 401, "code": "UNAUTHORIZED"}));

    output(&client, &json!({"do": "keep"}));
    let late = output(&client, &json!({"do": "reuse"}));
    assert_eq!(late, json!({"status": 401, "code": "INVOCATION_ENDED"}));
}

fn check_transactions(language: &Language) {
    let server = start(language);
    let client = server.client();
    assert_eq!(output(&client, &json!({"do": "add"})).as_f64(), Some(1.0));
    assert_eq!(output(&client, &json!({"do": "roll_back"})), json!({"status": 400, "code": "CHANGED_MY_MIND"}));
    assert_eq!(output(&client, &json!({"do": "read"})).as_f64(), Some(1.0));
    // Conflicts are met by trying again: none of these is lost, and those that give up say so.
    let adders: Vec<_> = (0..4)
        .map(|_| {
            let client = server.client();
            thread::spawn(move || act(&client, &json!({"do": "add"})))
        })
        .collect();
    let added = adders
        .into_iter()
        .map(|adder| adder.join().expect("it ends"))
        .map(|answer| match answer.status {
            200 => 1.0,
            _ => {
                assert_eq!((answer.status, answer.error_code().as_str()), (409, "TRANSACTION_CONFLICT"));
                0.0
            }
        })
        .sum::<f64>();
    assert_eq!(output(&client, &json!({"do": "read"})).as_f64(), Some(1.0 + added));
    // Who goes away in the middle leaves nothing, and nobody waits for long.
    check_refused(&client, &json!({"do": "abandon"}), (502, "FUNCTION_CRASHED"));
    assert_eq!(output(&client, &json!({"do": "read"})).as_f64(), Some(1.0 + added));
    output(&client, &json!({"do": "increment"}));
    assert_eq!(output(&client, &json!({"do": "read"})).as_f64(), Some(2.0 + added));
}

/// After whatever a function does to its worker, the next call is served.
fn check_faults(language: &Language) {
    let server = start(language);
    let client = server.client();
    let fine = |client: &Client| assert_eq!(output(client, &json!({"do": "echo", "value": 1})), json!(1));
    check_refused(&client, &json!({"do": "exit"}), (502, "FUNCTION_CRASHED"));
    fine(&client);
    check_refused(&client, &json!({"do": "sleep", "ms": 60000}), (504, "FUNCTION_TIMEOUT"));
    fine(&client);
    check_refused(&client, &json!({"do": "loop"}), (504, "FUNCTION_TIMEOUT"));
    fine(&client);
    check_refused(&client, &json!({"do": "allocate"}), (502, "OUT_OF_MEMORY"));
    fine(&client);
    let large = act(&client, &json!({"do": "large"}));
    assert!(matches!(large.status, 502 | 504), "{}", large.text());
    fine(&client);
    let flood = act(&client, &json!({"do": "flood"}));
    assert!(matches!(flood.status, 200 | 504), "{}", flood.text());
    fine(&client);
    let fork = act(&client, &json!({"do": "fork"}));
    assert!(matches!(fork.status, 200 | 500 | 502 | 504), "{}", fork.text());
    fine(&client);
}

macro_rules! in_every_language {
    ($($language:ident $module:ident),+) => {$(
        mod $module {
            #[test]
            fn functions_answer_and_refuse() {
                super::check_answers(&super::$language);
            }

            #[test]
            fn what_is_printed_is_logged_and_the_environment_is_clean() {
                super::check_logs_and_environment(&super::$language);
            }

            #[test]
            fn functions_call_back_as_long_as_they_run() {
                super::check_calls_back(&super::$language);
            }

            #[test]
            fn transactions_are_kept_or_not() {
                super::check_transactions(&super::$language);
            }

            #[test]
            fn ac40_no_fault_of_a_function_reaches_further() {
                super::check_faults(&super::$language);
            }
        }
    )+};
}

in_every_language!(NODE node, PYTHON python, GO go);
