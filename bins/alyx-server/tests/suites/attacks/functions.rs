//! Functions: hostile names and bodies, forged tokens, and what must not be told.

use alyx_testing::{ADMIN_TOKEN, TestServer, json};

const SCHEMA: &str =
    "version: 1\ncollections: {notes: {fields: {id: {type: string, primary: true}}, rules: {read: \"true\"}}}";
const TOLD: &str = "export default (input, ctx) => {\n  if (input.fail) throw new Error(\"it broke\");\n  return { knows: typeof ctx.env.API_KEY };\n};\n";
const KEY: &str = "sk-0123456789-not-to-be-told";

fn start() -> TestServer {
    TestServer::with_schema(SCHEMA)
        .config("functions: {mode: process}\nlogging: {level: debug}")
        .file("functions/told.js", TOLD)
        .file("functions/told.yaml", "env: {API_KEY: '${THE_KEY}'}\nrules: {invoke: \"true\"}\n")
        .file("functions/closed.js", "export default () => 1;\n")
        .variable("THE_KEY", KEY)
        .start()
}

#[test]
fn ac28_no_forged_token_opens_the_internal_api() {
    let server = start();
    let long = "a".repeat(4000);
    for token in ["a", "null", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ADMIN_TOKEN, &long] {
        let client = server.client().with_token(token);
        for path in ["db/query", "db/exec", "db/tx", "functions/told"] {
            let body = json!({"collection": "notes", "as": "system", "action": "begin", "input": {}});
            let answer = client.post(&format!("/internal/v1/{path}"), &body).expect_status(401);
            assert_eq!(answer.error_code(), "INVOCATION_ENDED", "{token}: {path}");
        }
    }
    server.client().post("/internal/v1/db/query", &json!({})).expect_status(401);
}

#[test]
fn ac32_no_name_and_no_body_of_a_function_hurts_the_server() {
    let server = start();
    let client = server.client();
    for name in [
        "..",
        "%2e%2e",
        "..%2f..%2fetc%2fpasswd",
        "told.js",
        "told%00",
        "__proto__",
        "constructor",
        "_shared",
        "%ff",
        "told%0d%0aX: y",
        "TOLD",
        "told%20",
        "%F0%9F%98%80",
    ] {
        let answer = client.post(&format!("/api/functions/{name}"), &json!({}));
        assert!((400..500).contains(&answer.status), "{name}: {} {}", answer.status, answer.text());
        let _ = answer.error_code();
    }
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [b"{" as &[u8], b"\"\xff\"", b"{\"a\":1,\"a\":2}", deep.as_bytes(), b"nul"] {
        let headers = [("content-type", "application/json")];
        let answer = client.try_send_bytes("POST", "/api/functions/told", &headers, body).expect("the server answers");
        assert!((400..500).contains(&answer.status), "{}", answer.text());
    }
    client.post("/api/functions/told", &json!({"any": "thing"})).expect_status(200);
    client.post("/api/functions/closed", &json!({})).expect_status(401);
}

#[test]
fn ac45_neither_keys_nor_tokens_are_told() {
    let mut server = start();
    let admin = server.admin();
    let knows = admin.post("/api/functions/told", &json!({})).expect_status(200).json();
    assert_eq!(knows["output"]["knows"], "string");
    let failed = server.client().post("/api/functions/told", &json!({"fail": true})).expect_status(500).text();
    let mut told = vec![failed];
    for path in ["functions", "executions", "config", "stats"] {
        told.push(admin.get(&format!("/api/admin/{path}")).expect_status(200).text());
    }
    told.push(admin.get("/metrics").expect_status(200).text());
    server.stop();
    told.push(server.output());
    for text in told {
        for secret in [KEY, ADMIN_TOKEN, "internal_token", "Bearer "] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}
