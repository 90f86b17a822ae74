//! The API description and its page.

use std::{collections::BTreeSet, fs, path::Path};

use alyx_testing::{Value, json};

use crate::support::{SCHEMA, TestApp, check_error, parse};

/// Every `$ref` in a document.
fn references(document: &Value, found: &mut BTreeSet<String>) {
    match document {
        Value::Object(entries) => {
            if let Some(target) = entries.get("$ref").and_then(Value::as_str) {
                found.insert(target.to_owned());
            }
            entries.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// Where two documents first differ, and what stands there.
fn difference(left: &Value, right: &Value, path: &str) -> Option<String> {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<_> = a.keys().chain(b.keys()).collect();
            let of =
                |entries: &serde_json::Map<String, Value>, key: &str| entries.get(key).cloned().unwrap_or_default();
            keys.into_iter().find_map(|key| difference(&of(a, key), &of(b, key), &format!("{path}/{key}")))
        }
        _ => (left != right).then(|| format!("{path}: {left} against {right}")),
    }
}

/// Compares with the committed file; `UPDATE_GOLDEN=1` writes it.
#[test]
fn the_description_of_a_blog_is_the_committed_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let schema = parse(&fs::read_to_string(folder.join("blog.schema.yaml")).unwrap());
    let document = alyx_http::openapi::document(&schema, None);
    let path = folder.join("blog.openapi.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, format!("{document:#}\n")).unwrap();
    }
    let committed: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(difference(&committed, &document, ""), None, "stale: run with UPDATE_GOLDEN=1 and read what changed");
}

#[test]
fn the_description_holds_together() {
    let document = alyx_http::openapi::document(&parse(SCHEMA), Some("https://api.example.com"));
    assert_eq!(document["servers"][0]["url"], "https://api.example.com");
    let mut targets = BTreeSet::new();
    references(&document, &mut targets);
    assert!(!targets.is_empty());
    for target in targets {
        assert!(document.pointer(&target[1..]).is_some(), "{target} points at nothing");
    }
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, call) in item.as_object().unwrap().iter().filter(|(method, _)| *method != "parameters") {
            let name = call["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} stands twice");
            let answers = call["responses"].as_object().unwrap();
            assert!(answers.keys().any(|status| matches!(&status[..1], "1" | "2" | "3")), "{method} {path}");
            assert!(answers.contains_key("500"), "{method} {path}");
        }
    }
    assert_eq!(names.len(), 3 * 5 + 54);
}

#[test]
fn internal_fields_are_nowhere() {
    let text = alyx_http::openapi::document(&parse(SCHEMA), None).to_string();
    assert!(!text.contains("hidden"));
}

#[test]
fn bodies_are_typed() {
    let document = alyx_http::openapi::document(&parse(SCHEMA), None);
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["notes.create"]["required"], json!(["title"]));
    assert_eq!(
        schemas["notes.create"]["properties"]["title"],
        json!({"type": "string", "minLength": 1, "maxLength": 20})
    );
    assert_eq!(schemas["notes.create"]["properties"]["slug"], json!({"type": ["string", "null"]}));
    assert_eq!(schemas["notes.update"]["properties"].get("id"), None);
    assert_eq!(document["paths"]["/api/collections/secrets"]["get"]["security"], json!([{"bearer": []}]));
    assert_eq!(document["paths"]["/api/collections/notes"]["get"]["security"], json!([{}, {"bearer": []}]));
}

#[test]
fn description_and_page_are_served_and_can_be_switched_off() {
    let app = TestApp::start();
    let served = app.anyone().get("/api/openapi.json").expect_status(200).json();
    assert_eq!(served, alyx_http::openapi::document(&parse(SCHEMA), None));
    let page = app.anyone().get("/api/docs").expect_status(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
    let off = TestApp::with(|options| options.docs = false);
    check_error(off.anyone().get("/api/openapi.json"), 404, "NOT_FOUND");
    check_error(off.anyone().get("/api/docs"), 404, "NOT_FOUND");
}

#[test]
fn the_page_asks_no_other_host() {
    let app = TestApp::start();
    let page = app.anyone().get("/api/docs").text();
    let foreign = page.matches("http").count() - page.matches("http://www.w3.org/2000/svg").count();
    let examples = page.matches("https://example.com").count();
    assert_eq!(foreign, examples, "the page names another host");
}
